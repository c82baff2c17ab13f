"""A workbook's cells as another library reads them, by sheet."""

from io import BytesIO
from typing import Any

from python_calamine import CalamineWorkbook

Rows = list[list[Any]]
Range = tuple[tuple[int, int], tuple[int, int]]


def cells_of(content: bytes) -> dict[str, Rows]:
    """Return each sheet's rows from A1 on; an empty cell is an empty text, an empty sheet has no row."""
    workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: workbook.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in workbook.sheet_names}


def merged_in(content: bytes, sheet: str) -> set[Range]:
    """Return a sheet's merged ranges: row and column of the first and of the last cell, from 0."""
    return set(CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name(sheet).merged_cell_ranges or ())


def filled(row: list[Any]) -> dict[int, Any]:
    """Return the cells of a row that hold something, by column."""
    return {column: cell for column, cell in enumerate(row) if cell != ""}
