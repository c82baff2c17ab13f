"""The records of an .xls workbook (BIFF), walked once before anything reads them.

`python_calamine` makes room for whatever a damaged record claims, which can end the whole process; and it shows a cell
with an error as an empty one. So sizes are checked, and error cells are remembered. The form is that of [MS-XLS].
"""

import struct
from collections.abc import Iterator
from typing import Final

from mercado.landing.cells import ErrorCells
from mercado.landing.checks import refusal, require_few_cells
from mercado.landing.compound import damaged
from mercado.landing.document import Problem

END: Final = 0x000A
PASSWORD, SHEET, STRINGS, DIMENSIONS = 0x002F, 0x0085, 0x00FC, 0x0200
FORMULA, ERROR_OR_TRUTH, SEVERAL_NUMBERS = 0x0006, 0x0205, 0x00BD
# With a value: number, text (three kinds), truth or error, compact number, several of these, formula.
CELLS: Final = frozenset({0x0203, 0x0204, 0x00D6, 0x00FD, ERROR_OR_TRUTH, 0x027E, SEVERAL_NUMBERS, FORMULA})
SHORTEST: Final = {SHEET: 8, STRINGS: 8, DIMENSIONS: 10, FORMULA: 20, ERROR_OR_TRUTH: 8} | dict.fromkeys(
    CELLS - {FORMULA, ERROR_OR_TRUTH}, 6
)
STRING_BYTES: Final = 3
ERRORS: Final = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
}


def checked(stream: bytes) -> list[ErrorCells]:
    """Check the records of a workbook and return its sheets' error cells, in the order of the sheets.

    Raises:
        RejectedFileError: The workbook is cut, damaged, protected by a password, or has too many cells.
    """
    errors: list[ErrorCells] = []
    cells = 0
    for kind, start, length in _records(stream, 0):
        if kind == PASSWORD and any(stream[start : start + length]):
            raise refusal(
                Problem("file", "a workbook without a password", "an encrypted one"),
                advice="Save it without a password.",
            )
        if kind == STRINGS and struct.unpack_from("<I", stream, start + 4)[0] > len(stream) // STRING_BYTES:
            raise damaged("a table of more texts than fit into it")
        if kind == SHEET:
            area, error_cells = _sheet(stream, struct.unpack_from("<I", stream, start)[0])
            cells += area
            require_few_cells(cells)
            errors.append(error_cells)
    return errors if any(errors) else []


def _records(stream: bytes, place: int) -> Iterator[tuple[int, int, int]]:
    """Yield kind, start and length of each record from a place on, up to the end that the stream declares."""
    header = struct.Struct("<HH").unpack_from
    end = len(stream) - 4
    while place <= end:
        kind, length = header(stream, place)
        start = place + 4
        place = start + length
        if place > len(stream) or length < SHORTEST.get(kind, 0):
            raise damaged(f"a record of kind {kind:#06x} and {length} bytes at {start:,} of {len(stream):,}")
        if kind == END:
            return
        yield kind, start, length
    raise damaged("a workbook whose last record is missing")


def _sheet(stream: bytes, place: int) -> tuple[int, ErrorCells]:
    """Return a sheet's cells, counted from A1 to the last one, and those that show an error."""
    last_row = last_column = -1
    errors: ErrorCells = {}
    position = struct.Struct("<HH").unpack_from
    for kind, start, length in _records(stream, place):
        if kind in CELLS:
            row, column = position(stream, start)
            if kind == SEVERAL_NUMBERS:
                column = position(stream, start + length - 4)[1]
            elif text := _error(kind, stream[start : start + length]):
                errors[row, column] = text
            last_row, last_column = max(last_row, row), max(last_column, column)
        elif kind == DIMENSIONS:
            require_few_cells(_declared(stream[start : start + length]))
    return (last_row + 1) * (last_column + 1), errors


def _declared(dimensions: bytes) -> int:
    form = "<IIHH" if len(dimensions) >= struct.calcsize("<IIHHH") else "<HHHH"
    first_row, rows, first_column, columns = map(int, struct.unpack_from(form, dimensions))
    if rows and columns and (first_row >= rows or first_column >= columns):
        raise damaged("a sheet that ends before it begins")
    return rows * columns


def _error(kind: int, record: bytes) -> str | None:
    if kind == ERROR_OR_TRUTH and record[7]:
        return ERRORS.get(record[6], "#ERROR")
    if kind == FORMULA and record[6] == 2 and record[12:14] == b"\xff\xff":
        return ERRORS.get(record[8], "#ERROR")
    return None
