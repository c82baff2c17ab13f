"""The health of the data at one instant: each source's last load and age, and what is rejected, refused or missing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import psycopg
from psycopg.rows import dict_row

from mercado.marts.candles import stored_series
from mercado.marts.loads import read_loads
from mercado.marts.paging import PACKAGE, Row
from mercado.series import MAIN_INTERVAL, MAIN_SYMBOL
from mercado.sipsa.contract import OPERATIONS, Operation
from mercado.sipsa.freshness import BOGOTA, last_day
from mercado.sipsa.price_series import DATASETS
from mercado.warehouse.connection import sql

# The DAG runs daily, so a candle is a day old at most, and a run may take its time.
STALE_AFTER: Final = timedelta(hours=26)
SIMULATOR: Final = "simulator%"
NEWEST_CANDLE: Final = (
    "select max(open_time_utc), max(close_time_utc) from (select open_time_utc, close_time_utc from market_data.klines "
    "where (symbol, interval) = (%s, %s) order by open_time_utc desc limit 1) as newest"
)
NEWEST_WORKBOOK: Final = "select max(last_day) from sipsa_data.file_ingestion_log where status = 'loaded'"
LAST_SUCCESS: Final = (
    "select finished_at_utc from ops.loads where source = %s and scope = coalesce(%s, scope) and status = 'succeeded' "
    "order by load_id desc limit 1"
)


def read_quality(connection: psycopg.Connection, *, now: datetime) -> Row:
    """Return the state of every source, and the counts of what is wrong.

    Args:
        connection: Open, owned by the caller.
        now: Aware; what freshness is judged at.

    Returns:
        ``sources``, a row for each operation of the service, for the workbooks and for each series of candles, with
        ``fresh`` null where nothing says how old it may be; and the counts of the statement ``quality_counts``.
    """
    with connection.cursor(row_factory=dict_row) as reader:
        counts = reader.execute(sql(PACKAGE, "quality_counts")).fetchone() or {}
    sources = [
        *(_operation(connection, operation, now=now) for operation in OPERATIONS),
        _workbooks(connection),
        *_candles(connection, now=now),
    ]
    return {"checked_at_utc": now, "simulated": is_simulated(connection), "sources": sources, **counts}


def is_simulated(connection: psycopg.Connection) -> bool | None:
    """Return whether the data is a simulator's, by what its loads say; ``None`` while nothing was loaded."""
    row = connection.execute("select bool_or(origin like %s) from ops.loads", (SIMULATOR,)).fetchone()
    return row[0] if row else None


def _operation(connection: psycopg.Connection, operation: Operation, *, now: datetime) -> Row:
    newest = last_day(connection, operation)
    due = now.astimezone(BOGOTA).date() - timedelta(days=operation.stale_after_days)
    datasets = {dataset.table: dataset.name for dataset in DATASETS}
    return _source(connection, "sipsa", operation.name) | {
        "dataset": datasets.get(operation.table),
        "newest": newest,
        "fresh": newest >= due if newest else None,
        "rule": f"The newest day is at most {operation.stale_after_days} days old, by DANE's calendar.",
    }


def _workbooks(connection: psycopg.Connection) -> Row:
    row = connection.execute(NEWEST_WORKBOOK).fetchone()
    return _source(connection, "landing", None) | {
        "dataset": "workbook_daily",
        "newest": row[0] if row else None,
        "fresh": None,
        "rule": "Workbooks come when somebody drops them: nothing says when the next is due.",
    }


def _candles(connection: psycopg.Connection, *, now: datetime) -> Iterator[Row]:
    # The main series is missed while nothing of any is there.
    for series in stored_series(connection) or [{"symbol": MAIN_SYMBOL, "interval": MAIN_INTERVAL}]:
        row = connection.execute(NEWEST_CANDLE, (series["symbol"], series["interval"])).fetchone()
        newest, closed = row or (None, None)
        yield _source(connection, "binance", f"{series['symbol']} {series['interval']}") | {
            "dataset": None,
            "newest": newest,
            "fresh": closed >= now - STALE_AFTER if closed else None,
            "rule": f"The newest candle closed at most {STALE_AFTER // timedelta(hours=1)} hours ago.",
        }


def _source(connection: psycopg.Connection, source: str, scope: str | None) -> Row:
    loads = read_loads(connection, source=source, scope=scope, limit=1).rows
    success = connection.execute(LAST_SUCCESS, (source, scope)).fetchone()
    return {
        "source": source,
        "scope": scope,
        "origin": loads[0]["origin"] if loads else None,
        "last_load": loads[0] if loads else None,
        "last_success_at_utc": success[0].astimezone(UTC) if success else None,
        "rejected_in_last_load": loads[0]["rows_rejected"] if loads else 0,
    }
