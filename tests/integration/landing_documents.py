"""Workbooks as the loader sees them, without Excel: JSON that a reader of the tests' own turns into documents."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg

from mercado.errors import RejectedFileError
from mercado.landing.document import Document, LayoutName, Problem, Row, Value
from mercado.landing.ingest import FileOutcome, Folders, ingest_file
from mercado.landing.prepared import Reader
from mercado.landing.tables import DAILY_PRICES, MONTHLY_RICE, TABLES, WEEKLY_PRICES, WEEKLY_SUPPLY, LandingTable
from mercado.sipsa.names import city_code

DAY = date(2026, 9, 18)
MARKET = "Bogotá, Corabastos"
AMOUNTS = ("_cop", "_pct", "_tonnes", "_per_tonne")
Rows = Sequence[Sequence[str | None]]


def daily(prices: Mapping[str, str] | None = None, *, day: date = DAY, market: str = MARKET, **more: Any) -> bytes:
    """Return a daily workbook.

    Args:
        prices: By product; default: one.
        day: That it reports.
        market: Of all its prices.
        more: ``rejected`` and ``refuse`` (problems as place, rule and raw text), ``notes``, anything for other bytes.
    """
    prices = {"Papa criolla": "2300"} if prices is None else prices
    rows = [["Tubérculos", product, market, str(day), price, "kg", None] for product, price in prices.items()]
    return _document(LayoutName.DAILY, day, day, {DAILY_PRICES: rows}, more)


def weekly(
    prices: Rows = (), *, supply: Rows = (), rice: Rows = (), first_day: date = DAY - timedelta(days=6), **more: Any
) -> bytes:
    """Return a weekly workbook; rows come without the days, which are put where they belong."""
    last_day = first_day + timedelta(days=6)
    week = [str(first_day), str(last_day)]
    rows: dict[LandingTable, Rows] = {
        WEEKLY_PRICES: [[*row[:3], *week, *row[3:]] for row in prices],
        WEEKLY_SUPPLY: [[*row[:2], *week, *row[2:]] for row in supply],
        MONTHLY_RICE: [[*row[:2], str(first_day.replace(day=1)), *row[2:], city_code(str(row[1]))] for row in rice],
    }
    return _document(LayoutName.WEEKLY, first_day, last_day, rows, more)


def read_document(content: bytes, file_name: str) -> Document:
    """Read such a workbook.

    Raises:
        RejectedFileError: It is none, or says that it is refused.
    """
    try:
        stated = json.loads(content)
    except ValueError as error:
        raise RejectedFileError(f"{file_name} is no price workbook: expected JSON.") from error
    problems = [Problem(*texts) for texts in stated.get("refuse", ())]
    if problems:
        raise RejectedFileError(f"{file_name}: {len(problems)} problems, more than may be.", problems=problems)
    rows = {table: [_row(table, texts) for texts in stated["rows"].get(table.name, ())] for table in TABLES}
    rejected = [Problem(*texts) for texts in stated.get("rejected", ())]
    return Document(
        layout=LayoutName(stated["layout"]),
        report_date=date.fromisoformat(stated["report_date"]),
        last_day=date.fromisoformat(stated["last_day"]),
        rows=rows,
        read={table: len(found) for table, found in rows.items()},
        rejected=rejected,
        notes=stated.get("notes", []),
    )


def drop(
    connection: psycopg.Connection,
    folders: Folders,
    content: bytes,
    name: str = "a.xlsx",
    *,
    read: Reader = read_document,
) -> FileOutcome:
    """Put a file into the landing zone and ingest it."""
    path = folders.landing_zone / name
    path.write_bytes(content)
    return ingest_file(connection, path, folders, read=read)


def _document(
    layout: LayoutName, first_day: date, last_day: date, rows: Mapping[LandingTable, Rows], more: Mapping[str, Any]
) -> bytes:
    by_name = {table.name: list(found) for table, found in rows.items()}
    stated = {"layout": layout, "report_date": str(first_day), "last_day": str(last_day), "rows": by_name, **more}
    return json.dumps(stated).encode()


def _row(table: LandingTable, texts: Sequence[str | None]) -> Row:
    return tuple(_value(column, text) for column, text in zip(table.columns, texts, strict=True))


def _value(column: str, text: str | None) -> Value:
    if text is None:
        return None
    if column.endswith("_date"):
        return date.fromisoformat(text)
    return Decimal(text) if column.endswith(AMOUNTS) else text
