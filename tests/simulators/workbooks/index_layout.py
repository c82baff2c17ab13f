"""The first sheet of a weekly workbook, ``Índice``: what the others are about, and when they were written."""

from typing import Final

from tests.simulators.workbooks.dirt import WeeklyDirt
from tests.simulators.workbooks.model import PRICE_SHEETS, RiceLayout, WeeklyBook
from tests.simulators.workbooks.sheets import Look, Merged, Sheet
from tests.simulators.workbooks.spanish import long_day
from tests.simulators.workbooks.titles import SYSTEM, dated, weekly_title

NAME: Final = "Índice"
_FIRST_ROW, _LAST_COLUMN = 7, 12
_SUPPLY: Final = "Abastecimiento semanal por grupo de alimentos"
_RICE: Final = {
    RiceLayout.NAMED: ("1.9.", "Arroz y subproductos en molino"),
    RiceLayout.CODED: ("1.9", "Productos y subproductos de arroz en molino"),
}


def index_sheet(book: WeeklyBook, dirt: WeeklyDirt) -> Sheet:
    """Lay out the index: a line for each other sheet from B8 on, an empty row, and the day of the last change."""
    entries = [*PRICE_SHEETS.items(), *_extra_entries(book)]
    sheet = Sheet(NAME)
    sheet.put_merged(Merged(0, 0, 1, _LAST_COLUMN))
    sheet.put_merged(Merged(2, 0, 3, _LAST_COLUMN), f"{SYSTEM}{' ' * 25}-SIPSA-", Look.TITLE)
    sheet.put_merged(Merged(4, 0, 6, _LAST_COLUMN), weekly_title(book, dirt, sheet=NAME), Look.TITLE)
    for row, entry in enumerate(entries, _FIRST_ROW):
        sheet.put_row(row, entry, column=1)
    updated = long_day(book.last_day)
    if dirt.index_misspelt:
        updated = f"{book.last_day.day} de juno de {book.last_day.year}"
    sheet.put(_FIRST_ROW + len(entries) + 1, 0, dated(f"Fecha de actualización: {updated}", dirt))
    return sheet


def _extra_entries(book: WeeklyBook) -> list[tuple[str, str]]:
    entries = [_RICE[book.rice.layout]] if book.rice else []
    if book.supply:
        entries.append(("1.10" if book.rice else "1.9", _SUPPLY))
    return entries
