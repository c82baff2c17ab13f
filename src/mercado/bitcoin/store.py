"""Candles in ``market_data.klines``: merged in blocks, read as columns."""

from datetime import timedelta

import numpy as np
import psycopg

from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.kline_rows import CandleBlock
from mercado.warehouse.connection import sql
from mercado.warehouse.loads import MergeCounts, RawAnswer, record_answer

PACKAGE = "mercado.bitcoin"
COPY_STAGED = "copy staged_klines from stdin with (format csv)"


def merge_answer(
    connection: psycopg.Connection,
    block: CandleBlock,
    answer: RawAnswer,
    *,
    symbol: str,
    interval: CandleInterval,
    load_id: int,
) -> MergeCounts:
    """Stage a block with COPY, merge it and record the answer it came from, in one transaction.

    Either every candle is visible afterwards or none is, and merging the same candles again changes nothing, so a
    retried or back-filled load is safe.

    Args:
        connection: Open, owned by the caller.
        block: Candles as CSV text.
        answer: The raw answer that held them.
        symbol: Such as ``BTCUSDT``.
        interval: Length of the candles.
        load_id: The row of ``ops.loads`` that the candles belong to.

    Returns:
        Rows inserted, updated and left unchanged.
    """
    with connection.transaction(), connection.cursor() as cursor:
        counts = MergeCounts()
        if block.row_count:
            cursor.execute(sql(PACKAGE, "create_staged_klines"))
            with cursor.copy(COPY_STAGED) as copy:
                copy.write(block.csv)
            values = {"symbol": symbol, "interval": interval.value, "load_id": load_id}
            row = cursor.execute(sql(PACKAGE, "merge_klines"), values).fetchone()
            counts = MergeCounts(*row) if row else counts
        record_answer(connection, load_id, answer, counts)
    return counts


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

    Prices and volumes are float64, correctly rounded from the stored decimals. Gaps are left out, not filled.
    """
    values = {"symbol": symbol, "interval": interval.value, "start_ms": start_ms, "end_ms": end_ms, "last": last}
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(sql(PACKAGE, "read_klines"), values).fetchall()
    times, *columns = zip(*rows, strict=True) if rows else [()] * 6
    prices = [np.array(column, dtype=np.float64) for column in columns]
    return CandleSeries(interval, np.array(times, dtype=np.int64), *prices)


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
