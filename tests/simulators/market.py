"""The market that the simulator serves: one symbol, its base interval, and the multiples of it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.candles import Candles, CandleSource, Snapshot

_QUOTE_ASSETS = ("USDT", "FDUSD", "USDC", "BUSD", "TUSD", "BTC", "ETH", "EUR")


class Market:
    """One symbol; candles of the source's interval, and aggregates of them on the UTC grid.

    Args:
        symbol: Such as ``BTCUSDT``.
        source: Where its candles come from.
    """

    def __init__(self, symbol: str, source: CandleSource) -> None:
        self.symbol = symbol
        self.source = source
        self._aggregated: dict[CandleInterval, tuple[int, Candles]] = {}

    @property
    def assets(self) -> tuple[str, str]:
        """Return the base and the quote asset."""
        quote = next((asset for asset in _QUOTE_ASSETS if self.symbol.endswith(asset)), self.symbol[-3:])
        return self.symbol.removesuffix(quote), quote

    def offers(self, interval: CandleInterval) -> bool:
        """Return whether the interval is the source's, or a multiple of it."""
        return interval.milliseconds % self.source.interval.milliseconds == 0

    def snapshot(self, interval: CandleInterval, now_ms: int) -> Snapshot:
        """Return the candles of an interval that is on offer, as they stand at ``now_ms``."""
        base = self.source.snapshot(now_ms)
        if interval is self.source.interval:
            return base
        current_ms = now_ms // interval.milliseconds * interval.milliseconds
        settled = int(np.searchsorted(base.closed.open_time_ms, current_ms))
        tail = Candles.concatenate([base.closed[settled:], base.forming])
        forming = aggregate(tail, base_ms=self.source.interval.milliseconds, interval_ms=interval.milliseconds)
        forming.close_time_ms[:] = current_ms + interval.milliseconds - 1
        return Snapshot(self._settled(interval, base.closed[:settled]), forming)

    def _settled(self, interval: CandleInterval, closed: Candles) -> Candles:
        """Return the aggregates of whole buckets, kept until another number of candles is closed."""
        kept = self._aggregated.get(interval)
        if kept is None or kept[0] != len(closed):
            base_ms = self.source.interval.milliseconds
            kept = (len(closed), aggregate(closed, base_ms=base_ms, interval_ms=interval.milliseconds))
            self._aggregated[interval] = kept
        return kept[1]


def aggregate(candles: Candles, *, base_ms: int, interval_ms: int) -> Candles:
    """Return one candle for each bucket of ``interval_ms`` that holds any; buckets start at multiples of it, UTC.

    The close time is the scheduled one, unless an outage cut the bucket's last candle short.
    """
    bucket_ms = candles.open_time_ms // interval_ms * interval_ms
    starts = np.flatnonzero(np.diff(bucket_ms, prepend=-1))
    ends = np.append(starts[1:], len(candles)) - 1 if len(starts) else starts
    open_time_ms = bucket_ms[starts]
    cut_short = candles.close_time_ms[ends] != candles.open_time_ms[ends] + base_ms - 1
    return Candles(
        open_time_ms,
        candles.open[starts],
        _reduce(np.maximum, candles.high, starts),
        _reduce(np.minimum, candles.low, starts),
        candles.close[ends],
        np.round(_reduce(np.add, candles.volume, starts), 6),
        np.where(cut_short, candles.close_time_ms[ends], open_time_ms + interval_ms - 1),
        np.round(_reduce(np.add, candles.quote_volume, starts), 8),
        _reduce(np.add, candles.trades, starts),
        np.round(_reduce(np.add, candles.taker_base_volume, starts), 6),
        np.round(_reduce(np.add, candles.taker_quote_volume, starts), 8),
    )


def _reduce(how: np.ufunc, column: NDArray[Any], starts: NDArray[np.int64]) -> NDArray[Any]:
    return np.asarray(how.reduceat(column, starts)) if len(starts) else column[:0]
