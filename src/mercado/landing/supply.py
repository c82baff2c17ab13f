"""Tonnes that reached the markets: a block per market, of the present week and the one before.

Stars are footnotes here ("Otros grupos*", "Ipiales, Centro de Acopio**"); they come and go from file to file, so names
are kept without them, or a market's history would fall apart.
"""

from dataclasses import replace
from decimal import Decimal

from mercado.landing.cells import raw_text, tidied
from mercado.landing.checks import cell_problem, checked_name
from mercado.landing.dates import Period, period_in, week_of_column
from mercado.landing.document import Problem
from mercado.landing.layouts import SUPPLY, TITLE_ROWS
from mercado.landing.numbers import percentage
from mercado.landing.readings import LocatedRow, TableReading, without_repeats
from mercado.landing.spreadsheet import Sheet
from mercado.landing.supply_blocks import BEFORE, PRESENT, VARIATION, Block, blocks, sums_that_differ, tonnes
from mercado.landing.tables import WEEKLY_SUPPLY
from mercado.landing.titles import dated_title
from mercado.sipsa.names import simplified
from mercado.sipsa.rows import BrokenRuleError


def read_supply(sheet: Sheet) -> TableReading:
    """Return what a sheet says of the present week, one row per market and group.

    Sums that differ from the sheet's own totals are noted.

    Raises:
        RejectedFileError: The title names no period of two weeks, or one that does not exist.
    """
    expected = 'two weeks such as "9 al 22 de junio de 2022"'
    period, *_ = dated_title(sheet, TITLE_ROWS, period_in, expected=expected, word=SUPPLY.title)
    found = blocks(sheet)
    reader = SupplyReader(period)
    for block in found:
        if not block.adds_up_others:
            reader.read_block(block)
    reading = without_repeats(reader.located, WEEKLY_SUPPLY, sheet.name, read=reader.read, rejected=reader.rejected)
    return replace(reading, notes=reading.notes + sums_that_differ(found))


class SupplyReader:
    """Reads the blocks of one sheet.

    Attributes:
        located: The rows that keep every rule.
        read: Number of rows that state an amount.
        rejected: What breaks a rule; a variation that is none costs no row.
    """

    def __init__(self, period: Period) -> None:
        self.located: list[LocatedRow] = []
        self.read = 0
        self.rejected: list[Problem] = []
        self._period = period

    def read_block(self, block: Block) -> None:
        """Read a market's block."""
        try:
            market, week = checked_name(block.market, what="a market above its block"), self._week(block)
        except BrokenRuleError as error:
            self.read += len(block.groups)
            for row in block.groups:
                self._reject(block, row, PRESENT, str(error))
            return
        for row in block.groups:
            self._read_row(block, row, market, week)

    def _week(self, block: Block) -> Period:
        """Return the present week, which the block's heads tell without a year."""
        if not simplified(tidied(block.cell(block.heads, VARIATION))).startswith(SUPPLY.variation):
            raise BrokenRuleError(f"a block with two weeks and {SUPPLY.variation!r}")
        heads = (raw_text(block.cell(block.heads, place)) for place in (BEFORE, PRESENT))
        before, present = (week_of_column(head, self._period) for head in heads)
        if not self._period.first == before.first <= before.last < present.first <= present.last == self._period.last:
            raise BrokenRuleError(f"two weeks that make up {self._period}, not {before} and {present}")
        return present

    def _read_row(self, block: Block, row: int, market: str, week: Period) -> None:
        place = 0
        try:
            group = checked_name(block.group(row), what="a group")
            place = BEFORE
            before = tonnes(block.cell(row, place))
            place = PRESENT
            present = tonnes(block.cell(row, place))
        except BrokenRuleError as error:
            self.read += 1
            self._reject(block, row, place, str(error))
            return
        if present is None:
            return
        self.read += 1
        values = (group, market, week.first, week.last, present, before, self._variation(block, row))
        self.located.append(LocatedRow(values, row, (block.column + PRESENT,)))

    def _variation(self, block: Block, row: int) -> Decimal | None:
        try:
            return percentage(block.cell(row, VARIATION))
        except BrokenRuleError as error:
            self._reject(block, row, VARIATION, str(error))
            return None

    def _reject(self, block: Block, row: int, place: int, rule: str) -> None:
        cell = block.cell(row, place)
        self.rejected.append(cell_problem(block.sheet.name, row, block.column + place, rule, cell))
