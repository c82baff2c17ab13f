"""The plain way to the same features: a DataFrame, ``rolling`` and ``ewm``, once over the whole history."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from mercado.bitcoin.features import FEATURE_NAMES
from mercado.bitcoin.grid import Grid

WILDER = {"alpha": 1 / 14, "adjust": False}


def frame(grid: Grid) -> pd.DataFrame:
    """Return the candles as a DataFrame, indexed by open time, UTC."""
    columns = {name: getattr(grid.series, name) for name in ("open", "high", "low", "close", "volume")}
    return pd.DataFrame(columns, index=pd.to_datetime(grid.series.open_time_ms, unit="ms", utc=True))


def features(candles: pd.DataFrame) -> pd.DataFrame:
    """Return the features of every candle."""
    groups = (returns, volatilities, oscillators, trend, averages, volumes, shape, calendar)
    table = pd.concat([group(candles) for group in groups], axis=1)
    return table[list(FEATURE_NAMES)].astype("float32")


def cci(candles: pd.DataFrame) -> "pd.Series[float]":
    """Return the CCI, whose mean deviation pandas has no function for."""
    typical = typical_price(candles)
    deviation = rolled(typical, 20, lambda window: np.abs(window - window.mean()).mean())
    return (typical - typical.rolling(20).mean()) / (0.015 * deviation)


def rolled(values: "pd.Series[float]", bars: int, function: Callable[[Any], float]) -> "pd.Series[float]":
    return values.rolling(bars).apply(function, raw=True)


def returns(candles: pd.DataFrame) -> pd.DataFrame:
    log_close = np.log(candles["close"])
    lags = {f"return_lag_{lag}": log_close.diff().shift(lag) for lag in range(6)}
    return pd.DataFrame(lags | {f"momentum_{bars}": log_close.diff(bars) for bars in (6, 12, 24, 72)})


def volatilities(candles: pd.DataFrame) -> pd.DataFrame:
    single = np.log(candles["close"]).diff()
    short, long = single.rolling(12).std(ddof=0), single.rolling(168).std(ddof=0)
    return pd.DataFrame(
        {
            "volatility_12": short,
            "volatility_168": long,
            "volatility_ratio": short / long,
            "return_in_volatilities": (single / long).clip(-10, 10),
        }
    )


def oscillators(candles: pd.DataFrame) -> pd.DataFrame:
    high, low, close = candles["high"], candles["low"], candles["close"]
    change = close.diff()
    gain, loss = change.clip(lower=0).ewm(**WILDER).mean(), (-change).clip(lower=0).ewm(**WILDER).mean()
    highest, lowest = high.rolling(14).max(), low.rolling(14).min()
    return pd.DataFrame(
        {
            "rsi_14": gain / (gain + loss),
            "cci_20": cci(candles) / 100,
            "willr_14": (close - highest) / (highest - lowest),
            "stochastic_k": ((close - lowest) / (highest - lowest)).rolling(3).mean(),
        }
    )


def trend(candles: pd.DataFrame) -> pd.DataFrame:
    high, low, close = candles["high"], candles["low"], candles["close"]
    ranges = [high - low, (high - close.shift()).abs(), (low - close.shift()).abs()]
    average_range = pd.concat(ranges, axis=1).max(axis=1).ewm(**WILDER).mean()
    rise, fall = high.diff(), -low.diff()
    plus = rise.where((rise > fall) & (rise > 0), 0.0).ewm(**WILDER).mean()
    minus = fall.where((fall > rise) & (fall > 0), 0.0).ewm(**WILDER).mean()
    directional = ((plus - minus).abs() / (plus + minus)).fillna(0)
    return pd.DataFrame({"atr_14": average_range / close, "adx_14": directional.ewm(**WILDER).mean()})


def averages(candles: pd.DataFrame) -> pd.DataFrame:
    close = candles["close"]
    line = close.ewm(span=12, adjust=False).mean() - close.ewm(span=26, adjust=False).mean()
    window = close.rolling(20)
    distances = {f"ema_distance_{span}": close / close.ewm(span=span, adjust=False).mean() - 1 for span in (10, 50)}
    return pd.DataFrame(
        distances
        | {
            "macd_histogram": (line - line.ewm(span=9, adjust=False).mean()) / close,
            "bollinger_position": ((close - window.mean()) / (2 * window.std(ddof=0))).clip(-5, 5),
        }
    )


def volumes(candles: pd.DataFrame) -> pd.DataFrame:
    volume, typical = candles["volume"], typical_price(candles)
    window, change, flow = volume.rolling(48), typical.diff(), typical * volume
    gained = flow.where(change > 0, 0.0).rolling(14).sum()
    lost = flow.where(change < 0, 0.0).rolling(14).sum()
    return pd.DataFrame(
        {
            "volume_z_48": ((volume - window.mean()) / window.std(ddof=0)).clip(-10, 10),
            "mfi_14": gained / (gained + lost),
        }
    )


def shape(candles: pd.DataFrame) -> pd.DataFrame:
    height = candles["high"] - candles["low"]
    location = (2 * candles["close"] - candles["low"] - candles["high"]) / height
    return pd.DataFrame(
        {
            "candle_body": ((candles["close"] - candles["open"]) / height).fillna(0),
            "close_location": location.fillna(0),
        }
    )


def calendar(candles: pd.DataFrame) -> pd.DataFrame:
    times = pd.DatetimeIndex(candles.index)
    hour, day = 2 * np.pi * times.hour / 24, 2 * np.pi * times.dayofweek / 7
    columns = {"hour_sin": np.sin(hour), "hour_cos": np.cos(hour), "day_sin": np.sin(day), "day_cos": np.cos(day)}
    return pd.DataFrame(columns, index=candles.index)


def typical_price(candles: pd.DataFrame) -> "pd.Series[float]":
    return (candles["high"] + candles["low"] + candles["close"]) / 3
