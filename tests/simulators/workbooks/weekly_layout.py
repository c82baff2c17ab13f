"""The weekly workbook: an index, a sheet of prices for each group, and in some of them supply, rice or both."""

from typing import Final

from tests.simulators.workbooks.dirt import WeeklyDirt
from tests.simulators.workbooks.faults import WeeklyFault
from tests.simulators.workbooks.index_layout import index_sheet
from tests.simulators.workbooks.model import WeeklyBook
from tests.simulators.workbooks.price_layout import price_sheet
from tests.simulators.workbooks.rice_layout import rice_sheet
from tests.simulators.workbooks.sheets import Sheet
from tests.simulators.workbooks.soiling import soiled_weekly
from tests.simulators.workbooks.supply_layout import supply_sheet

_LOST: Final = "1.6"


def weekly_sheets(book: WeeklyBook, dirt: WeeklyDirt) -> list[Sheet]:
    """Lay out a weekly workbook, in the order of its tabs."""
    written = soiled_weekly(book, dirt)
    sheets = [index_sheet(written, dirt), *(price_sheet(sheet, written, dirt) for sheet in written.sheets)]
    if written.rice:
        sheets.append(rice_sheet(written.rice, dirt))
    if written.supply:
        sheets.append(supply_sheet(written.supply, written, dirt))
    is_lost = dirt.fault is WeeklyFault.MISSING_SHEET
    return [sheet for sheet in sheets if not (is_lost and sheet.name == _LOST)]
