"""Lists read page by page: each page begins behind the last row of the one before, so no page is slower than another.

The cursor that a page ends with holds the key of its last row. Rows that a load adds or changes meanwhile are on the
pages to come, or were missed; no row comes twice but one whose key changed.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import psycopg
from psycopg.rows import dict_row
from psycopg.sql import SQL, Composed, Identifier

from mercado.errors import InvalidQueryError
from mercado.warehouse.connection import sql

PACKAGE: Final = "mercado.marts"
LARGEST_ID: Final = 2**63 - 1
Row = dict[str, Any]
Filters = Mapping[str, Any]


def whole_number(text: str) -> int:
    """Return a number that an identity column can hold."""
    number = int(text)
    if not 0 <= number <= LARGEST_ID:
        raise ValueError(f"{number} is no id")
    return number


# What reads a cursor's text of a column.
KeyReader = Callable[[str], Any]
DAY: Final[KeyReader] = date.fromisoformat
INSTANT: Final[KeyReader] = datetime.fromisoformat
TEXT: Final[KeyReader] = str
ID: Final[KeyReader] = whole_number
UNIQUE_ID: Final[KeyReader] = UUID


@dataclass(frozen=True)
class Listing:
    """A list that is read page by page.

    Attributes:
        statement: Name of its SQL file, which has the fields ``{filters}``, ``{after}``, ``{order}`` and ``{limit}``.
        key: The columns that order its rows, no two alike, with what reads a cursor's text of each.
        filters: What each filter demands of a row, by the filter's name; its value is the parameter of that name.
        descending: Whether the greatest key comes first.
    """

    statement: str
    key: Mapping[str, KeyReader]
    filters: Mapping[str, str]
    descending: bool = False


@dataclass(frozen=True)
class Page:
    """Some rows of a list.

    Attributes:
        rows: In the list's order.
        cursor: What the next page begins behind; ``None``: there is no next one.
    """

    rows: list[Row]
    cursor: str | None


def read_page(
    connection: psycopg.Connection, listing: Listing, filters: Filters, *, limit: int, cursor: str | None = None
) -> Page:
    """Return a page.

    Args:
        connection: Open, owned by the caller.
        listing: The list.
        filters: Values by the filters' names; ``None`` demands nothing.
        limit: Most rows, >= 1.
        cursor: Of the page before; ``None`` begins.

    Raises:
        InvalidQueryError: The cursor is none of this list's, or a value is none that a column can hold.
    """
    wanted = {name: value for name, value in filters.items() if value is not None}
    after = _decoded(cursor, listing) if cursor else ()
    values = wanted | {f"after_{place}": value for place, value in enumerate(after)} | {"limit": limit + 1}
    try:
        with connection.cursor(row_factory=dict_row) as reader:
            rows = reader.execute(_statement(listing, wanted, len(after)), values).fetchall()
    except psycopg.DataError as error:
        raise InvalidQueryError(
            f"A value cannot be looked for: {str(error).splitlines()[0]}.", field="query"
        ) from error
    more, rows = len(rows) > limit, rows[:limit]
    return Page(rows, _encoded(rows[-1], listing) if more else None)


def read_all(read: Callable[[str | None], Page]) -> Iterator[list[Row]]:
    """Yield the rows of page after page.

    Args:
        read: Returns the page behind a cursor.
    """
    cursor = None
    while True:
        page = read(cursor)
        yield page.rows
        cursor = page.cursor
        if cursor is None:
            return


def _statement(listing: Listing, wanted: Filters, after: int) -> Composed:
    demands = [SQL(listing.filters[name]) for name in wanted]
    names = [Identifier(name) for name in listing.key]
    direction = SQL(" desc" if listing.descending else "")
    behind = SQL("({}) {} ({})").format(
        SQL(", ").join(names),
        SQL("<" if listing.descending else ">"),
        SQL(", ").join(SQL(f"%(after_{place})s") for place in range(after)),
    )
    return SQL(sql(PACKAGE, listing.statement).decode()).format(
        filters=SQL(" and ").join(demands) if demands else SQL("true"),
        after=behind if after else SQL("true"),
        order=SQL(", ").join(name + direction for name in names),
        limit=SQL("%(limit)s"),
    )


def _encoded(row: Row, listing: Listing) -> str:
    values = [each.isoformat() if isinstance(each, date) else str(each) for each in (row[name] for name in listing.key)]
    return urlsafe_b64encode(json.dumps(values, ensure_ascii=False).encode()).decode().rstrip("=")


def _decoded(cursor: str, listing: Listing) -> Sequence[Any]:
    try:
        texts = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        return [read(text) for read, text in zip(listing.key.values(), texts, strict=True)]
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise InvalidQueryError("It is not the cursor of a page of this list.", field="cursor") from error
