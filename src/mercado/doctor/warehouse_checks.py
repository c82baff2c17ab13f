"""The data in the warehouse: its schema, the age of each source's newest day, loads, holes, names."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import psycopg

from mercado.bitcoin.store import length
from mercado.doctor.findings import Finding, Severity, judged
from mercado.doctor.sessions import connect_briefly
from mercado.doctor.target import Target
from mercado.errors import SchemaOutdatedError, StaleDataError
from mercado.series import Series
from mercado.settings import SeriesSettings
from mercado.sipsa.contract import OPERATIONS
from mercado.sipsa.freshness import require_fresh
from mercado.warehouse.connection import sql
from mercado.warehouse.schema import newest_revision, require_current_schema

PACKAGE = "mercado.doctor"
# The daily load comes at ten past midnight, so a candle that is a day and an hour old is the newest there can be.
CANDLES_STALE = timedelta(hours=26)


def check(target: Target) -> Iterator[Finding]:
    """Yield what is found of schema, sources and loads."""
    with connect_briefly(target.platform.database_url("warehouse")) as connection:
        schema = schema_finding(connection, start=target.start)
        yield schema
        if schema.severity is not Severity.OK:
            return  # On another schema the questions below would fail, and say nothing more.
        yield from sipsa_findings(connection)
        for series in SeriesSettings.of(target.platform.values["MERCADO_SERIES"]).series:
            yield candles_finding(connection, series, target.now)
        yield holes_finding(connection)
        yield dead_loads_finding(connection)
        yield unmapped_finding(connection)


def schema_finding(connection: psycopg.Connection, *, start: str) -> Finding:
    """Return whether the schema is the one that this version needs."""
    problems = []
    try:
        require_current_schema(connection)
    except SchemaOutdatedError as error:
        problems = [str(error).partition(": run")[0]]
    remedy = f"mercado migrate, or {start}; when the schema is newer than this version, upgrade this one"
    return judged("warehouse.schema", "warehouse", problems, healthy=f"schema {newest_revision()}", remedy=remedy)


def sipsa_findings(connection: psycopg.Connection) -> Iterator[Finding]:
    """Yield for each operation of SIPSA whether its newest day is as new as DANE's calendar allows."""
    for operation in OPERATIONS:
        problems, newest = [], ""
        try:
            newest = str(require_fresh(connection, operation))
        except StaleDataError as error:
            problems = [str(error)]
        yield judged(
            "data.sipsa",
            operation.name,
            problems,
            healthy=f"last day {newest}",
            remedy="Trigger dane_sipsa_prices_ingestion in Airflow; mercado sipsa contract asks the service itself",
            severity=Severity.WARNING,
        )


def candles_finding(connection: psycopg.Connection, series: Series, now: datetime) -> Finding:
    """Return whether the newest candle of a series is as new as the daily load makes it.

    Args:
        connection: Open.
        series: That the platform downloads.
        now: UTC.
    """
    named = {"symbol": series.symbol, "interval": series.interval.value}
    row = connection.execute(sql(PACKAGE, "newest_candle"), named).fetchone()
    closed = row[0] + length(series.interval) if row else None
    problems = []
    if closed is None:
        problems = ["there is no candle"]
    elif now - closed > CANDLES_STALE:
        problems = [f"the newest candle closed {closed:%Y-%m-%d %H:%M} UTC"]
    return judged(
        "data.candles",
        f"{series.symbol} {series.interval}",
        problems,
        healthy=f"newest closed {closed:%Y-%m-%d %H:%M} UTC" if closed else "",
        remedy="Trigger bitcoin_data_ingestion in Airflow, or mercado bitcoin download",
        severity=Severity.WARNING,
    )


def holes_finding(connection: psycopg.Connection) -> Finding:
    """Return whether no candle is missing that the exchange was not asked about again."""
    rows = connection.execute(
        "select symbol, interval, first_missing_open_time_utc, missing_count from market_data.kline_gaps "
        "where kind = 'own_hole' order by 1, 2, 3"
    ).fetchall()
    problems = [
        f"{symbol} {interval} lacks {count} from {first:%Y-%m-%d %H:%M}" for symbol, interval, first, count in rows
    ]
    remedy = "Trigger bitcoin_data_ingestion in Airflow, or mercado bitcoin download: it asks again for each"
    return judged(
        "data.holes", "candles", problems, healthy="no hole of our own", remedy=remedy, severity=Severity.WARNING
    )


def dead_loads_finding(connection: psycopg.Connection) -> Finding:
    """Return whether no load is recorded as running whose process is gone."""
    rows = connection.execute(sql(PACKAGE, "dead_loads")).fetchall()
    problems = [
        f"load {number} of {source} {scope} since {since:%Y-%m-%d %H:%M}" for number, source, scope, since in rows
    ]
    remedy = "Run the DAG of that source again: it marks them abandoned and loads what is missing"
    return judged(
        "data.dead-loads",
        "loads",
        problems,
        healthy="none left by a dead process",
        remedy=remedy,
        severity=Severity.WARNING,
    )


def unmapped_finding(connection: psycopg.Connection) -> Finding:
    """Return how many names no reviewed table knows; their rows are loaded all the same, so nothing is wrong."""
    row = connection.execute("select count(*) from sipsa_data.unmapped_names").fetchone()
    count = row[0] if row else 0
    detail = f"{count} in no reviewed table (mercado sipsa unmapped)" if count else "all known"
    return Finding("data.names", Severity.OK, "names", detail)
