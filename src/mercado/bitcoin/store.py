"""Candles in ``market_data.klines``: merged in blocks, read as columns."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import psycopg

from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.kline_rows import CandleBlock
from mercado.warehouse.connection import sql
from mercado.warehouse.loads import MergeCounts, RawAnswer, record_answers

PACKAGE = "mercado.bitcoin"
COPY_STAGED = "copy staged_klines from stdin with (format csv)"


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
    values = {"symbol": symbol, "interval": interval.value, "load_id": load_id}
    with connection.transaction(), connection.cursor() as cursor:
        cursor.execute(sql(PACKAGE, "create_staged_klines"))
        with cursor.copy(COPY_STAGED) as copy:
            for staged in batch:
                copy.write(staged.block.csv)
        row = cursor.execute(sql(PACKAGE, "merge_klines"), values).fetchone()
        counts = MergeCounts(*row) if row else MergeCounts()
        record_answers(connection, load_id, [staged.answer for staged in batch], counts)
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
