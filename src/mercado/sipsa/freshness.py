"""How old the newest day of an operation is, and how old DANE's calendar allows it to be."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import psycopg
from psycopg.sql import SQL, Identifier

from mercado.errors import StaleDataError
from mercado.sipsa.contract import Operation
from mercado.sipsa.price_series import SCHEMA

BOGOTA: Final = ZoneInfo("America/Bogota")


def today() -> date:
    """Return the present calendar day of Bogotá."""
    return datetime.now(BOGOTA).date()


def last_day(connection: psycopg.Connection, operation: Operation) -> date | None:
    """Return the newest day stored, or ``None`` when nothing is."""
    statement = SQL("select max({}) from {}").format(Identifier(operation.day), Identifier(SCHEMA, operation.table))
    row = connection.execute(statement).fetchone()
    return row[0] if row else None


def require_fresh(connection: psycopg.Connection, operation: Operation, *, clock: Callable[[], date] = today) -> date:
    """Return the newest day stored of an operation.

    Raises:
        StaleDataError: It is older than the operation's publication calendar allows; names it.
    """
    newest = last_day(connection, operation)
    due = clock() - timedelta(days=operation.stale_after_days)
    if newest is None or newest < due:
        raise StaleDataError(
            f"{operation.name}: the last good day is {newest or 'none'}, but {due} or later was due by {clock()}. DANE "
            f"publishes nothing new, or its answers are refused: see the load's error in ops.loads."
        )
    return newest
