"""Where the blocks of a sheet of supply are, and whether their sums are those that the sheet itself states.

A block is found by its head "GRUPO", wherever it stands: blocks lie side by side, and the right ones run a row lower
from some point on.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from mercado.landing.cells import Cell, address, tidied
from mercado.landing.layouts import SUPPLY
from mercado.landing.numbers import amount
from mercado.landing.spreadsheet import Sheet
from mercado.sipsa.names import simplified
from mercado.sipsa.rows import GREATEST_AMOUNT, BrokenRuleError

TOLERATED_TONNES: Final = Decimal("0.01")
FOOTNOTES: Final = " *"
# Columns of a block, beside that of the groups: the week before, the present week, its variation.
BEFORE, PRESENT, VARIATION = 1, 2, 3


@dataclass(frozen=True)
class Block:
    """A market's block; rows and columns of the sheet count from 0.

    Attributes:
        sheet: Where it is.
        market: Its title, without footnotes' stars; empty where it is missing.
        heads: Row of its heads.
        column: Of the groups.
        groups: Rows of the groups.
        total: Row of their total, if there is one.
    """

    sheet: Sheet
    market: str
    heads: int
    column: int
    groups: list[int]
    total: int | None

    @property
    def adds_up_others(self) -> bool:
        """Whether the block is that of all markets together."""
        return simplified(self.market) == SUPPLY.all_markets

    def cell(self, row: int, place: int) -> Cell:
        """Return the cell of a row, so many columns beside that of the groups."""
        cells = self.sheet.rows[row]
        return cells[self.column + place] if self.column + place < len(cells) else ""

    def group(self, row: int) -> str:
        """Return a row's group, without a footnote's star."""
        return tidied(self.cell(row, 0)).rstrip(FOOTNOTES)

    def place(self, row: int, place: int) -> str:
        """Return where such a cell is, such as ``1.9!C14``."""
        return f"{self.sheet.name}!{address(row, self.column + place)}"


def blocks(sheet: Sheet) -> list[Block]:
    """Return the blocks of a sheet, those on the left first, each side from top to bottom."""
    heads = [(column, row) for row, column, text in sheet.texts(1, len(sheet.rows)) if simplified(text) == SUPPLY.group]
    return [
        Block(
            sheet,
            tidied(sheet.rows[row - 1][column]).rstrip(FOOTNOTES),
            row,
            column,
            *_groups_and_total(sheet, row + 1, column),
        )
        for column, row in sorted(heads)
    ]


def tonnes(cell: Cell) -> Decimal | None:
    """Return a cell's tonnes, or ``None`` where they are not available.

    Raises:
        BrokenRuleError: The cell holds no number, or one that cannot be tonnes.
    """
    value = amount(cell)
    if value is not None and not 0 <= value <= GREATEST_AMOUNT:
        raise BrokenRuleError(f"tonnes from 0 to {GREATEST_AMOUNT:,}")
    return value


def sums_that_differ(found: Sequence[Block]) -> list[str]:
    """Return a note for each total that is not the sum of its parts: of a block's groups, of the markets."""
    notes = [f"{block.place(block.heads, 0)}: {block.market!r} has no total" for block in found if block.total is None]
    for block in found:
        for place in (BEFORE, PRESENT) if block.total is not None else ():
            parts = sum((_tonnes_or_zero(block.cell(row, place)) for row in block.groups), Decimal(0))
            notes += _difference(block, block.total or 0, place, parts)
    of_group: defaultdict[str, Decimal] = defaultdict(Decimal)
    for block in found:
        for row in block.groups if not block.adds_up_others else ():
            of_group[simplified(block.group(row))] += _tonnes_or_zero(block.cell(row, PRESENT))
    for block in found:
        for row in block.groups if block.adds_up_others else ():
            notes += _difference(block, row, PRESENT, of_group[simplified(block.group(row))])
    return notes


def _difference(block: Block, row: int, place: int, parts: Decimal) -> list[str]:
    total = _tonnes_or_zero(block.cell(row, place))
    if abs(total - parts) <= TOLERATED_TONNES:
        return []
    return [f"{block.place(row, place)}: {block.group(row)!r} of {block.market!r} is {total} t, its parts {parts} t"]


def _tonnes_or_zero(cell: Cell) -> Decimal:
    """Return a cell's tonnes, 0 where it has none: what breaks a rule is told elsewhere."""
    try:
        return tonnes(cell) or Decimal(0)
    except BrokenRuleError:
        return Decimal(0)


def _groups_and_total(sheet: Sheet, first: int, column: int) -> tuple[list[int], int | None]:
    for row in range(first, len(sheet.rows)):
        group = simplified(tidied(sheet.rows[row][column]))
        if group in SUPPLY.totals:
            return [*range(first, row)], row
        if group in ("", SUPPLY.group):
            return [*range(first, row)], None
    return [*range(first, len(sheet.rows))], None
