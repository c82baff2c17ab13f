"""Whole candles around generated closing prices: open, high, low, volumes and trades that fit together."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from tests.simulators.candles import Candles
from tests.simulators.outages import Disruptions
from tests.simulators.returns import ReturnChunk

_TICK = 0.01
_HOURLY_VOLATILITY = 0.0065
_HOURLY_VOLUME = 1_500.0
_OPEN_SLIP_SHARE, _OPEN_SLIP = 0.1, 1e-4
_WICK = 0.45
_BASE_PER_TRADE = 0.06


def dress(
    chunk: ReturnChunk,
    open_time_ms: NDArray[np.int64],
    faults: Disruptions,
    rng: np.random.Generator,
    *,
    close_before: float,
    bar_hours: float,
) -> Candles:
    """Return one candle for each bar of ``chunk``, the missing ones included.

    The open is the close before, now and then a little off; wicks grow with sigma; volume follows sigma and the size of
    the move. An idle candle repeats the close before it and has no volume.

    Args:
        chunk: Closing prices and volatilities.
        open_time_ms: Shape ``(n,)``: opening times of the bars.
        faults: What the outages do to the bars.
        rng: The chunk's own generator.
        close_before: Close of the bar before the chunk.
        bar_hours: Length of a bar in hours.
    """
    close = _hold_idle(_to_tick(np.exp(chunk.log_close)), faults.idle, close_before)
    previous = np.concatenate([[close_before], close[:-1]])
    open_ = _opens(previous, rng)
    wick = chunk.sigma * _WICK * rng.exponential(size=(2, len(close)))
    high = _to_tick(np.maximum(open_, close) * (1 + wick[0]))
    low = np.maximum(_to_tick(np.minimum(open_, close) * (1 - np.minimum(wick[1], 0.5))), _TICK)
    activity = chunk.sigma / (_HOURLY_VOLATILITY * np.sqrt(bar_hours))
    move = np.abs(np.log(close / open_)) / chunk.sigma
    noise = np.exp(0.45 * rng.standard_normal(len(close)))
    volume = np.round(_HOURLY_VOLUME * bar_hours * activity * (0.6 + 0.4 * move) * noise, 6)
    for column in (open_, high, low):
        column[faults.idle] = close[faults.idle]
    volume[faults.idle] = 0.0
    return _with_trades(
        Candles(open_time_ms, open_, high, low, close, volume, faults.close_time_ms, *([volume] * 4)),
        size_noise=np.exp(0.3 * rng.standard_normal(len(close))),
        taker_share=rng.beta(40, 40, len(close)),
    )


def complete(candles: Candles, *, seed: int) -> Candles:
    """Return ``candles`` with quote volume, trades and taker volumes derived from their prices and volumes."""
    rng = np.random.default_rng(seed)
    size_noise = np.exp(0.3 * rng.standard_normal(len(candles)))
    return _with_trades(candles, size_noise=size_noise, taker_share=rng.beta(40, 40, len(candles)))


def _with_trades(candles: Candles, *, size_noise: NDArray[np.float64], taker_share: NDArray[np.float64]) -> Candles:
    """Return ``candles`` with the four derived columns; the mean price lies between low and high."""
    mean_price = (candles.open + candles.high + candles.low + candles.close) / 4
    traded = candles.volume > 0
    trades = np.maximum(np.rint(candles.volume / (_BASE_PER_TRADE * size_noise)), 1) * traded
    taker_base = np.round(candles.volume * taker_share, 6)
    return replace(
        candles,
        quote_volume=np.round(candles.volume * mean_price, 8),
        trades=trades.astype(np.int64),
        taker_base_volume=taker_base,
        taker_quote_volume=np.round(taker_base * mean_price, 8),
    )


def _to_tick(price: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.maximum(np.round(price, 2), _TICK)


def _hold_idle(close: NDArray[np.float64], idle: NDArray[np.bool_], close_before: float) -> NDArray[np.float64]:
    """Return the closes, with that of each idle bar replaced by the close before it."""
    for position in np.flatnonzero(idle):
        close[position] = close[position - 1] if position else close_before
    return close


def _opens(previous: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    slips = rng.random(len(previous)) < _OPEN_SLIP_SHARE
    slip = rng.uniform(-_OPEN_SLIP, _OPEN_SLIP, len(previous))
    return _to_tick(previous * (1 + slip * slips))
