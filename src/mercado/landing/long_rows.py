"""Sheets with a row per product and place: prices of a week, prices of rice at the mill.

Columns are found by their heads, so that a header one row higher, or codes between the columns, do no harm.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from mercado.landing.cells import Cell, raw_text, tidied
from mercado.landing.checks import REMEMBERED, cell_problem, checked_name, checked_price, refusal
from mercado.landing.document import Problem
from mercado.landing.layouts import TITLE_ROWS, TRENDS, LongLayout, is_note
from mercado.landing.numbers import amount, is_not_available
from mercado.landing.spreadsheet import Sheet
from mercado.sipsa.names import simplified
from mercado.sipsa.rows import BrokenRuleError

CODE_DIGITS: Final = 5


class LongRow(NamedTuple):
    """What a row says; prices in COP per the sheet's unit.

    Attributes:
        row: Of the sheet, from 0 on.
        product: The source's text; ``place`` likewise.
        trend: One of ``+ ++ +++ - -- --- =``, or ``None`` where it is not available.
        code: DIVIPOLA code of the place, five digits, where the sheet states one.
    """

    row: int
    product: str
    place: str
    minimum: Decimal
    maximum: Decimal
    mean: Decimal
    trend: str | None
    code: str | None


@dataclass(frozen=True)
class LongColumns:
    """Where a sheet's columns are, from 0 on, and its first row of data."""

    first_row: int
    product: int
    place: int
    prices: tuple[int, int, int]
    trend: int
    code: int | None


def long_columns(sheet: Sheet, layout: LongLayout) -> LongColumns:
    """Return where the columns of a sheet are.

    Raises:
        RejectedFileError: A head is missing, the unit's among them.
    """
    texts = {(row, column): simplified(text) for row, column, text in sheet.texts(0, TITLE_ROWS)}
    header = next((row for (row, _), text in texts.items() if text == layout.product), None)
    if header is None:
        found = "; ".join(text for _, _, text in sheet.texts(0, TITLE_ROWS))
        rule = f"a row with the heads {layout.product!r}, {layout.places[0]!r}, {layout.unit!r}"
        raise refusal(Problem(sheet.name, rule, raw_text(found)), advice="DANE's layout may have changed.")
    heads = {text: column for (row, column), text in reversed(texts.items()) if header <= row <= header + 1}
    place = next((place for place in layout.places if place in heads), layout.places[0])
    of_columns = (layout.product, place, *layout.prices, layout.trend)
    missing = [head for head in (layout.unit, *of_columns) if head not in heads]
    if missing or len({heads[head] for head in of_columns}) < len(of_columns):
        raise refusal(
            Problem(
                f"{sheet.name}, row {header + 1}",
                f"the heads {', '.join(missing or of_columns)}, each above a column of its own",
                raw_text(", ".join(heads)),
            ),
            advice="DANE's layout may have changed: prices of another unit must not be mixed with these.",
        )
    subheads = next(row for (row, _), text in texts.items() if text in layout.prices and row >= header)
    minimum, maximum, mean = (heads[price] for price in layout.prices)
    return LongColumns(
        first_row=subheads + 1,
        product=heads[layout.product],
        place=heads[place],
        prices=(minimum, maximum, mean),
        trend=heads[layout.trend],
        code=heads.get(layout.code) if layout.code else None,
    )


class LongReader:
    """Reads the rows of one sheet.

    A row whose prices are all ``n.d.`` or blank says nothing and is passed over. The first such row that begins the
    legend ends the table; a price below that is a problem, since nobody knows what it belongs to.

    Attributes:
        rows: Those that keep every rule.
        read: Number of rows that state a price.
        rejected: The first broken rule of each other row; a trend that is none costs no row.
    """

    def __init__(self, sheet: Sheet, columns: LongColumns) -> None:
        self.rows: list[LongRow] = []
        self.read = 0
        self.rejected: list[Problem] = []
        self._sheet = sheet.name
        self._columns = columns
        ended = False
        # Almost every row keeps every rule, which is quick to see; what is wrong with the others is found out slowly.
        for number, (cells, row) in enumerate(
            zip(sheet.rows[columns.first_row :], _quick(sheet, columns), strict=True), columns.first_row
        ):
            if row is not None and not ended:
                self.read += 1
                self.rows.append(row)
                continue
            if all(is_not_available(cells[column]) for column in columns.prices):
                ended = ended or is_note(next((text for cell in cells if (text := tidied(cell))), ""))
                continue
            self.read += 1
            if ended:
                self._reject(number, columns.prices[0], "nothing below the legend", cells)
            elif row := self._row(number, cells):
                self.rows.append(row)

    def _row(self, number: int, cells: list[Cell]) -> LongRow | None:
        column = self._columns.product
        try:
            product = checked_name(cells[column], what="a product")
            column = self._columns.place
            place = checked_name(cells[column], what="a market or municipality")
            code = None
            if self._columns.code is not None:
                column = self._columns.code
                code = _code(cells[column])
            prices: dict[int, Decimal] = {}
            for column in self._columns.prices:
                prices[column] = _price(cells[column])
            minimum, maximum, mean = prices.values()
            if not minimum <= mean <= maximum:
                column = self._columns.prices[0 if minimum > maximum else 2]
                raise BrokenRuleError(f"minimum <= mean <= maximum ({minimum}, {mean}, {maximum})")
        except BrokenRuleError as error:
            self._reject(number, column, str(error), cells)
            return None
        return LongRow(number, product, place, minimum, maximum, mean, self._trend(number, cells), code)

    def _trend(self, number: int, cells: list[Cell]) -> str | None:
        cell = cells[self._columns.trend]
        if cell in TRENDS:
            return str(cell)
        trend = tidied(cell)
        if trend in TRENDS:
            return trend
        if not is_not_available(cell):
            self._reject(number, self._columns.trend, f"a trend, one of {' '.join(sorted(TRENDS))}", cells)
        return None

    def _reject(self, number: int, column: int, rule: str, cells: list[Cell]) -> None:
        self.rejected.append(cell_problem(self._sheet, number, column, rule, cells[column]))


def _quick(sheet: Sheet, columns: LongColumns) -> Iterator[LongRow | None]:
    """Yield each row that keeps every rule, and ``None`` for any other, column by column."""
    rows = sheet.rows[columns.first_row :]
    if not rows:
        return
    cells = list(zip(*rows, strict=True))
    names = (map(_name_or_none, cells[column]) for column in (columns.product, columns.place))
    prices = (map(_price_or_none, cells[column]) for column in columns.prices)
    # Rice has codes, but few rows.
    with_code = columns.code is not None
    for number, (product, place, minimum, maximum, mean, trend) in enumerate(
        zip(*names, *prices, cells[columns.trend], strict=True), columns.first_row
    ):
        if (
            product is None
            or place is None
            or minimum is None
            or maximum is None
            or mean is None
            or trend not in TRENDS
            or with_code
            or not minimum <= mean <= maximum
        ):
            yield None
        else:
            yield LongRow(number, product, place, minimum, maximum, mean, str(trend), None)


# By type too: True is no 1. Names and prices repeat within a sheet and from week to week.
@lru_cache(REMEMBERED, typed=True)
def _name_or_none(cell: Cell) -> str | None:
    with suppress(BrokenRuleError):
        return checked_name(cell, what="a name")
    return None


@lru_cache(REMEMBERED, typed=True)
def _price_or_none(cell: Cell) -> Decimal | None:
    with suppress(BrokenRuleError):
        return _price(cell)
    return None


def _price(cell: Cell) -> Decimal:
    price = amount(cell)
    if price is None:
        raise BrokenRuleError("a price, as the row has others")
    return checked_price(price)


def _code(cell: Cell) -> str | None:
    """Return a code as text; as a number it has lost its leading zero."""
    text = f"{cell:.0f}" if isinstance(cell, float | int) else tidied(cell)
    if not text:
        return None
    code = text.zfill(CODE_DIGITS)
    if not (len(code) == CODE_DIGITS and code.isdecimal() and code.isascii()):
        raise BrokenRuleError("a DIVIPOLA code of five digits")
    return code
