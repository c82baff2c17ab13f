"""``python -m tests.benchmarks.partitions``: would partitions of ``market_data.klines`` pay? The table of ADR 21.

The same rows in three tables: as it is, in LIST partitions by interval, in RANGE partitions by year.
"""

import sys
import time
from collections.abc import Callable
from statistics import median

import psycopg
from pydantic import SecretStr

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.store import PACKAGE
from mercado.warehouse.connection import connect, sql
from tests.benchmarks.servers import warehouse
from tests.benchmarks.stored_candles import HOUR, MINUTE, SYMBOL, store_generated_candles

OTHER_SYMBOL = "ETHUSDT"
NEWEST = 1000
READS = 100
YEARS = range(2017, 2027)
OLD_YEAR = 2019
TABLE = "market_data.klines"
CREATED = {
    "as it is": "create table {name} (like market_data.klines including all)",
    "by interval": "create table {name} (like market_data.klines including all) partition by list (interval)",
    "by year": "create table {name} (like market_data.klines including all) partition by range (open_time_utc)",
}
COPIED = """
    insert into {name} select * from market_data.klines
    where (symbol, interval) = (%s, %s) and open_time_utc >= %s and open_time_utc < %s order by open_time_utc
"""
KEY_MB = """
    select sum(pg_relation_size(indexrelid)) / 1e6 from pg_index
    where indisprimary and indrelid in (select relid from pg_partition_tree(%(table)s) union select %(table)s::regclass)
"""
HEAD = "| | " + " | ".join(CREATED) + " |\n|---|" + "---:|" * len(CREATED) + "\n"


def main() -> None:
    """Measure every design and print the table."""
    with warehouse() as environment, connect(SecretStr(environment["MERCADO_WAREHOUSE_URL"])) as connection:
        for symbol, interval, seed in ((SYMBOL, MINUTE, 7), (SYMBOL, HOUR, 7), (OTHER_SYMBOL, HOUR, 8)):
            count = store_generated_candles(connection, symbol, interval, seed=seed)
            sys.stdout.write(f"{symbol} {interval}: {count:,} candles\n")
        connection.execute("vacuum analyze market_data.klines")
        figures = [_measured(connection, design) for design in CREATED]
    rows = (f"| {what} | {' | '.join(each[what] for each in figures)} |\n" for what in figures[0])
    sys.stdout.write(HEAD + "".join(rows))


def _measured(connection: psycopg.Connection, design: str) -> dict[str, str]:
    name = f"market_data.klines_{design.replace(' ', '_')}"
    _create(connection, design, name)
    figures = {"load, s": f"{_seconds(lambda: _load(connection, name)):.1f}"}
    connection.execute(f"vacuum analyze {name}")
    figures["export of the minutes, s"] = f"{_seconds(lambda: _export(connection, name)):.1f}"
    for interval in (HOUR, MINUTE):
        figures[f"newest {NEWEST} of {interval}, ms"] = f"{_newest_ms(connection, name, interval):.2f}"
    key = connection.execute(KEY_MB, {"table": name}).fetchone()
    figures["primary key, MB"] = f"{key[0]:.0f}" if key else "?"
    figures[f"without {OLD_YEAR}, s"] = f"{_seconds(lambda: _forget(connection, design, name)):.2f}"
    connection.execute(f"drop table {name}")
    return figures


def _create(connection: psycopg.Connection, design: str, name: str) -> None:
    connection.execute(CREATED[design].format(name=name))
    if design == "by interval":
        for each in CandleInterval:
            connection.execute(f"create table {name}_{each} partition of {name} for values in ('{each}')")
    if design == "by year":
        for year in YEARS:
            bounds = f"from ('{year}-01-01') to ('{year + 1}-01-01')"
            connection.execute(f"create table {name}_{year} partition of {name} for values {bounds}")


def _load(connection: psycopg.Connection, name: str) -> None:
    """Copy the series year by year, oldest first, as transactions of half a million rows."""
    statement = COPIED.format(name=name)
    for symbol, interval in ((SYMBOL, MINUTE), (SYMBOL, HOUR), (OTHER_SYMBOL, HOUR)):
        for year in YEARS:
            connection.execute(statement, (symbol, interval.value, f"{year}-01-01", f"{year + 1}-01-01"))


def _export(connection: psycopg.Connection, name: str) -> None:
    rows = psycopg.sql.SQL(_on(name, "export_klines")).format(symbol=SYMBOL, interval=MINUTE.value)
    statement = psycopg.sql.SQL("copy ({}) to stdout with (format csv, header)").format(rows)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for _ in copy:
            pass


def _newest_ms(connection: psycopg.Connection, name: str, interval: CandleInterval) -> float:
    asked = {"symbol": SYMBOL, "interval": interval.value, "start_ms": None, "end_ms": None}
    statement = _on(name, "read_klines")
    with connection.cursor(binary=True) as cursor:
        return 1000 * median(
            _seconds(lambda: cursor.execute(statement, asked | {"newest": NEWEST, "oldest": None}).fetchall())
            for _ in range(READS)
        )


def _forget(connection: psycopg.Connection, design: str, name: str) -> None:
    """Remove one old year, and give its space back."""
    if design == "by year":
        connection.execute(f"drop table {name}_{OLD_YEAR}")
    else:
        connection.execute(
            f"delete from {name} where open_time_utc >= '{OLD_YEAR}-01-01' and open_time_utc < '{OLD_YEAR + 1}-01-01'"
        )
        connection.execute(f"vacuum {name}")


def _on(name: str, statement: str) -> str:
    return sql(PACKAGE, statement).decode().replace(TABLE, name)


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


if __name__ == "__main__":
    main()
