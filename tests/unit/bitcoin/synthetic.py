"""Candles made up for tests: volatility clusters, and a planted reversal of the last bar."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.candles import CandleInterval, CandleSeries

HOUR_MS = 3_600_000
FIRST_OPEN_MS = 473_352 * HOUR_MS  # 2024-01-01, in the middle of a block of features


def synthetic_candles(bars: int, *, seed: int, reversal: float = 0.15) -> CandleSeries:
    """Return hourly candles with ``r[t] = -reversal · r[t-1] + sigma[t] · noise``."""
    random = np.random.default_rng(seed)
    sigma = 0.005 * np.exp(_autoregressive(random.normal(0, 0.1, bars), 0.97))
    log_close = np.log(40_000) + np.cumsum(_autoregressive(sigma * random.normal(size=bars), -reversal))
    log_open = np.concatenate([[np.log(40_000)], log_close[:-1]])
    above, below = np.abs(random.normal(0, 0.5, (2, bars))) * sigma
    return CandleSeries(
        interval=CandleInterval.ONE_HOUR,
        open_time_ms=FIRST_OPEN_MS + HOUR_MS * np.arange(bars, dtype=np.int64),
        open=np.exp(log_open),
        high=np.exp(np.maximum(log_open, log_close) + above),
        low=np.exp(np.minimum(log_open, log_close) - below),
        close=np.exp(log_close),
        volume=1_000 * (sigma / 0.005) * np.exp(random.normal(0, 0.5, bars)),
    )


def without(series: CandleSeries, places: Sequence[int]) -> CandleSeries:
    """Return the candles but those at ``places``, as after an outage."""
    return replace(
        series, **{name: np.delete(values, places) for name, values in vars(series).items() if name != "interval"}
    )


def _autoregressive(noise: NDArray[np.float64], coefficient: float) -> NDArray[np.float64]:
    values = noise.copy()
    for place in range(1, len(values)):
        values[place] += coefficient * values[place - 1]
    return values
