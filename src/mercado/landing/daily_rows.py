"""The rows of a daily workbook: a product each, below its group."""

from datetime import date
from decimal import Decimal
from typing import Final

from mercado.landing.cells import Cell, tidied
from mercado.landing.checks import cell_problem, checked_name, checked_price
from mercado.landing.daily_columns import DailyColumns, MarketColumns
from mercado.landing.document import Problem
from mercado.landing.layouts import is_note
from mercado.landing.numbers import amount, is_not_available, percentage
from mercado.landing.readings import LocatedRow
from mercado.landing.spreadsheet import Sheet
from mercado.sipsa.names import normalised_product
from mercado.sipsa.rows import BrokenRuleError
from mercado.sipsa.units import price_unit

EVERYTHING_LOST: Final = Decimal(-100)


class DailyReader:
    """Reads the rows of the sheet.

    A row in which only the product's column is filled is a group, unless it is a known product that nobody sold. The
    first footnote ends the table; a price below that is a problem, since nobody knows what it belongs to.

    Attributes:
        located: Prices that keep every rule.
        read: Number of cells that state a price.
        rejected: What breaks a rule; a variation that is none costs no price.
    """

    def __init__(self, sheet: Sheet, columns: DailyColumns, first_row: int, day: date) -> None:
        self.located: list[LocatedRow] = []
        self.read = 0
        self.rejected: list[Problem] = []
        self._sheet = sheet.name
        self._day = day
        group, ended = None, False
        for row, cells in enumerate(sheet.rows[first_row:], first_row):
            stated = [market for market in columns.markets if not is_not_available(cells[market.price])]
            self.read += len(stated)
            text = tidied(cells[columns.product])
            if ended:
                self.rejected += [
                    self._problem(row, each.price, "nothing below the footnotes", cells) for each in stated
                ]
            elif stated:
                self._read_row(row, cells, columns.product, group, stated)
            elif text and not any(cells[column] != "" for column in columns.of_markets):
                ended = is_note(text)
                group = group if ended or normalised_product(text).known else text

    def _read_row(
        self, row: int, cells: list[Cell], column: int, group: str | None, stated: list[MarketColumns]
    ) -> None:
        try:
            product = checked_name(cells[column], what="a product")
        except BrokenRuleError as error:
            self.rejected += [self._problem(row, column, str(error), cells) for _ in stated]
            return
        for market in stated:
            try:
                price = _price(cells[market.price], market)
            except BrokenRuleError as error:
                self.rejected.append(self._problem(row, market.price, str(error), cells))
                continue
            variation = self._variation(row, market.variation, cells)
            values = (group, product, market.market, self._day, price, price_unit(product), variation)
            self.located.append(LocatedRow(values, row, (market.price,)))

    def _variation(self, row: int, column: int | None, cells: list[Cell]) -> Decimal | None:
        if column is None:
            return None
        try:
            variation = percentage(cells[column])
            if variation is not None and variation <= EVERYTHING_LOST:
                raise BrokenRuleError("a variation above -100 %, as there is a price")
        except BrokenRuleError as error:
            self.rejected.append(self._problem(row, column, str(error), cells))
            return None
        return variation

    def _problem(self, row: int, column: int, rule: str, cells: list[Cell]) -> Problem:
        return cell_problem(self._sheet, row, column, rule, cells[column])


def _price(cell: Cell, market: MarketColumns) -> Decimal:
    if not market.market:
        raise BrokenRuleError("a market's name above the price")
    price = amount(cell)
    if price is None:
        raise BrokenRuleError("a price")
    return checked_price(price)
