"""The sheet of supply of a weekly workbook, 1.9 or 1.10: blocks of markets in two columns, each with its totals."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from math import inf, nextafter
from typing import Final

from tests.simulators.workbooks.dirt import WeeklyDirt
from tests.simulators.workbooks.model import Supply, SupplyAmount, SupplyBlock, WeeklyBook
from tests.simulators.workbooks.price_layout import WIDE_LEGEND, put_legend
from tests.simulators.workbooks.sheets import Look, Merged, Sheet, Value
from tests.simulators.workbooks.spanish import PeriodForm, WeekForm, period, short_week
from tests.simulators.workbooks.titles import BACK_LINK, dated, weekly_title

_WEEK: Final = timedelta(days=7)
_FIRST_ROW, _LEFT, _RIGHT, _LAST_COLUMN = 8, 0, 5, 8
_LOOKS: Final = (Look.TEXT, Look.TONNES, Look.TONNES, Look.SHARE)
_ALL_MARKETS: Final = "TOTAL MERCADOS"
_ROWS_BELOW: Final = 325
_NOTES: Final = (
    "FUENTE: DANE - SIPSA",
    "* Otros grupos comprende: carnes, granos y cereales, lácteos y huevos, pescados y procesados.",
    "** En la Central de Acopio de Ipiales no se recoge información de alimentos clasificados en otros grupos.",
)


def supply_sheet(supply: Supply, book: WeeklyBook, dirt: WeeklyDirt) -> Sheet:
    """Lay out the sheet of supply: title in A3, both weeks in A5, blocks from A9 and F9 on, notes.

    The first half of the blocks, with that of all markets before them, stands on the left. Each column runs on its
    own, so that the right one is a row lower from where a block on the left has three groups instead of four.
    """
    name = "1.10" if book.rice else f"1.9{' ' * dirt.supply_sheet_space}"
    lower = int(dirt.supply_row_lower)
    sheet = Sheet(name)
    _put_head(sheet, supply, dirt, title=weekly_title(book, dirt, sheet=name), lower=lower)
    blocks = [_total(supply), *supply.blocks]
    half = (len(blocks) + 1) // 2
    ends = [
        _put_column(sheet, column_blocks, supply, dirt, row=_FIRST_ROW + lower, column=column)
        for column_blocks, column in ((blocks[:half], _LEFT), (blocks[half:], _RIGHT))
    ]
    for row, note in enumerate(_NOTES, max(ends) + 1):
        sheet.put(row, _LEFT, note)
    if dirt.leftover_legend:
        put_legend(sheet, max(ends) + _ROWS_BELOW, WIDE_LEGEND)
    return sheet


def _put_head(sheet: Sheet, supply: Supply, dirt: WeeklyDirt, *, title: str, lower: int) -> None:
    form = PeriodForm.PLAIN if dirt.week_form is WeekForm.TIGHT else PeriodForm.DEL_AL
    weeks = period(supply.first_day - _WEEK, supply.first_day + _WEEK - timedelta(days=1), form)
    sheet.put_merged(Merged(0, 0, 1 + lower, 5))
    sheet.put(2, 9 if lower else 10, BACK_LINK)
    sheet.put_merged(Merged(2 + lower, _LEFT, 3 + lower, _LAST_COLUMN), title, Look.TITLE)
    # Whichever sheet it is, DANE's heading says 1.9.
    heading = dated(f"1.9. Abastecimiento semanal por grupo de alimentos\n{weeks}", dirt)
    sheet.put_merged(Merged(4 + lower, _LEFT, 6 + lower, _LAST_COLUMN), heading, Look.TITLE)


def _put_column(
    sheet: Sheet, blocks: Sequence[SupplyBlock], supply: Supply, dirt: WeeklyDirt, *, row: int, column: int
) -> int:
    """Write blocks downwards and return the row below the last one."""
    weeks = [short_week(day, dirt.week_form) for day in (supply.first_day - _WEEK, supply.first_day)]
    for block in blocks:
        sheet.put_merged(Merged(row, column, row, column + 3), block.market, Look.HEADER)
        sheet.put_row(row + 1, ("GRUPO", *weeks, "Variación (%)"), column=column, looks=(Look.HEADER,) * 4)
        for offset, amount in enumerate([*block.amounts, _sum(block)], 2):
            sheet.put_row(row + offset, _cells(amount, dirt), column=column, looks=_LOOKS)
        row += len(block.amounts) + 4
    return row


def _cells(amount: SupplyAmount, dirt: WeeklyDirt) -> tuple[Value, ...]:
    group = amount.group.removesuffix("*") if dirt.plain_other_groups else amount.group
    tonnes = [float(amount.previous_tonnes), float(amount.tonnes)]
    if dirt.float_noise:
        tonnes = [nextafter(each, inf) for each in tonnes]
    return (group, *tonnes, float(amount.variation_pct / 100))


def _total(supply: Supply) -> SupplyBlock:
    """Return the block of all markets together."""
    amounts = [amount for block in supply.blocks for amount in block.amounts]
    by_group: dict[str, list[SupplyAmount]] = {}
    for amount in amounts:
        by_group.setdefault(amount.group, []).append(amount)
    return SupplyBlock(_ALL_MARKETS, tuple(_added(same, group) for group, same in by_group.items()))


def _sum(block: SupplyBlock) -> SupplyAmount:
    return _added(block.amounts, "TOTAL GENERAL" if block.market == _ALL_MARKETS else "Total")


def _added(amounts: Sequence[SupplyAmount], label: str) -> SupplyAmount:
    before = sum((amount.previous_tonnes for amount in amounts), Decimal(0))
    now = sum((amount.tonnes for amount in amounts), Decimal(0))
    return SupplyAmount(label, before, now, (now / before - 1) * 100)
