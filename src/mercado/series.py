"""Series of candles: a trading pair and a candle's length. Imports nothing heavy, so that every part can know it."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

_SECOND_MS: Final = 1_000
_MINUTE_MS: Final = 60 * _SECOND_MS
_HOUR_MS: Final = 60 * _MINUTE_MS
_DAY_MS: Final = 24 * _HOUR_MS
_SYMBOL: Final = re.compile(r"[A-Z0-9]{5,20}")


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


# What a forecaster can be of: of shorter candles there are more than a training holds in memory.
TRAINED_INTERVALS: Final = tuple(each for each in CandleInterval if each.milliseconds >= _HOUR_MS)


@dataclass(frozen=True, order=True)
class Series:
    """One series of candles, written as its CSV file is named: ``BTCUSDT-1h``.

    Attributes:
        symbol: The trading pair as Binance spells it.
        interval: Length of a candle.
    """

    symbol: str
    interval: CandleInterval

    @classmethod
    def of(cls, text: str) -> Self:
        """Return the series that ``text`` names.

        Raises:
            ValueError: It names none; says what is expected.
        """
        symbol, separator, interval = text.strip().partition("-")
        if not separator or not _SYMBOL.fullmatch(symbol) or interval not in set(CandleInterval):
            raise ValueError(
                f"expected a trading pair and a candle's length such as BTCUSDT-1h, got {text.strip()!r}; lengths are "
                f"{', '.join(CandleInterval)}"
            )
        return cls(symbol, CandleInterval(interval))

    @property
    def is_trained(self) -> bool:
        """Return whether it has a forecaster; shorter candles are stored, exported and read only."""
        return self.interval in TRAINED_INTERVALS

    def __str__(self) -> str:
        return f"{self.symbol}-{self.interval}"


# The series that the platform forecasts unless told otherwise.
MAIN_SYMBOL: Final = "BTCUSDT"
MAIN_INTERVAL: Final = "1h"
