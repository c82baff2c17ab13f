"""The feature columns of stretches of bars, by TA-Lib and plain arithmetic.

Everything here is causal, and no value depends on where it stands in its array: logarithms are TA-Lib's, which calls
the C library once per value (NumPy's vectorised ones may round an array's tail differently); hours and days are looked
up; running sums are TA-Lib's. So a row is the same bit for bit whether or not later bars, or other stretches, are in
the input.

Prices are divided by the stretch's first close, and volumes by the largest of its warm-up, because TA-Lib compares with
absolute constants (MFI is 0 below a money flow of 1.0): a coin at 0.00001 gets the features of one at 100,000. A bar
whose high equals its low, and a stretch without trading, give 0 where a quotient would be 0/0.
"""

import functools
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
import talib
from numpy.typing import NDArray

Column = NDArray[np.float64]
Columns = dict[str, Column]

_HOUR_MS: Final = 3_600_000
_MONEY_FLOW_UNITS: Final = 1e6  # far above TA-Lib's constant 1.0, far below where float64 loses cents
_NOISE: Final = 1e-9  # a spread below this share of the level is rounding, not a spread
_LEAST_VOLUME: Final = 1e-12  # below any exchange's lot size
_Z_LIMIT: Final = 10.0
_HOUR_ANGLES: Final = 2 * np.pi * np.arange(24) / 24
_DAY_ANGLES: Final = 2 * np.pi * np.arange(7) / 7
_WEEKDAYS: Final = (np.arange(7) + 3) % 7  # 1970-01-01 was a Thursday, Monday is 0
_CALENDAR: Final = {
    "hour_sin": np.tile(np.sin(_HOUR_ANGLES), 7),
    "hour_cos": np.tile(np.cos(_HOUR_ANGLES), 7),
    "day_sin": np.repeat(np.sin(_DAY_ANGLES)[_WEEKDAYS], 24),
    "day_cos": np.repeat(np.cos(_DAY_ANGLES)[_WEEKDAYS], 24),
}
# Without the wrapper that looks for pandas and polars: with blocks this short it costs as much as the indicator.
_bare = functools.cache(inspect.unwrap)


@dataclass(frozen=True)
class Stretches:
    """Stretches of consecutive bars of equal length, one below the other; every array has shape ``(stretches, bars)``.

    Attributes:
        open_time_ms: Milliseconds since the epoch, UTC.
        open: Price > 0, likewise ``high``, ``low``, ``close``.
        high: Highest price.
        low: Lowest price.
        close: Last price.
        volume: Traded.
    """

    open_time_ms: NDArray[np.int64]
    open: Column
    high: Column
    low: Column
    close: Column
    volume: Column

    def __len__(self) -> int:
        return len(self.close)

    def __getitem__(self, rows: slice) -> Self:
        """Return the stretches in ``rows``, as views."""
        return type(self)(*(column[rows] for column in vars(self).values()))


def feature_columns(bars: Stretches, *, warm_up_bars: int, skip: int) -> Iterator[tuple[str, Column]]:
    """Yield every feature's name and column, of every bar behind the first ``skip``.

    One after the other, so that the caller need not keep what it has copied: all of them do not fit into the cache.

    Args:
        bars: On the regular grid; the first ``warm_up_bars`` bars of each stretch are only warm-up.
        warm_up_bars: At least 170, more than any look-back. Their largest volume is the unit of volume, so that later
            bars do not change it.
        skip: Bars at the start of each stretch whose features are not wanted, at least ``warm_up_bars``. It changes no
            value: what remembers is computed from the start of the stretch all the same.

    Yields:
        Columns of shape ``(stretches, bars - skip)``, dimensionless, finite.
    """
    unit = bars.close[:, :1]
    high, low, close = bars.high / unit, bars.low / unit, bars.close / unit
    largest = bars.volume[:, :warm_up_bars].max(axis=1, keepdims=True)
    volume = bars.volume / np.where(largest > _LEAST_VOLUME, largest, 1.0)
    log_close = _bare(talib.LN)(close.ravel()).reshape(close.shape)
    yield from _returns(log_close, skip).items()
    yield from _volatilities(log_close, skip).items()
    yield from _oscillators(high, low, close, skip).items()
    yield from _averages(close, skip).items()
    yield from _volumes(high, low, close, volume, skip).items()
    yield from _shape(bars.open[:, skip:] / unit, *(prices[:, skip:] for prices in (high, low, close))).items()
    yield from _calendar(bars.open_time_ms[:, skip:]).items()


def _each(
    indicator: Callable[..., Any],
    *columns: Column,
    skip: int,
    periods: tuple[int, ...] = (),
    output: int | None = None,
) -> Column:
    """Return an indicator of each stretch by itself: what it remembers must not come from the one before.

    Args:
        indicator: TA-Lib's.
        columns: That it reads.
        skip: Bars at the start of each stretch whose values are not wanted.
        periods: Its parameters.
        output: Which of its results, where it has several.
    """
    compute = _bare(indicator)
    result = np.empty(columns[0].shape)
    for place, stretch in enumerate(zip(*columns, strict=True)):
        values = compute(*stretch, *periods)
        result[place] = values if output is None else values[output]
    return result[:, skip:]


def _returns(log_close: Column, skip: int) -> Columns:
    single = _change(log_close, bars=1, skip=skip - 5)
    lags = {f"return_lag_{lag}": single[:, 5 - lag : single.shape[1] - lag] for lag in range(6)}
    return lags | {f"momentum_{bars}": _change(log_close, bars=bars, skip=skip) for bars in (6, 12, 24, 72)}


def _volatilities(log_close: Column, skip: int) -> Columns:
    single = np.empty_like(log_close)
    single[:, 0] = 0.0
    np.subtract(log_close[:, 1:], log_close[:, :-1], out=single[:, 1:])
    short, long = (_each(talib.STDDEV, single, skip=skip, periods=(bars,)) for bars in (12, 168))
    return {
        "volatility_12": short,
        "volatility_168": long,
        "volatility_ratio": _ratio(short, long),
        "return_in_volatilities": _ratio(single[:, skip:], long).clip(-_Z_LIMIT, _Z_LIMIT),
    }


def _oscillators(high: Column, low: Column, close: Column, skip: int) -> Columns:
    prices = (high, low, close)
    return {
        "rsi_14": _each(talib.RSI, close, skip=skip, periods=(14,)) / 100,
        "atr_14": _each(talib.ATR, *prices, skip=skip, periods=(14,)) / close[:, skip:],
        "adx_14": _each(talib.ADX, *prices, skip=skip, periods=(14,)) / 100,
        "cci_20": _window(talib.CCI, *prices, skip=skip, bars=20) / 100,
        "willr_14": _window(talib.WILLR, *prices, skip=skip, bars=14) / 100,
        "stochastic_k": _each(talib.STOCH, *prices, skip=skip, periods=(14, 3, 0, 3, 0), output=0) / 100,
    }


def _window(indicator: Callable[..., Any], *columns: Column, skip: int, bars: int) -> Column:
    """Return an indicator that is computed anew from each window of ``bars``, which need not begin with the stretch.

    It begins a multiple of ``bars`` later: TA-Lib keeps CCI's window in a ring and sums it in the ring's order.
    """
    first = (skip - bars + 1) // bars * bars
    return _each(indicator, *(column[:, first:] for column in columns), skip=skip - first, periods=(bars,))


def _averages(close: Column, skip: int) -> Columns:
    now = close[:, skip:]
    mean, spread = (_each(indicator, close, skip=skip, periods=(20,)) for indicator in (talib.SMA, talib.STDDEV))
    return {
        "ema_distance_10": now / _each(talib.EMA, close, skip=skip, periods=(10,)) - 1,
        "ema_distance_50": now / _each(talib.EMA, close, skip=skip, periods=(50,)) - 1,
        "macd_histogram": _each(talib.MACD, close, skip=skip, periods=(12, 26, 9), output=2) / now,
        "bollinger_position": _z_score(now, mean, spread) / 2,
    }


def _volumes(high: Column, low: Column, close: Column, volume: Column, skip: int) -> Columns:
    mean, spread = (_each(indicator, volume, skip=skip, periods=(48,)) for indicator in (talib.SMA, talib.STDDEV))
    flow = volume * _MONEY_FLOW_UNITS
    return {
        "volume_z_48": _z_score(volume[:, skip:], mean, spread),
        "mfi_14": _each(talib.MFI, high, low, close, flow, skip=skip, periods=(14,)) / 100,
    }


def _shape(open_: Column, high: Column, low: Column, close: Column) -> Columns:
    height = high - low
    return {
        "candle_body": _ratio(close - open_, height),
        "close_location": _ratio((close - low) - (high - close), height),
    }


def _calendar(open_time_ms: NDArray[np.int64]) -> Columns:
    hour = open_time_ms // _HOUR_MS
    of_week = hour - hour // 168 * 168  # since Thursday, 1970-01-01; three times as fast as the remainder
    return {name: values.take(of_week) for name, values in _CALENDAR.items()}


def _change(values: Column, *, bars: int, skip: int) -> Column:
    """Return how much each value from place ``skip`` on is above the one ``bars`` before it."""
    return values[:, skip:] - values[:, skip - bars : values.shape[1] - bars]


def _ratio(numerator: Column, denominator: Column) -> Column:
    """Return the quotient, and 0 where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.zeros(numerator.shape), where=denominator != 0)


def _z_score(values: Column, mean: Column, spread: Column) -> Column:
    """Return (value - mean) / spread within ±10, and 0 where the spread is only rounding."""
    real = spread > _NOISE * np.abs(mean)
    score = np.divide(values - mean, spread, out=np.zeros(values.shape), where=real)
    return score.clip(-_Z_LIMIT, _Z_LIMIT, out=score)
