"""A workbook's visible sheets, opened so that a hostile or damaged file is refused and can do no harm.

What a file is, is decided by its first bytes, not by its name: of 35 real .xls files, eight are .xlsx inside. Cached
values of formulas are read; no link is followed. A hidden sheet is not read, since nobody who looks at the bulletin
sees it; it is noted.
"""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from mercado.landing import biff, compound, ooxml
from mercado.landing.cells import Cell, ErrorCells, tidied
from mercado.landing.checks import refusal
from mercado.landing.document import LARGEST_BYTES, Problem

ZIP: Final = b"PK\x03\x04"
# What else comes under a workbook's name, by its first bytes.
OTHERS: Final = {
    b"%pdf": "a PDF",
    b"<!doctype html": "an HTML page",
    b"<html": "an HTML page",
    b"<table": "an HTML page",
    b"<?xml": "XML",
    b"{\\rtf": "RTF",
    b"\x1f\x8b": "a gzip file",
    b"rar!": "a RAR archive",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"\x89png": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"pk": "an empty or damaged zip file",
}
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
SHOWN_BYTES: Final = 40
Range = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class Sheet:
    """A sheet's cells, from A1 on.

    Attributes:
        name: Without outer white space: DANE writes both "1.9" and "1.9 ".
        rows: Each as wide as the sheet, numbers and texts as they are in the file.
        merged: First and last cell of each merged range.
    """

    name: str
    rows: list[list[Cell]]
    merged: list[Range]

    def texts(self, first: int, last: int) -> Iterator[tuple[int, int, str]]:
        """Yield row, column and tidied text of each cell that has one, of the rows from first to before last."""
        for row, cells in enumerate(self.rows[first:last], first):
            for column, cell in enumerate(cells):
                if text := tidied(cell):
                    yield row, column, text


@dataclass(frozen=True)
class Workbook:
    """The sheets that are read, and notes on those that are not."""

    sheets: list[Sheet]
    notes: list[str]


def open_workbook(content: bytes) -> Workbook:
    """Return the visible sheets of a workbook.

    Args:
        content: The whole file.

    Raises:
        RejectedFileError: It is empty, too large, no workbook, cut, damaged, protected or a bomb.
    """
    errors = _checked(content)
    with _explained():
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
    sheets, notes = [], []
    for place, metadata in enumerate(workbook.sheets_metadata):
        if metadata.typ != SheetTypeEnum.WorkSheet:
            continue
        if metadata.visible != SheetVisibleEnum.Visible:
            notes.append(f"sheet {metadata.name!r} is hidden and was not read")
            continue
        with _explained():
            sheet = workbook.get_sheet_by_index(place)
            rows: list[list[Cell]] = sheet.to_python(skip_empty_area=False)
            merged = sheet.merged_cell_ranges or []
        _show_errors(rows, errors[place] if place < len(errors) else {})
        sheets.append(Sheet(metadata.name.strip(), rows, merged))
    return Workbook(sheets, notes)


def _checked(content: bytes) -> list[ErrorCells]:
    """Return the sheets' error cells, once the file has proved harmless."""
    if len(content) > LARGEST_BYTES:
        raise refusal(
            Problem("file", f"at most {LARGEST_BYTES:,} bytes", f"{len(content):,}"),
            advice="A price workbook has less than a megabyte: look what this is.",
        )
    if content.startswith(ZIP):
        return ooxml.checked(content)
    if not content.startswith(compound.SIGNATURE):
        raise refusal(
            Problem("file", "an Excel workbook (.xls or .xlsx)", _described(content)),
            advice="Download the workbook itself from DANE, not a page about it.",
        )
    file = compound.opened(content)
    if "EncryptedPackage" in file.entries:
        raise refusal(
            Problem("file", "a workbook without a password", "an encrypted one"), advice="Save it without a password."
        )
    name = next((name for name in ("Workbook", "Book") if name in file.entries), None)
    if name is None:
        raise refusal(
            Problem("file", "a workbook in the compound file", ", ".join(sorted(file.entries))[:SHOWN_BYTES]),
            advice="It is no Excel workbook (.doc, .ppt and .msg have the same container).",
        )
    return biff.checked(file.stream(name))


def _described(content: bytes) -> str:
    if not content:
        return "an empty file"
    beginning = content.removeprefix(BYTE_ORDER_MARK).lstrip()
    known = next((what for start, what in OTHERS.items() if beginning.lower().startswith(start)), None)
    if known is None:
        known = "text, perhaps CSV" if b"\x00" not in content[:1024] else "something else"
    return f"{known}: {beginning[:SHOWN_BYTES]!r}"


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what the reading library says or dies of into a refusal."""
    try:
        yield
    except BaseException as error:
        # A day beyond the calendar overflows. A panic of Rust code is a BaseException whose class cannot be imported.
        explained = isinstance(error, CalamineError | ValueError | OverflowError)
        if not explained and type(error).__name__ != "PanicException":
            raise
        raise refusal(
            Problem("file", "a workbook that can be read", f"{type(error).__name__}: {error}"),
            advice="It is damaged. Open it in a spreadsheet program and save it again, or fetch it again from DANE.",
        ) from error


def _show_errors(rows: list[list[Cell]], errors: ErrorCells) -> None:
    """Write errors into their cells, which the library leaves empty: an error is no missing value."""
    for (row, column), text in errors.items():
        if row < len(rows) and column < len(rows[row]):
            rows[row][column] = text
