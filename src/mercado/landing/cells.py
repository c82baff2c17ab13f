"""What the cells of a sheet hold, where they are, and their texts."""

import re
from datetime import date, datetime, time, timedelta
from typing import Final

Cell = str | int | float | bool | date | datetime | time | timedelta
"""As `python_calamine` gives it: ``""`` for an empty cell, the cached value for a formula."""
ErrorCells = dict[tuple[int, int], str]
"""Cells of a sheet, by row and column from 0 on, that show an error such as ``#DIV/0!``."""

LONGEST_RAW_TEXT: Final = 200
CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_LETTERS: Final = 26


def column_letters(column: int) -> str:
    """Return the letters of a column, counted from 0: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, letter = divmod(column - 1, _LETTERS)
        letters = chr(ord("A") + letter) + letters
    return letters


def column_number(letters: str) -> int:
    """Return the column that letters stand for, counted from 0."""
    number = 0
    for letter in letters.upper():
        number = number * _LETTERS + ord(letter) - ord("A") + 1
    return number - 1


def address(row: int, column: int) -> str:
    """Return a cell's address, such as ``D37``; rows and columns count from 0."""
    return f"{column_letters(column)}{row + 1}"


def tidied(cell: Cell) -> str:
    """Return a cell's text without outer white space and line breaks; empty where the cell holds no text.

    A line break is how a narrow cell is filled, so it becomes one space. Everything else is the source's own text and
    part of a key: a trailing ``*`` and doubled spaces stay.
    """
    if not isinstance(cell, str):
        return ""
    if "\n" not in cell and "\r" not in cell:
        return cell.strip()
    return " ".join(filter(None, map(str.strip, cell.splitlines())))


def raw_text(cell: Cell) -> str:
    """Return what a cell holds, as a person sees it, for a message; bounded."""
    text = f"{cell:.15g}" if isinstance(cell, float) else str(cell)
    return text if len(text) <= LONGEST_RAW_TEXT else f"{text[:LONGEST_RAW_TEXT]}…"


def is_number(cell: Cell) -> bool:
    """Return whether a cell holds a number; a truth value is none."""
    return isinstance(cell, int | float) and not isinstance(cell, bool)
