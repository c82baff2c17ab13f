"""The floor: TA-Lib's calls that the features make, each once over the whole history, and nothing done with them."""

from functools import partial
from typing import Any

import numpy as np
import talib

from mercado.bitcoin.grid import Grid


def talib_calls(grid: Grid) -> "list[partial[Any]]":
    """Return the calls, ready to be made."""
    bars = grid.series
    prices, close, volume = (bars.high, bars.low, bars.close), bars.close, bars.volume
    returns = np.diff(np.log(close), prepend=np.log(close[0]))
    return [
        partial(talib.LN, close),
        partial(talib.STDDEV, returns, 12),
        partial(talib.STDDEV, returns, 168),
        partial(talib.RSI, close, 14),
        partial(talib.ATR, *prices, 14),
        partial(talib.ADX, *prices, 14),
        partial(talib.CCI, *prices, 20),
        partial(talib.WILLR, *prices, 14),
        partial(talib.STOCH, *prices, 14, 3, 0, 3, 0),
        partial(talib.EMA, close, 10),
        partial(talib.EMA, close, 50),
        partial(talib.MACD, close, 12, 26, 9),
        partial(talib.SMA, close, 20),
        partial(talib.STDDEV, close, 20),
        partial(talib.SMA, volume, 48),
        partial(talib.STDDEV, volume, 48),
        partial(talib.MFI, *prices, volume, 14),
    ]
