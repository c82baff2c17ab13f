"""What reading a workbook gives: long rows per table, and every problem with its cell; no database is involved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from mercado.landing.tables import LandingTable

# DANE's largest price workbook has less than 1 MB; its data sets of 50 to 100 MB are no price workbooks.
LARGEST_BYTES: Final = 50_000_000
Value = str | Decimal | date | None
Row = tuple[Value, ...]


class LayoutName(StrEnum):
    """The layouts of DANE's workbooks that are read."""

    DAILY = "daily"
    WEEKLY = "weekly"


@dataclass(frozen=True)
class Problem:
    """A rule that a cell, a row or a sheet breaks.

    Attributes:
        place: Sheet and cell (``1.8!D37``), or the sheet, or ``file``.
        rule: What was expected.
        raw_text: What is there.
    """

    place: str
    rule: str
    raw_text: str

    def __str__(self) -> str:
        return f"{self.place}: expected {self.rule}, found {self.raw_text!r}"


@dataclass(frozen=True)
class Document:
    """A workbook that may be loaded.

    Attributes:
        layout: Its layout.
        report_date: Its day; the first day of its week.
        last_day: The last day of its week; of a daily one, its day.
        rows: Rows by table, their values in the order of the table's columns, none with a key that another has.
        read: Long rows by table before any was rejected or found repeated.
        rejected: Rows and cells left out, each with its rule, and rows that a later one contradicts; what is not
            available (``n.d.``) is no problem.
        notes: For a person: a name that says another date, rows that are there twice.
    """

    layout: LayoutName
    report_date: date
    last_day: date
    rows: Mapping[LandingTable, list[Row]]
    read: Mapping[LandingTable, int]
    rejected: list[Problem]
    notes: list[str]
