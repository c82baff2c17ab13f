"""Candles in ``market_data.klines``: merged in blocks, read as columns, a long series piece by piece."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import psycopg

from mercado.bitcoin.array_columns import array_cursor
from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.kline_rows import CandleBlock
from mercado.warehouse.connection import sql
from mercado.warehouse.loads import MergeCounts, RawAnswer, record_answers

PACKAGE = "mercado.bitcoin"
COPY_STAGED = "copy staged_klines from stdin with (format csv)"
PIECE_ROWS = 100_000


@dataclass(frozen=True)
class StagedAnswer:
    """A raw answer and the candles in it."""

    block: CandleBlock
    answer: RawAnswer


def merge_answers(
    connection: psycopg.Connection,
    batch: Sequence[StagedAnswer],
    *,
    symbol: str,
    interval: CandleInterval,
    load_id: int,
) -> MergeCounts:
    """Stage the candles of some answers with COPY, merge them and record the answers, in one transaction.

    Either every candle is visible afterwards or none is, and merging the same candles again changes nothing, so a
    retried or back-filled load is safe.

    Args:
        connection: Open, owned by the caller.
        batch: Answers with their candles; no candle occurs twice.
        symbol: Such as ``BTCUSDT``.
        interval: Length of the candles.
        load_id: The row of ``ops.loads`` that the candles belong to.

    Returns:
        Rows inserted, updated and left unchanged.
    """
    series = {"symbol": symbol, "interval": interval.value, "load_id": load_id}
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(sql(PACKAGE, "create_staged_klines"))
        with cursor.copy(COPY_STAGED) as copy:
            for staged in batch:
                copy.write(staged.block.csv)
        counts = _merge_staged(cursor, series)
        record_answers(connection, load_id, [staged.answer for staged in batch], counts)
    return counts


def _merge_staged(cursor: psycopg.Cursor, series: dict[str, str | int]) -> MergeCounts:
    """Merge what is staged; where none of that time is stored, insert it, which takes half as long (measured)."""
    if cursor.execute(sql(PACKAGE, "some_klines_are_stored"), series).fetchone() == (False,):
        return MergeCounts(inserted=cursor.execute(sql(PACKAGE, "insert_klines"), series).rowcount)
    row = cursor.execute(sql(PACKAGE, "merge_klines"), series).fetchone()
    return MergeCounts(*row) if row else MergeCounts()


def read_candles(
    connection: psycopg.Connection,
    symbol: str,
    interval: CandleInterval,
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    last: int | None = None,
) -> CandleSeries:
    """Return stored candles that open in ``[start_ms, end_ms)``, oldest first; with ``last``, only the newest ones.

    Prices and volumes are float64, correctly rounded from the stored decimals. Gaps are left out, not filled. All are
    held in memory, twice 48 bytes each: of minutes, read `candle_pieces`.
    """
    bounds = {"start_ms": start_ms, "end_ms": end_ms, "newest": last, "oldest": None}
    with array_cursor(connection) as cursor:
        return _read(cursor, symbol, interval, bounds)


def candle_pieces(
    connection: psycopg.Connection,
    symbol: str,
    interval: CandleInterval,
    *,
    start_ms: int | None = None,
    end_ms: int | None = None,
    piece_rows: int = PIECE_ROWS,
) -> Iterator[CandleSeries]:
    """Yield the candles that `read_candles` returns, ``piece_rows`` at a time, in constant memory.

    Each piece is a statement of its own that begins behind the last candle of the one before. So it can be begun again
    from any open time, no transaction is held while the caller works, and what is stored meanwhile is seen when it
    opens later. Within a transaction that is ``repeatable read`` all pieces are of one snapshot.
    """
    bounds = {"start_ms": start_ms, "end_ms": end_ms, "newest": None, "oldest": piece_rows}
    with array_cursor(connection) as cursor:
        while len(piece := _read(cursor, symbol, interval, bounds)):
            yield piece
            bounds["start_ms"] = int(piece.open_time_ms[-1]) + 1


def _read(
    cursor: psycopg.Cursor[tuple[Any, ...]], symbol: str, interval: CandleInterval, bounds: dict[str, int | None]
) -> CandleSeries:
    series = {"symbol": symbol, "interval": interval.value}
    row = cursor.execute(sql(PACKAGE, "read_klines"), series | bounds).fetchone()
    if row is None or row[0] is None:
        return CandleSeries(interval, np.empty(0, dtype=np.int64), *np.empty((5, 0)))
    return CandleSeries(interval, *row)


def stored_range_ms(connection: psycopg.Connection, symbol: str, interval: CandleInterval) -> tuple[int, int] | None:
    """Return the first and last stored open time, in ms, or ``None`` when nothing is stored."""
    row = connection.execute(
        "select (extract(epoch from min(open_time_utc)) * 1000)::bigint, "
        "(extract(epoch from max(open_time_utc)) * 1000)::bigint "
        "from market_data.klines where (symbol, interval) = (%s, %s)",
        (symbol, interval.value),
    ).fetchone()
    return (row[0], row[1]) if row and row[0] is not None else None


def length(interval: CandleInterval) -> timedelta:
    """Return the interval as a time span."""
    return timedelta(milliseconds=interval.milliseconds)
