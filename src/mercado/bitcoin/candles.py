"""The candle: one bar of trading, and series of them as NumPy columns.

Binance calls a candle a kline. Times are milliseconds since the epoch, UTC, as Binance states them (spot-api-docs,
rest-api.md); a candle is named by its open time, and is closed once ``open time + interval <= server time``. Its
stated close time is no guide: an outage truncates it (2018-02-08 00:00 closed at 00:28:14.788).
"""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

_SECOND_MS = 1_000
_MINUTE_MS = 60 * _SECOND_MS
_HOUR_MS = 60 * _MINUTE_MS
_DAY_MS = 24 * _HOUR_MS

PRICE_COLUMNS = ("open", "high", "low", "close")


class CandleInterval(StrEnum):
    """The intervals of fixed length that Binance offers; the value is Binance's own, case-sensitive, spelling.

    The calendar month (``1M``) has no fixed length and is left out.
    """

    ONE_MINUTE = "1m"
    THREE_MINUTES = "3m"
    FIVE_MINUTES = "5m"
    FIFTEEN_MINUTES = "15m"
    THIRTY_MINUTES = "30m"
    ONE_HOUR = "1h"
    TWO_HOURS = "2h"
    FOUR_HOURS = "4h"
    SIX_HOURS = "6h"
    EIGHT_HOURS = "8h"
    TWELVE_HOURS = "12h"
    ONE_DAY = "1d"

    @property
    def milliseconds(self) -> int:
        """Return the interval's length in milliseconds."""
        unit_ms = {"m": _MINUTE_MS, "h": _HOUR_MS, "d": _DAY_MS}[self.value[-1]]
        return int(self.value[:-1]) * unit_ms


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
