"""What one look at a champion found, and what was decided: the record that is stored, reported and printed."""

from dataclasses import dataclass
from datetime import datetime

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.monitoring.drift import WindowDrift
from mercado.bitcoin.monitoring.figures import JudgedForecasts, Performance
from mercado.bitcoin.monitoring.rules import Decision, MonitoringRules, Verdict
from mercado.registry import ModelVersion, model_name


@dataclass(frozen=True)
class WatchedSeries:
    """Whose champion is watched.

    Attributes:
        symbol: Such as ``BTCUSDT``.
        interval: Of the candles.
        horizon_bars: How many bars ahead it forecasts.
    """

    symbol: str
    interval: CandleInterval
    horizon_bars: int = 1

    @property
    def model_name(self) -> str:
        """Return the name under which its versions are registered."""
        return model_name(self.symbol, self.interval.value, self.horizon_bars)

    def __str__(self) -> str:
        ahead = f", {self.horizon_bars} bars ahead" if self.horizon_bars > 1 else ""
        return f"{self.symbol} {self.interval.value}{ahead}"


@dataclass(frozen=True)
class UnknownTruths:
    """Forecasts of the champion in the longest window that nobody judges.

    Attributes:
        without_truth: The exchange lacks their candle, or it is not stored.
        from_other_candles: They were made from a close that is not the stored one.
    """

    without_truth: int = 0
    from_other_candles: int = 0


@dataclass(frozen=True)
class Finding:
    """A look at a champion.

    Attributes:
        series: Whose champion.
        version: The champion.
        trained_before_ms: It learned from candles that opened before this instant, milliseconds since the epoch, UTC.
        until_ms: When the last candle closed that was looked at.
        looked_at: When, UTC.
        windows: Drift of its input, by window; none when the model has no reference.
        performances: Of its forecasts, and of earlier versions', by version, window and kind.
        forecasts: All that are judged.
        unjudged: Those that are not.
        verdict: On all of that.
        decision: That follows.
        rules: By which it was judged.
    """

    series: WatchedSeries
    version: ModelVersion
    trained_before_ms: int
    until_ms: int
    looked_at: datetime
    windows: tuple[WindowDrift, ...]
    performances: tuple[Performance, ...]
    forecasts: JudgedForecasts
    unjudged: UnknownTruths
    verdict: Verdict
    decision: Decision
    rules: MonitoringRules

    @property
    def longest_window(self) -> WindowDrift | None:
        """Return the drift in the longest window, or ``None`` without a reference."""
        return max(self.windows, key=lambda window: window.days, default=None)
