"""A sheet as both containers can hold it: cells with values and a look, and merged ranges."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from itertools import repeat
from typing import NamedTuple

from tests.simulators.workbooks.dirt import TextNumbers

Value = str | float | date


class Look(Enum):
    """How a cell is shown."""

    TEXT = "text"
    TITLE = "title"
    HEADER = "header"
    PRICE = "price"
    TONNES = "tonnes"
    SHARE = "share"
    DAY = "day"


class Cell(NamedTuple):
    """A cell; row and column count from 0."""

    row: int
    column: int
    value: Value
    look: Look


class Merged(NamedTuple):
    """A merged range; both corners belong to it."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass
class Sheet:
    """A sheet while it is being laid out.

    Attributes:
        name: On its tab.
        cells: At most one at each place.
        merged: Ranges that do not overlap.
    """

    name: str
    cells: list[Cell] = field(default_factory=list)
    merged: list[Merged] = field(default_factory=list)

    def put(self, row: int, column: int, value: Value, look: Look = Look.TEXT) -> None:
        """Fill a cell."""
        self.cells.append(Cell(row, column, value, look))

    def put_row(
        self, row: int, values: Iterable[Value], *, column: int = 0, looks: Iterable[Look] = repeat(Look.TEXT)
    ) -> None:
        """Fill cells from left to right, those of empty texts excepted; there may be more looks than values."""
        for place, (value, look) in enumerate(zip(values, looks, strict=False), column):
            if value != "":
                self.put(row, place, value, look)

    def put_merged(self, place: Merged, value: Value = "", look: Look = Look.TEXT) -> None:
        """Merge a range and fill its first cell, unless the value is an empty text."""
        self.merged.append(place)
        if value != "":
            self.put(place.first_row, place.first_column, value, look)


def amount_cell(value: Decimal, as_text: TextNumbers | None = None) -> str | float:
    """Return a number as a cell holds it; as a text it has its sign for decimals and none for thousands."""
    return str(value).replace(".", as_text.value) if as_text else float(value)
