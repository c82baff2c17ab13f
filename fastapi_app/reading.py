"""Answers about stored rows: a page of them as JSON with a cursor, or all of them as CSV, read page by page.

No more than a page is held in memory, and no connection while a client is slow: each page of a CSV file is a question
of its own. A file that could not be read to its end is cut off, so that the client sees that it is not whole.
"""

import csv
import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from typing import Annotated, Any, Final, Generic, TypeVar

import psycopg
from anyio import to_thread
from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from fastapi_app.dependencies import Services
from fastapi_app.faults import RefusedRequestError
from fastapi_app.model_answers import Answer
from fastapi_app.problems import Fault
from mercado.errors import InvalidQueryError
from mercado.marts.paging import Page, Row, read_all

CSV_PAGE: Final = 5000
LARGEST_PAGE: Final = 10_000


class Format(StrEnum):
    """What an answer is written as."""

    JSON = "json"
    CSV = "csv"


Item = TypeVar("Item", bound=Answer)
FormatQuery = Annotated[
    Format, Query(alias="format", description="`csv`: all rows, with a head, and neither limit nor cursor counts.")
]
CursorQuery = Annotated[
    str | None, Query(max_length=2000, description="`next` of the page before; without it the first page is answered.")
]
LimitQuery = Annotated[int, Query(ge=1, le=LARGEST_PAGE, description="Most rows of a page.")]
Read = Callable[..., Page]


class Listed(Answer, Generic[Item]):
    """A page of a list."""

    items: list[Item] = Field(description="The rows, in the list's order.")
    next: str | None = Field(
        description="`cursor` of the next page; null on the last one. The header `Link` has its address.",
        examples=["WyIyMDI2LTExLTI0Il0"],
    )


def as_item(row: Row, model: type[Item]) -> Row:
    """Return the columns of a row that a model has."""
    return {name: row[name] for name in model.model_fields}


async def answer_list(
    services: Services,
    request: Request,
    read: Read,
    model: type[Item],
    *,
    limit: int,
    cursor: str | None,
    form: Format,
) -> Response:
    """Return a page of rows as JSON, or all of them as CSV.

    Args:
        services: Of the application.
        request: Whose address the next page's is made from.
        read: A function of `mercado.marts`, its filters bound.
        model: What an item is.
        limit: Most rows of a page.
        cursor: Of the page before.
        form: JSON or CSV.

    Raises:
        RefusedRequestError: The cursor is none, or a value cannot be looked for.
        MercadoError: As `WarehouseReader`.
    """
    if form is Format.CSV:
        return await _csv(services, request, read, model)
    page = await ask(services, partial(read, limit=limit, cursor=cursor))
    rows = [as_item(row, model) for row in page.rows]
    body = Listed[model].model_validate({"items": rows, "next": page.cursor})  # type: ignore[valid-type]
    headers = {}
    if page.cursor:
        headers["Link"] = f'<{request.url.include_query_params(cursor=page.cursor)}>; rel="next"'
    return Response(body.model_dump_json(), headers=headers, media_type="application/json")


async def ask(services: Services, work: Callable[[psycopg.Connection], Any]) -> Any:
    """Return what ``work`` reads, in a thread of those that may wait for the warehouse."""
    return await to_thread.run_sync(partial(_read, services, work), limiter=services.warehouse_threads)


def _read(services: Services, work: Callable[[psycopg.Connection], Any]) -> Any:
    try:
        return services.reader.read(work)
    except InvalidQueryError as error:
        raise RefusedRequestError(Fault(field=error.field, message=str(error))) from error


async def _csv(services: Services, request: Request, read: Read, model: type[Item]) -> Response:
    pages = read_all(lambda cursor: _read(services, partial(read, limit=CSV_PAGE, cursor=cursor)))
    # Read before the answer begins: what is wrong with the question, or with the warehouse, is told by its status.
    first = await to_thread.run_sync(next, pages, limiter=services.warehouse_threads)
    name = request.url.path.strip("/").replace("/", "-")
    return StreamingResponse(
        _lines(first, pages, list(model.model_fields)),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _lines(first: list[Row], others: Iterator[list[Row]], columns: list[str]) -> Iterator[str]:
    yield _block([columns])
    yield _block([_text(row[name]) for name in columns] for row in first)
    for rows in others:
        yield _block([_text(row[name]) for name in columns] for row in rows)


def _block(rows: Any) -> str:
    block = io.StringIO()
    csv.writer(block, lineterminator="\n").writerows(rows)
    return block.getvalue()


def _text(value: Any) -> str:
    """Return a value as CSV has it: exact decimals, UTC, nothing for null, members of a list apart by ``; ``."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, list):
        return "; ".join(map(str, value))
    return str(value)
