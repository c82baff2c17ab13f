"""The candle: one bar of trading, and series of them as NumPy columns.

Binance calls a candle a kline. Times are milliseconds since the epoch, UTC, as Binance states them (spot-api-docs,
rest-api.md); a candle is named by its open time, and is closed once ``open time + interval <= server time``. Its
stated close time is no guide: an outage truncates it (2018-02-08 00:00 closed at 00:28:14.788).
"""

import hashlib
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mercado.series import CandleInterval

__all__ = ["PRICE_COLUMNS", "CandleInterval", "CandleSeries"]

PRICE_COLUMNS = ("open", "high", "low", "close")


@dataclass(frozen=True)
class CandleSeries:
    """Closed candles of one symbol and interval, oldest first, as columns of equal length ``n``.

    Attributes:
        interval: Length of each candle.
        open_time_ms: Shape ``(n,)``, int64, milliseconds since the epoch, UTC, strictly ascending, multiples of the
            interval. Bars may be missing: `mercado.bitcoin.grid` puts them on the regular grid.
        open: Shape ``(n,)``, float64, price in the quote asset (USDT), > 0. Likewise ``high``, ``low``, ``close``.
        high: Highest price.
        low: Lowest price.
        close: Last price.
        volume: Shape ``(n,)``, float64, in the base asset (BTC), >= 0.
    """

    interval: CandleInterval
    open_time_ms: NDArray[np.int64]
    open: NDArray[np.float64]
    high: NDArray[np.float64]
    low: NDArray[np.float64]
    close: NDArray[np.float64]
    volume: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.open_time_ms)

    @property
    def digest(self) -> str:
        """Return the sha256, hexadecimal, of the interval and the columns' exact bytes."""
        digest = hashlib.sha256(self.interval.encode())
        for column in (self.open_time_ms, self.open, self.high, self.low, self.close, self.volume):
            digest.update(np.ascontiguousarray(column).data)
        return digest.hexdigest()

    def __getitem__(self, rows: slice) -> Self:
        """Return the candles in ``rows``, as views."""
        return type(self)(
            self.interval,
            self.open_time_ms[rows],
            self.open[rows],
            self.high[rows],
            self.low[rows],
            self.close[rows],
            self.volume[rows],
        )
