"""Dates in the titles above a table: found, or the file is refused with what stands there instead."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Final, TypeVar

from mercado.landing.cells import address, raw_text, tidied
from mercado.landing.checks import cell_problem, refusal
from mercado.landing.document import Problem
from mercado.landing.spreadsheet import Sheet
from mercado.sipsa.names import simplified
from mercado.sipsa.rows import BrokenRuleError

Dated = TypeVar("Dated")
ADVICE: Final = "Correct the title in the workbook: a date is never guessed."


def dated_title(
    sheet: Sheet, last_row: int, parse: Callable[[str], Dated | None], *, expected: str, word: str = ""
) -> tuple[Dated, int, int]:
    """Return the date that the titles tell, and the row and column of the first that does.

    Args:
        sheet: Its first rows are looked through; a true date counts as its text, such as 2026-09-18.
        last_row: Before which they end.
        parse: Returns the date that a text tells, or ``None`` where it tells none.
        expected: What a title should say, for the message.
        word: Only texts with it, in any case, are titles.

    Raises:
        RejectedFileError: No title tells a date, two tell different ones, or one tells a date that does not exist.
    """
    titles = [each for each in _texts(sheet, last_row) if word in simplified(each[2])]
    dated: list[tuple[Dated, int, int]] = []
    for row, column, text in titles:
        try:
            date_told = parse(text)
        except BrokenRuleError as error:
            raise refusal(cell_problem(sheet.name, row, column, str(error), text), advice=ADVICE) from error
        if date_told is None:
            continue
        if dated and dated[0][0] != date_told:
            first, *place = dated[0]
            rule = f"the date of {address(*place)}, {first}"
            raise refusal(cell_problem(sheet.name, row, column, rule, text), advice=ADVICE)
        dated.append((date_told, row, column))
    if not dated:
        found = raw_text("; ".join(text for _, _, text in titles))
        problem = Problem(f"{sheet.name}, rows 1 to {last_row}", f"a date: {expected}", found)
        raise refusal(problem, advice=ADVICE)
    return dated[0]


def _texts(sheet: Sheet, last_row: int) -> Iterator[tuple[int, int, str]]:
    for row, cells in enumerate(sheet.rows[:last_row]):
        for column, cell in enumerate(cells):
            if text := str(cell) if isinstance(cell, date) else tidied(cell):
                yield row, column, text
