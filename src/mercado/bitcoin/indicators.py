"""The feature columns of one stretch of bars, by TA-Lib and plain arithmetic.

Everything here is causal, and no value depends on where it stands in its array: logarithms are TA-Lib's, which calls
the C library once per value (NumPy's vectorised ones may round an array's tail differently); hours and days are looked
up; running sums are TA-Lib's. So a row is the same bit for bit whether or not later bars are in the input.

Prices are divided by the stretch's first close, and volumes by the largest of its warm-up, because TA-Lib compares with
absolute constants (MFI is 0 below a money flow of 1.0): a coin at 0.00001 gets the features of one at 100,000. A bar
whose high equals its low, and a stretch without trading, give 0 where a quotient would be 0/0.
"""

from typing import Final

import numpy as np
import talib
from numpy.typing import NDArray

from mercado.bitcoin.candles import CandleSeries

Column = NDArray[np.float64]
Columns = dict[str, Column]

_HOUR_MS: Final = 3_600_000
_MONEY_FLOW_UNITS: Final = 1e6  # far above TA-Lib's constant 1.0, far below where float64 loses cents
_NOISE: Final = 1e-9  # a spread below this share of the level is rounding, not a spread
_LEAST_VOLUME: Final = 1e-12  # below any exchange's lot size
_Z_LIMIT: Final = 10.0
_HOUR_ANGLE: Final = 2 * np.pi * np.arange(24) / 24
_DAY_ANGLE: Final = 2 * np.pi * np.arange(7) / 7


def feature_columns(bars: CandleSeries, *, warm_up_bars: int) -> Columns:
    """Return every feature of every bar, by name.

    Args:
        bars: On the regular grid; price > 0; its first ``warm_up_bars`` bars are only warm-up.
        warm_up_bars: Bars whose largest volume is the unit of volume, so that later bars do not change it.

    Returns:
        Columns of shape ``(n,)``, dimensionless; NaN in the first places, as many as the look-back.
    """
    unit = bars.close[0]
    open_, high, low, close = bars.open / unit, bars.high / unit, bars.low / unit, bars.close / unit
    largest = bars.volume[:warm_up_bars].max()
    volume = bars.volume / (largest if largest > _LEAST_VOLUME else 1.0)
    log_close = talib.LN(close)
    return (
        _returns(log_close)
        | _volatilities(log_close)
        | _oscillators(high, low, close)
        | _averages(close)
        | _volumes(high, low, close, volume)
        | _shape(open_, high, low, close)
        | _calendar(bars.open_time_ms)
    )


def _returns(log_close: Column) -> Columns:
    single = _change(log_close, bars=1)
    lags = {f"return_lag_{lag}": _lagged(single, bars=lag) for lag in range(6)}
    return lags | {f"momentum_{bars}": _change(log_close, bars=bars) for bars in (6, 12, 24, 72)}


def _volatilities(log_close: Column) -> Columns:
    single = _change(log_close, bars=1)
    single[0] = 0.0
    short, long = talib.STDDEV(single, 12), talib.STDDEV(single, 168)
    return {
        "volatility_12": short,
        "volatility_168": long,
        "volatility_ratio": _ratio(short, long),
        "return_in_volatilities": np.clip(_ratio(single, long), -_Z_LIMIT, _Z_LIMIT),
    }


def _oscillators(high: Column, low: Column, close: Column) -> Columns:
    slow_k, _ = talib.STOCH(high, low, close, 14, 3, 0, 3, 0)
    return {
        "rsi_14": talib.RSI(close, 14) / 100,
        "atr_14": talib.ATR(high, low, close, 14) / close,
        "adx_14": talib.ADX(high, low, close, 14) / 100,
        "cci_20": talib.CCI(high, low, close, 20) / 100,
        "willr_14": talib.WILLR(high, low, close, 14) / 100,
        "stochastic_k": slow_k / 100,
    }


def _averages(close: Column) -> Columns:
    mean, spread = talib.SMA(close, 20), talib.STDDEV(close, 20)
    distances = {f"ema_distance_{span}": close / talib.EMA(close, span) - 1 for span in (10, 50)}
    return distances | {
        "macd_histogram": talib.MACD(close, 12, 26, 9)[2] / close,
        "bollinger_position": _z_score(close, mean, spread) / 2,
    }


def _volumes(high: Column, low: Column, close: Column, volume: Column) -> Columns:
    mean, spread = talib.SMA(volume, 48), talib.STDDEV(volume, 48)
    return {
        "volume_z_48": _z_score(volume, mean, spread),
        "mfi_14": talib.MFI(high, low, close, volume * _MONEY_FLOW_UNITS, 14) / 100,
    }


def _shape(open_: Column, high: Column, low: Column, close: Column) -> Columns:
    height = high - low
    return {
        "candle_body": _ratio(close - open_, height),
        "close_location": _ratio((close - low) - (high - close), height),
    }


def _calendar(open_time_ms: NDArray[np.int64]) -> Columns:
    hour = open_time_ms // _HOUR_MS
    day = hour // 24
    return {
        "hour_sin": np.sin(_HOUR_ANGLE)[hour % 24],
        "hour_cos": np.cos(_HOUR_ANGLE)[hour % 24],
        "day_sin": np.sin(_DAY_ANGLE)[(day + 3) % 7],  # 1970-01-01 was a Thursday, Monday is 0
        "day_cos": np.cos(_DAY_ANGLE)[(day + 3) % 7],
    }


def _change(values: Column, *, bars: int) -> Column:
    result = np.full_like(values, np.nan)
    result[bars:] = values[bars:] - values[:-bars]
    return result


def _lagged(values: Column, *, bars: int) -> Column:
    result = np.full_like(values, np.nan)
    result[bars:] = values[: len(values) - bars]
    return result


def _ratio(numerator: Column, denominator: Column) -> Column:
    """Return the quotient, and 0 where the denominator is 0."""
    safe = np.where(denominator == 0, 1.0, denominator)
    return np.where(denominator == 0, 0.0, numerator / safe)


def _z_score(values: Column, mean: Column, spread: Column) -> Column:
    """Return (value - mean) / spread within ±10, and 0 where the spread is only rounding."""
    real = np.where(spread <= _NOISE * np.abs(mean), 0.0, spread)
    return np.clip(_ratio(values - mean, real), -_Z_LIMIT, _Z_LIMIT)
