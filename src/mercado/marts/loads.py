"""Loads, what they rejected, and the workbooks that were dropped."""

from typing import Final

import psycopg

from mercado.marts.paging import ID, INSTANT, TEXT, Listing, Page, read_page

LOADS: Final = Listing(
    "loads",
    key={"load_id": ID},
    filters={
        "load_id": "load_id = %(load_id)s",
        "source": "source = %(source)s",
        "scope": "scope = %(scope)s",
        "status": "status = %(status)s",
    },
    descending=True,
)
REJECTED_ROWS: Final = Listing(
    "rejected_rows",
    key={"load_id": ID, "place": TEXT},
    filters={"load_id": "load_id = %(load_id)s", "source": "loads.source = %(source)s"},
    descending=True,
)
FILES: Final = Listing(
    "files",
    key={"finished_at_utc": INSTANT, "file_sha256": TEXT},
    filters={"status": "status = %(status)s"},
    descending=True,
)


def read_loads(
    connection: psycopg.Connection,
    *,
    load_id: int | None = None,
    source: str | None = None,
    scope: str | None = None,
    status: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """Return loads, the newest first.

    Args:
        connection: Open, owned by the caller.
        load_id: A single one.
        source: binance, sipsa or landing.
        scope: Series or part of the source, as `ops.loads` spells it.
        status: running, succeeded, failed or abandoned.
        limit: Most rows.
        cursor: Of the page before.
    """
    filters = {"load_id": load_id, "source": source, "scope": scope, "status": status}
    return read_page(connection, LOADS, filters, limit=limit, cursor=cursor)


def read_rejected_rows(
    connection: psycopg.Connection,
    *,
    load_id: int | None = None,
    source: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page:
    """Return rows that break a rule, of the newest load first, each with the rule and its text as it came."""
    return read_page(connection, REJECTED_ROWS, {"load_id": load_id, "source": source}, limit=limit, cursor=cursor)


def read_files(
    connection: psycopg.Connection, *, status: str | None = None, limit: int = 50, cursor: str | None = None
) -> Page:
    """Return what became of dropped workbooks, the last handled first; of status loaded or refused."""
    return read_page(connection, FILES, {"status": status}, limit=limit, cursor=cursor)
