"""Candles and their gaps."""

from datetime import datetime
from typing import Final

import psycopg

from mercado.bitcoin.candles import CandleInterval
from mercado.marts.paging import INSTANT, TEXT, Listing, Page, Row, read_page
from mercado.series import MAIN_SYMBOL

CANDLES: Final = Listing(
    "candles",
    key={"open_time_utc": INSTANT},
    filters={
        "symbol": "symbol = %(symbol)s",
        "interval": "interval = %(interval)s",
        "since": "open_time_utc >= %(since)s",
        "until": "open_time_utc <= %(until)s",
    },
    descending=True,
)
GAPS: Final = Listing(
    "gaps",
    key={"first_missing_open_time_utc": INSTANT, "symbol": TEXT, "interval": TEXT},
    filters={
        "symbol": "symbol = %(symbol)s",
        "interval": "interval = %(interval)s",
        "kind": "kind = %(kind)s",
    },
    descending=True,
)
STORED_SERIES: Final = """
    select split_part(scope, ' ', 1) as symbol, split_part(scope, ' ', 2) as interval
    from ops.loads where source = 'binance' group by scope having sum(rows_inserted) > 0 order by scope
"""


def read_candle_rows(
    connection: psycopg.Connection,
    *,
    symbol: str = MAIN_SYMBOL,
    interval: CandleInterval = CandleInterval.ONE_HOUR,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 500,
    cursor: str | None = None,
) -> Page:
    """Return closed candles of a series as they are stored, the newest first.

    Args:
        connection: Open, owned by the caller.
        symbol: As Binance spells it.
        interval: Length of a candle.
        since: Open time of the first; aware.
        until: Open time of the last; aware.
        limit: Most rows.
        cursor: Of the page before.
    """
    filters = {"symbol": symbol, "interval": interval.value, "since": since, "until": until}
    return read_page(connection, CANDLES, filters, limit=limit, cursor=cursor)


def read_gaps(
    connection: psycopg.Connection,
    *,
    symbol: str | None = None,
    interval: CandleInterval | None = None,
    kind: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page:
    """Return ranges of missing candles, the latest first; of kind exchange_outage, not_yet_published or own_hole."""
    filters = {"symbol": symbol, "interval": interval, "kind": kind}
    return read_page(connection, GAPS, filters, limit=limit, cursor=cursor)


def stored_series(connection: psycopg.Connection) -> list[Row]:
    """Return symbol and interval of each series of which candles are stored."""
    return [{"symbol": symbol, "interval": interval} for symbol, interval in connection.execute(STORED_SERIES)]
