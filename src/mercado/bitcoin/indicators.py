"""The feature columns of stretches of bars, by TA-Lib and plain arithmetic.

Everything here is causal, and no value depends on where it stands in its array: logarithms are TA-Lib's, which calls
the C library once per value (NumPy's vectorised ones may round an array's tail differently); hours and days are looked
up; running sums are TA-Lib's. So a row is the same bit for bit whether or not later bars, or other stretches, are in
the input.

Prices are divided by the stretch's first close, and volumes by the largest of its warm-up, because TA-Lib compares with
absolute constants (MFI is 0 below a money flow of 1.0): a coin at 0.00001 gets the features of one at 100,000. A bar
whose high equals its low, and a stretch without trading, give 0 where a quotient would be 0/0.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

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
_HOUR_SIN, _HOUR_COS = np.sin(_HOUR_ANGLES), np.cos(_HOUR_ANGLES)
_DAY_SIN, _DAY_COS = np.sin(_DAY_ANGLES), np.cos(_DAY_ANGLES)


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


def feature_columns(bars: Stretches, *, warm_up_bars: int) -> Columns:
    """Return every feature of every bar behind the warm-up, by name.

    Args:
        bars: On the regular grid; the first ``warm_up_bars`` bars of each stretch are only warm-up.
        warm_up_bars: At least 170, more than any look-back. Their largest volume is the unit of volume, so that later
            bars do not change it.

    Returns:
        Columns of shape ``(stretches, bars - warm_up_bars)``, dimensionless, finite.
    """
    unit = bars.close[:, :1]
    open_, high, low, close = bars.open / unit, bars.high / unit, bars.low / unit, bars.close / unit
    largest = bars.volume[:, :warm_up_bars].max(axis=1, keepdims=True)
    volume = bars.volume / np.where(largest > _LEAST_VOLUME, largest, 1.0)
    log_close = talib.LN(close.ravel()).reshape(close.shape)
    return (
        _returns(log_close, warm_up_bars)
        | _volatilities(log_close, warm_up_bars)
        | _oscillators(high, low, close, warm_up_bars)
        | _averages(close, warm_up_bars)
        | _volumes(high, low, close, volume, warm_up_bars)
        | _shape(*(prices[:, warm_up_bars:] for prices in (open_, high, low, close)))
        | _calendar(bars.open_time_ms[:, warm_up_bars:])
    )


def _each(indicator: Callable[..., Column], *columns: Column, skip: int, periods: tuple[int, ...] = ()) -> Column:
    """Return an indicator of each stretch by itself: what it remembers must not come from the one before."""
    # Without the wrapper that looks for pandas and polars: with blocks this short it costs as much as the indicator.
    indicator = inspect.unwrap(indicator)
    result = np.empty_like(columns[0])
    for place, stretch in enumerate(zip(*columns, strict=True)):
        result[place] = indicator(*stretch, *periods)
    return result[:, skip:]


def _returns(log_close: Column, skip: int) -> Columns:
    single = _change(log_close, bars=1, skip=skip - 5)
    lags = {f"return_lag_{lag}": single[:, 5 - lag : single.shape[1] - lag] for lag in range(6)}
    return lags | {f"momentum_{bars}": _change(log_close, bars=bars, skip=skip) for bars in (6, 12, 24, 72)}


def _volatilities(log_close: Column, skip: int) -> Columns:
    single = np.zeros_like(log_close)
    single[:, 1:] = _change(log_close, bars=1, skip=1)
    short, long = (_each(talib.STDDEV, single, skip=skip, periods=(bars,)) for bars in (12, 168))
    return {
        "volatility_12": short,
        "volatility_168": long,
        "volatility_ratio": _ratio(short, long),
        "return_in_volatilities": _ratio(single[:, skip:], long).clip(-_Z_LIMIT, _Z_LIMIT),
    }


def _oscillators(high: Column, low: Column, close: Column, skip: int) -> Columns:
    stochastic = inspect.unwrap(talib.STOCH)

    def slow_k(*stretch: Column) -> Column:
        return np.asarray(stochastic(*stretch, 14, 3, 0, 3, 0)[0])

    prices = (high, low, close)
    return {
        "rsi_14": _each(talib.RSI, close, skip=skip, periods=(14,)) / 100,
        "atr_14": _each(talib.ATR, *prices, skip=skip, periods=(14,)) / close[:, skip:],
        "adx_14": _each(talib.ADX, *prices, skip=skip, periods=(14,)) / 100,
        "cci_20": _each(talib.CCI, *prices, skip=skip, periods=(20,)) / 100,
        "willr_14": _each(talib.WILLR, *prices, skip=skip, periods=(14,)) / 100,
        "stochastic_k": _each(slow_k, *prices, skip=skip) / 100,
    }


def _averages(close: Column, skip: int) -> Columns:
    macd = inspect.unwrap(talib.MACD)

    def histogram(stretch: Column) -> Column:
        return np.asarray(macd(stretch, 12, 26, 9)[2])

    now = close[:, skip:]
    mean, spread = (_each(indicator, close, skip=skip, periods=(20,)) for indicator in (talib.SMA, talib.STDDEV))
    return {
        "ema_distance_10": now / _each(talib.EMA, close, skip=skip, periods=(10,)) - 1,
        "ema_distance_50": now / _each(talib.EMA, close, skip=skip, periods=(50,)) - 1,
        "macd_histogram": _each(histogram, close, skip=skip) / now,
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
    of_day, of_week = hour % 24, (hour // 24 + 3) % 7  # 1970-01-01 was a Thursday, Monday is 0
    return {
        "hour_sin": _HOUR_SIN[of_day],
        "hour_cos": _HOUR_COS[of_day],
        "day_sin": _DAY_SIN[of_week],
        "day_cos": _DAY_COS[of_week],
    }


def _change(values: Column, *, bars: int, skip: int) -> Column:
    """Return how much each value from place ``skip`` on is above the one ``bars`` before it."""
    return values[:, skip:] - values[:, skip - bars : values.shape[1] - bars]


def _ratio(numerator: Column, denominator: Column) -> Column:
    """Return the quotient, and 0 where the denominator is 0."""
    return np.divide(numerator, denominator, out=np.zeros_like(numerator), where=denominator != 0)


def _z_score(values: Column, mean: Column, spread: Column) -> Column:
    """Return (value - mean) / spread within ±10, and 0 where the spread is only rounding."""
    real = np.where(spread <= _NOISE * np.abs(mean), 0.0, spread)
    return _ratio(values - mean, real).clip(-_Z_LIMIT, _Z_LIMIT)
