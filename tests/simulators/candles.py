"""Candles as NumPy columns, and what every source of them offers: a snapshot at an instant."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.candles import CandleInterval

FloatColumn = NDArray[np.float64]
IntColumn = NDArray[np.int64]


@dataclass(frozen=True)
class Candles:
    """Candles, oldest first, as columns of equal length; times in milliseconds since the epoch, UTC.

    Prices and quote volumes are in the quote asset (USDT), volumes in the base asset (BTC); ``close_time_ms`` is the
    last millisecond of the candle, or earlier where an outage cut it short.
    """

    open_time_ms: IntColumn
    open: FloatColumn
    high: FloatColumn
    low: FloatColumn
    close: FloatColumn
    volume: FloatColumn
    close_time_ms: IntColumn
    quote_volume: FloatColumn
    trades: IntColumn
    taker_base_volume: FloatColumn
    taker_quote_volume: FloatColumn

    def __len__(self) -> int:
        return len(self.open_time_ms)

    def __getitem__(self, rows: slice | NDArray[np.bool_]) -> Self:
        """Return the candles in ``rows``; a slice gives views."""
        return type(self)(*(column[rows] for column in self.columns()))

    def columns(self) -> tuple[NDArray[Any], ...]:
        """Return the columns in the order of Binance's kline, without its unused twelfth."""
        return tuple(getattr(self, field.name) for field in fields(self))

    @classmethod
    def concatenate(cls, parts: Sequence[Self]) -> Self:
        """Return the candles of all parts, one after the other."""
        return cls(*(np.concatenate(columns) for columns in zip(*(part.columns() for part in parts), strict=True)))


@dataclass(frozen=True)
class Snapshot:
    """What an exchange shows at an instant: the closed candles, and the one that is forming, if any.

    Attributes:
        closed: Candles with ``open time + interval <= now``.
        forming: No or one candle, later than all the closed ones, with its scheduled close time.
    """

    closed: Candles
    forming: Candles

    def select(self, *, start_ms: int | None, end_ms: int | None, limit: int) -> Candles:
        """Return at most ``limit`` candles with ``start_ms <= open time <= end_ms``, in chronological order.

        With ``start_ms`` the oldest of them are returned, without it the most recent, as Binance does
        (spot-api-docs, rest-api.md).
        """
        open_time_ms = self.closed.open_time_ms
        first, last = 0, len(self.closed) + len(self.forming)
        if start_ms is not None:
            first = int(np.searchsorted(open_time_ms, start_ms, side="left"))
            if first == len(self.closed) and len(self.forming) and start_ms > self.forming.open_time_ms[0]:
                first = last
        if end_ms is not None and not (len(self.forming) and end_ms >= self.forming.open_time_ms[0]):
            last = int(np.searchsorted(open_time_ms, end_ms, side="right"))
        if start_ms is None:
            first = max(first, last - limit)
        return self._rows(first, min(last, first + limit))

    def _rows(self, first: int, last: int) -> Candles:
        closed = self.closed[first : max(first, last)]
        return Candles.concatenate([closed, self.forming]) if first <= len(self.closed) < last else closed


class CandleSource(Protocol):
    """A history of candles of one interval that can be looked at from any instant."""

    @property
    def interval(self) -> CandleInterval:
        """Return the length of the source's candles."""

    @property
    def description(self) -> str:
        """Return what the source is, as the simulator's header states it: ``profile=reversal; seed=7``."""

    def snapshot(self, now_ms: int) -> Snapshot:
        """Return the candles as they stand at ``now_ms``; what is closed never changes at a later instant."""
