"""A generated source whose market becomes another one at an instant, so that what was learned before does not hold.

Up to the instant the candles are the inner source's, to the last digit. After it, each candle is made from the inner
source's candles up to its own, never from later ones, so that what is closed never changes.
"""

from dataclasses import replace
from enum import StrEnum

import numpy as np

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.candles import Candles, FloatColumn, Snapshot
from tests.simulators.generated import GeneratedSource
from tests.simulators.returns import REVERSAL_PHI

_TICK = 0.01
_VOLATILITY_FACTOR = 5.0
_VOLUME_DEVIATION = 1.5
_VOLUME = 1_500.0
_SEED = 11


class Drift(StrEnum):
    """How the market changes.

    ``volatility``: returns and wicks are five times as large, about as much as its calmest and its wildest month differ
    before. ``regime``: a bar's return goes on in the next where it was given back before, with the same share; and
    volumes have nothing to do with moves any more: they scatter by a factor of 4.5.
    """

    VOLATILITY = "volatility"
    REGIME = "regime"


class DriftingSource:
    """Candles of another source, changed from an instant on.

    Args:
        inner: The source.
        drift: How they change.
        from_ms: Milliseconds since the epoch; candles that open then or later are changed.
    """

    def __init__(self, inner: GeneratedSource, *, drift: Drift, from_ms: int) -> None:
        self._inner = inner
        self._drift = drift
        self._from_ms = from_ms

    @property
    def interval(self) -> CandleInterval:
        """Return the length of the candles."""
        return self._inner.interval

    @property
    def description(self) -> str:
        """Return the inner source, and the drift."""
        return f"{self._inner.description}; drift={self._drift.value}"

    def snapshot(self, now_ms: int) -> Snapshot:
        """Return the candles as they stand at ``now_ms``."""
        found = self._inner.snapshot(now_ms)
        both = Candles.concatenate([found.closed, found.forming])
        first = int(np.searchsorted(both.open_time_ms, self._from_ms))
        if first in (0, len(both)):  # it has not begun, or there is nothing to begin from
            return found
        changed = Candles.concatenate([both[:first], _changed(both[first - 1 :], self._drift)])
        return Snapshot(changed[: len(found.closed)], changed[len(found.closed) :])


def _changed(candles: Candles, drift: Drift) -> Candles:
    """Return all candles but the first, changed; the price goes on from the first one's close."""
    returns = np.diff(np.log(candles.close))
    before, later = candles[:1], candles[1:]
    stretch = _VOLATILITY_FACTOR if drift is Drift.VOLATILITY else 1.0
    moved = returns * stretch if drift is Drift.VOLATILITY else _continued(returns)
    close = _to_tick(before.close * np.exp(np.cumsum(moved)))
    open_ = _to_tick(np.concatenate([before.close, close[:-1]]) * later.open / candles.close[:-1])
    above, below = np.maximum(open_, close), np.minimum(open_, close)
    high = _to_tick(above * (later.high / np.maximum(later.open, later.close)) ** stretch)
    low = _to_tick(below * (later.low / np.minimum(later.open, later.close)) ** stretch)
    volume = later.volume if drift is Drift.VOLATILITY else _scattered(later.volume)
    changed = replace(
        later, open=open_, high=np.maximum(high, above), low=np.minimum(low, below), close=close, volume=volume
    )
    return _with_trades(changed, later.volume)


def _with_trades(candles: Candles, former_volume: FloatColumn) -> Candles:
    """Return the candles with trades and taker volumes in the same proportion to the volume as before."""
    traded = former_volume > 0
    factor = np.divide(candles.volume, former_volume, out=np.zeros(len(candles)), where=traded)
    mean_price = (candles.open + candles.high + candles.low + candles.close) / 4
    taker = np.round(candles.taker_base_volume * factor, 6)
    return replace(
        candles,
        quote_volume=np.round(candles.volume * mean_price, 8),
        trades=(np.maximum(np.rint(candles.trades * factor), 1) * traded).astype(np.int64),
        taker_base_volume=np.minimum(taker, candles.volume),
        taker_quote_volume=np.round(np.minimum(taker, candles.volume) * mean_price, 8),
    )


def _continued(returns: FloatColumn) -> FloatColumn:
    """Return the returns of the same shocks when each return goes on in the next instead of being given back."""
    shocks = returns + REVERSAL_PHI * np.concatenate([[0.0], returns[:-1]])
    result = shocks.copy()
    for place in range(1, len(result)):
        result[place] += REVERSAL_PHI * result[place - 1]
    return result


def _scattered(volume: FloatColumn) -> FloatColumn:
    noise = np.random.default_rng(_SEED).standard_normal(len(volume))
    scattered = np.exp(_VOLUME_DEVIATION * noise - _VOLUME_DEVIATION**2 / 2) * _VOLUME
    return np.where(volume > 0, np.round(scattered, 6), 0.0)


def _to_tick(price: FloatColumn) -> FloatColumn:
    return np.maximum(np.round(price, 2), _TICK)
