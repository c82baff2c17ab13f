"""The two containers of workbooks: today's zipped XML and the older BIFF8, from the same sheets.

The same sheets make the same bytes: neither has a clock in it.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, Final, Literal

import xlsxwriter
import xlwt

from tests.simulators.workbooks.sheets import Look, Sheet

Container = Literal["xlsx", "xls"]
_CREATED: Final = datetime(2020, 1, 1, tzinfo=UTC)
_NUMBER_FORMATS: Final = {
    Look.PRICE: "#,##0",
    Look.TONNES: "#,##0.0",
    Look.SHARE: "0.0%",
    Look.DAY: "dd/mm/yyyy",
}
_BOLD: Final = frozenset({Look.TITLE, Look.HEADER})


def workbook_bytes(sheets: Sequence[Sheet], *, container: Container) -> bytes:
    """Return a workbook of these sheets.

    Raises:
        ValueError: There are more rows or columns than BIFF8 has (65,536 and 256).
    """
    return _zipped(sheets) if container == "xlsx" else _biff(sheets)


def _zipped(sheets: Sequence[Sheet]) -> bytes:
    stream = BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True, "strings_to_urls": False}) as workbook:
        workbook.set_properties({"created": _CREATED})
        formats = {
            look: workbook.add_format({"bold": look in _BOLD, "num_format": _NUMBER_FORMATS.get(look, "General")})
            for look in Look
        }
        for sheet in sheets:
            _fill_zipped(workbook.add_worksheet(sheet.name), sheet, formats)
    return stream.getvalue()


def _fill_zipped(page: Any, sheet: Sheet, formats: dict[Look, Any]) -> None:
    for place in sheet.merged:
        page.merge_range(*place, "", formats[Look.TEXT])
    for row, column, value, look in sheet.cells:
        if isinstance(value, str):
            page.write_string(row, column, value, formats[look])
        elif isinstance(value, float):
            page.write_number(row, column, value, formats[look])
        else:
            page.write_datetime(row, column, value, formats[look])


def _biff(sheets: Sequence[Sheet]) -> bytes:
    workbook = xlwt.Workbook(encoding="utf-8")
    styles = {
        look: xlwt.easyxf(
            f"font: bold {'on' if look in _BOLD else 'off'}", num_format_str=_NUMBER_FORMATS.get(look, "General")
        )
        for look in Look
    }
    for sheet in sheets:
        page = workbook.add_sheet(sheet.name)
        for first_row, first_column, last_row, last_column in sheet.merged:
            page.merge(first_row, last_row, first_column, last_column)
        for row, column, value, look in sheet.cells:
            page.write(row, column, value, styles[look])
    stream = BytesIO()
    workbook.save(stream)
    return stream.getvalue()
