"""Binance's kline rows, from REST or an archive file, as CSV text for the staging table.

A row has 12 fields (spot-api-docs, rest-api.md): open time, open, high, low, close, volume, close time, quote volume,
trades, taker-buy base volume, taker-buy quote volume, unused. REST states times in milliseconds; the archive in
microseconds from 2025-01-01 on (binance-public-data, README), told by their size, never by a date or a name.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mercado.bitcoin.candles import CandleInterval
from mercado.errors import ImpossibleCandleError, SourceContractError

FIELDS = 12
SMALLEST_MICROSECONDS = 10**14
KlineRow = Sequence[str | int]


@dataclass(frozen=True)
class CandleBlock:
    """Closed candles ready for the staging table.

    Attributes:
        csv: Lines in the order of the staging table: open time in ms, ten values, no symbol.
        row_count: Lines in ``csv``.
        first_open_time_ms: Open time of the first candle, or ``None`` for an empty block.
        last_open_time_ms: Open time of the last one.
    """

    csv: bytes
    row_count: int
    first_open_time_ms: int | None
    last_open_time_ms: int | None


def candle_block(
    rows: Iterable[KlineRow], *, interval: CandleInterval, start_ms: int, end_ms: int, where: str
) -> CandleBlock:
    """Return the candles of ``rows`` that open in ``[start_ms, end_ms)`` and were closed by ``end_ms``.

    Closed means ``open time + interval <= end_ms``, so ``end_ms`` is at most the server's time.

    Args:
        rows: Rows of 12 fields, ascending by open time; a row equal to the one before is dropped.
        interval: Length of the candles.
        start_ms: First open time wanted.
        end_ms: Instant by which a candle must be closed.
        where: The answer they came from, for messages.

    Raises:
        SourceContractError: A row has another shape, or the rows are not ascending.
        ImpossibleCandleError: A candle breaks a rule of candles; names its open time.
    """
    lines: list[str] = []
    first = last = None
    length = interval.milliseconds
    previous: KlineRow = ()
    for row in rows:
        if row == previous:
            continue
        previous = row
        open_ms, line = _line(row, length, where)
        if open_ms < start_ms or open_ms + length > end_ms:
            continue
        if last is not None and open_ms <= last:
            raise SourceContractError(f"{where}: candle {open_ms} follows {last}; open times must ascend.")
        first, last = first if first is not None else open_ms, open_ms
        lines.append(line)
    return CandleBlock("".join(lines).encode(), len(lines), first, last)


def _line(row: KlineRow, length: int, where: str) -> tuple[int, str]:
    try:
        open_time, open_, high, low, close, volume, close_time, quote, trades, taker_base, taker_quote, _ = row
        open_ms, close_ms = _milliseconds(open_time), _milliseconds(close_time)
        prices = float(open_), float(high), float(low), float(close)
        amounts = float(volume), float(quote), float(taker_base), float(taker_quote), int(trades)
    except (TypeError, ValueError) as error:
        raise SourceContractError(f"{where}: expected a row of {FIELDS} numbers, got {row!r:.300}") from error
    if not _is_possible(prices, amounts) or close_ms <= open_ms or open_ms % length:
        raise ImpossibleCandleError(f"{where}: the candle that opens at {open_ms} ms is impossible: {row!r:.300}")
    values = (open_ms, open_, high, low, close, volume, close_ms, quote, trades, taker_base, taker_quote)
    return open_ms, ",".join(map(str, values)) + "\n"


def _milliseconds(time: str | int) -> int:
    number = int(time)
    return number // 1000 if number >= SMALLEST_MICROSECONDS else number


def _is_possible(prices: tuple[float, ...], amounts: tuple[float, ...]) -> bool:
    """Return whether all values are finite, prices ordered and above 0, amounts not below 0; NaN fails a comparison."""
    open_, high, low, close = prices
    base, quote, taker_base, taker_quote, trades = amounts
    return (
        0 < low <= open_ <= high
        and low <= close <= high
        and base >= 0
        and quote >= 0
        and taker_base >= 0
        and taker_quote >= 0
        and trades >= 0
        and math.isfinite(high + sum(amounts))
    )
