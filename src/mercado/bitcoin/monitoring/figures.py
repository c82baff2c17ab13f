"""How well a model forecast in the last days: live and replayed apart, and unknown where too little is known."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Final, Literal, Self

import numpy as np
import psycopg
from numpy.typing import NDArray
from statsmodels.stats.proportion import proportion_confint

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.metrics import log_loss, return_scores, skill
from mercado.bitcoin.monitoring.rules import MonitoringRules
from mercado.bitcoin.monitoring.truth import PACKAGE
from mercado.registry import ModelVersion
from mercado.warehouse.connection import sql

Kind = Literal["live", "replayed"]
LIVE: Final = "live"
KINDS: Final[tuple[Kind, ...]] = (LIVE, "replayed")
DAY_MS: Final = 86_400_000


@dataclass(frozen=True)
class JudgedForecasts:
    """Forecasts with what came true, oldest first; every array has shape ``(n,)``.

    Attributes:
        model_version: Of each.
        live: Whether it was stored before its candle closed.
        as_of_ms: When the last candle closed that it read, milliseconds since the epoch, UTC.
        target: Log return that came.
        probability_up: Forecast P(target > 0).
        expected: Forecast log return.
        lower: Lower end of the interval of the log return.
        upper: Upper end.
        hit: Whether the direction was the forecast one.
        covered: Whether the close was inside the interval.
    """

    model_version: NDArray[np.int64]
    live: NDArray[np.bool_]
    as_of_ms: NDArray[np.int64]
    target: NDArray[np.float64]
    probability_up: NDArray[np.float64]
    expected: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    hit: NDArray[np.bool_]
    covered: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.target)

    def where(self, rows: NDArray[np.bool_]) -> Self:
        """Return the forecasts in ``rows``."""
        return type(self)(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True)
class Figure:
    """One figure.

    Attributes:
        value: ``None``: unknown, because there are too few rows.
        low: Lower end of its 95 % interval; ``None``: it has none.
        high: Upper end.
    """

    value: float | None
    low: float | None = None
    high: float | None = None


UNKNOWN: Final = Figure(None)


@dataclass(frozen=True)
class Performance:
    """What is known of one version's forecasts in one window, live or replayed ones.

    Attributes:
        model_version: Of the model.
        days: Length of the window.
        kind: ``live`` or ``replayed``.
        row_count: Forecasts that came true or not.
        independent_count: So many they count as, because those of several bars overlap.
        hit_rate: Share of them that named the side.
        promised_hit_rate: What their probabilities promised.
        hit_shortfall: How many standard errors the hits are below the promise; below 0: above it.
        mae_skill: 1 - mean absolute error of the expected return / that of no change.
        log_loss: In nats.
        log_loss_skill: 1 - it / that of the share of rises in training.
        coverage: Share of closes inside the 90 % interval.
        mean_width: Mean width of the interval, as a log return.
    """

    model_version: int
    days: int
    kind: Kind
    row_count: int
    independent_count: float
    hit_rate: Figure = UNKNOWN
    promised_hit_rate: Figure = UNKNOWN
    hit_shortfall: Figure = UNKNOWN
    mae_skill: Figure = UNKNOWN
    log_loss: Figure = UNKNOWN
    log_loss_skill: Figure = UNKNOWN
    coverage: Figure = UNKNOWN
    mean_width: Figure = UNKNOWN

    @property
    def is_known(self) -> bool:
        """Return whether there are rows enough to say anything."""
        return self.hit_rate.value is not None

    def figures(self) -> dict[str, Figure]:
        """Return the figures by name."""
        named = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in named if isinstance(value, Figure)}


def judged_forecasts(
    connection: psycopg.Connection,
    symbol: str,
    interval: CandleInterval,
    version: ModelVersion,
    *,
    trained_before_ms: int,
    start_ms: int,
    end_ms: int,
) -> JudgedForecasts:
    """Return the forecasts of all versions of a model whose candle closed in ``(start_ms, end_ms]``, with the truth.

    Args:
        connection: To the warehouse.
        symbol: Such as ``BTCUSDT``.
        interval: Of the candles.
        version: The champion.
        trained_before_ms: It learned from candles that opened before this instant.
        start_ms: Milliseconds since the epoch, UTC.
        end_ms: Likewise.
    """
    values = {
        "model_name": version.name,
        "model_version": version.version,
        "run_id": version.run_id,
        "symbol": symbol,
        "interval": interval.value,
        "trained_before_ms": trained_before_ms,
        "start_ms": start_ms,
        "end_ms": end_ms,
    }
    rows = connection.execute(sql(PACKAGE, "judged_predictions"), values).fetchall()
    columns = zip(*rows, strict=True) if rows else [()] * 10
    types = (np.int64, np.bool_, np.int64, *[np.float64] * 5, np.bool_, np.bool_)
    return JudgedForecasts(*(np.array(column, dtype=kind) for column, kind in zip(columns, types, strict=True)))


def performances(
    forecasts: JudgedForecasts,
    champion: int,
    windows_days: Sequence[int],
    rules: MonitoringRules,
    *,
    horizon: tuple[int, int],
    end_ms: int,
    share_up: float | None,
) -> list[Performance]:
    """Return what is known, by version, window and kind: of the champion always, of another version where it forecast.

    Args:
        forecasts: Of all versions.
        champion: The version that is served.
        windows_days: Lengths of the windows, which all end at ``end_ms``.
        rules: With the least number of rows.
        horizon: Bars that each forecast looks ahead, and milliseconds of a bar.
        end_ms: Milliseconds since the epoch, UTC.
        share_up: Share of rises in the champion's training; ``None``: unknown, and so is the skill against it.
    """
    bars, bar_ms = horizon
    closed_ms = forecasts.as_of_ms + bars * bar_ms
    found = []
    for version in sorted({champion, *forecasts.model_version.tolist()}, reverse=True):
        for days in windows_days:
            of_window = (forecasts.model_version == version) & (closed_ms > end_ms - days * DAY_MS)
            for kind in KINDS:
                rows = forecasts.where(of_window & (forecasts.live == (kind == LIVE)))
                if len(rows) or version == champion:
                    base = share_up if version == champion else None
                    found.append(_performance(rows, version, days, kind, rules, horizon_bars=bars, share_up=base))
    return found


def decay_alarms(found: Sequence[Performance], champion: int, rules: MonitoringRules) -> list[str]:
    """Return what is wrong with the champion's forecasts, a sentence for each window, kind and rule."""
    known = [each for each in found if each.model_version == champion and each.is_known]
    return [alarm for each in known for alarm in _alarms(each, rules)]


def decay_unknowns(found: Sequence[Performance], champion: int, rules: MonitoringRules) -> list[str]:
    """Return what is not known of the champion's forecasts: one sentence when no window has rows enough."""
    of_champion = [each for each in found if each.model_version == champion]
    if any(each.is_known for each in of_champion):
        return []
    most = max((each.row_count for each in of_champion), default=0)
    return [
        f"How version {champion} forecasts is unknown: {most} of its forecasts can be judged, and fewer than "
        f"{rules.least_rows} without overlap say nothing."
    ]


def _performance(
    rows: JudgedForecasts,
    version: int,
    days: int,
    kind: Kind,
    rules: MonitoringRules,
    *,
    horizon_bars: int,
    share_up: float | None,
) -> Performance:
    count, independent = len(rows), len(rows) / horizon_bars
    if independent < rules.least_rows:
        return Performance(version, days, kind, count, independent)
    up, promised = rows.target > 0, np.maximum(rows.probability_up, 1 - rows.probability_up)
    spread = math.sqrt(float(np.mean(promised * (1 - promised))) / independent)
    loss = log_loss(up, rows.probability_up)
    shortfall = (float(promised.mean()) - float(rows.hit.mean())) / spread if spread > 0 else 0.0
    return Performance(
        model_version=version,
        days=days,
        kind=kind,
        row_count=count,
        independent_count=independent,
        hit_rate=_share(rows.hit, independent),
        promised_hit_rate=Figure(float(promised.mean())),
        hit_shortfall=Figure(shortfall),
        mae_skill=Figure(return_scores(rows.target, rows.expected).mae_skill),
        log_loss=Figure(loss),
        log_loss_skill=UNKNOWN if share_up is None else Figure(skill(loss, log_loss(up, np.full(count, share_up)))),
        coverage=_share(rows.covered, independent),
        mean_width=Figure(float(np.mean(rows.upper - rows.lower))),
    )


def _share(true: NDArray[np.bool_], independent: float) -> Figure:
    """Return a share with its Wilson 95 % interval."""
    share = float(true.mean())
    return Figure(share, *_wilson(share, independent, level=0.05))


def _wilson(share: float, count: float, *, level: float) -> tuple[float, float]:
    low, high = proportion_confint(share * count, count, alpha=level, method="wilson")
    return float(low), float(high)


def _alarms(found: Performance, rules: MonitoringRules) -> Iterator[str]:
    where = f"in {found.days} days, {found.row_count} forecasts ({found.kind})"
    coverage, hits = found.coverage.value or 0.0, found.hit_rate.value or 0.0
    low, high = _wilson(coverage, found.independent_count, level=rules.alarm_level)
    if high < rules.least_coverage or low > rules.greatest_coverage:
        yield (
            f"The 90 % interval held {coverage:.1%} {where}: all of {low:.1%} to {high:.1%} is outside "
            f"{rules.least_coverage:.0%} to {rules.greatest_coverage:.0%}."
        )
    _, high = _wilson(hits, found.independent_count, level=rules.alarm_level)
    if high < rules.least_hit_rate:
        yield f"It named the side of {hits:.1%}, at most {high:.1%}, {where}: a coin does better."
    shortfall = found.hit_shortfall.value or 0.0
    if shortfall > rules.greatest_shortfall:
        yield (
            f"It named the side of {hits:.1%} {where}, where its probabilities promised "
            f"{found.promised_hit_rate.value:.1%}: {shortfall:.1f} standard errors less, more than "
            f"{rules.greatest_shortfall:g}."
        )
