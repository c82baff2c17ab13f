"""The daily workbook: products by markets, each market with a price and its variation since the market day before."""

from datetime import date

from mercado.landing.cells import address, column_letters, is_number, raw_text, tidied
from mercado.landing.checks import cell_problem, refusal
from mercado.landing.daily_columns import DailyColumns, daily_columns, subheads_row
from mercado.landing.daily_rows import DailyReader
from mercado.landing.dates import Period, day_in, weekday_in
from mercado.landing.document import Problem
from mercado.landing.layouts import DAILY
from mercado.landing.readings import BookReading, without_repeats
from mercado.landing.spreadsheet import Sheet, Workbook
from mercado.landing.tables import DAILY_PRICES
from mercado.landing.titles import dated_title
from mercado.sipsa.names import simplified


def is_daily(workbook: Workbook) -> bool:
    """Return whether a sheet has the heads of a daily workbook."""
    return any(subheads_row(sheet) is not None for sheet in workbook.sheets)


def read_daily(workbook: Workbook, *, named: Period | None) -> BookReading:
    """Return what a daily workbook says.

    Args:
        workbook: One that is daily.
        named: The day that the file's name tells, if any.

    Raises:
        RejectedFileError: Two sheets have prices; the day or the unit is missing; the day does not exist, or its
            weekday is another one and the name does not confirm it.
    """
    sheet = _only_sheet(workbook)
    subheads = subheads_row(sheet) or 0
    _require_unit(sheet, subheads)
    day, row, notes = _day(sheet, subheads, named)
    columns = daily_columns(sheet, first_row=row + 1, subheads=subheads)
    reader = DailyReader(sheet, columns, subheads + 1, day)
    reading = without_repeats(reader.located, DAILY_PRICES, sheet.name, read=reader.read, rejected=reader.rejected)
    notes += _unread_columns(sheet, columns, subheads + 1)
    return BookReading(Period(day, day), {DAILY_PRICES: reading}, workbook.notes + notes)


def _only_sheet(workbook: Workbook) -> Sheet:
    sheet, *others = [each for each in workbook.sheets if subheads_row(each) is not None]
    if others:
        raise refusal(
            Problem("file", "one sheet of daily prices", ", ".join(each.name for each in (sheet, *others))),
            advice="Delete the one that is not of the bulletin.",
        )
    return sheet


def _require_unit(sheet: Sheet, subheads: int) -> None:
    texts = [text for _, _, text in sheet.texts(0, subheads + 1)]
    if not any(DAILY.units & {*simplified(text).split()} for text in texts):
        raise refusal(
            Problem(sheet.name, "the unit of the prices, $/Kg, above the table", raw_text("; ".join(texts))),
            advice="DANE's layout may have changed: prices of another unit must not be mixed with these.",
        )


def _day(sheet: Sheet, subheads: int, named: Period | None) -> tuple[date, int, list[str]]:
    """Return the day of the prices, the row where it stands, and what is odd about it."""
    expected = 'such as "Viernes 18 de septiembre de 2026"'
    day, row, column = dated_title(sheet, subheads, day_in, expected=expected)
    text = tidied(sheet.rows[row][column])
    if weekday_in(text) in (None, day.weekday()):
        return day, row, []
    if named != Period(day, day):
        raise refusal(
            cell_problem(sheet.name, row, column, f"the weekday of {day}", text),
            advice="One of both is wrong. If the day is right, put it into the file's name, such as 08sep2026.",
        )
    return day, row, [f"{sheet.name}!{address(row, column)}: {text!r} has another weekday; the file's name confirms it"]


def _unread_columns(sheet: Sheet, columns: DailyColumns, first_row: int) -> list[str]:
    """Return a note for each column of numbers that no head explains."""
    known = {columns.product, *columns.of_markets}
    notes = []
    for column in range(len(sheet.rows[first_row])) if first_row < len(sheet.rows) else ():
        numbers = sum(is_number(cells[column]) for cells in sheet.rows[first_row:])
        if numbers and column not in known:
            notes.append(
                f"{sheet.name}, column {column_letters(column)}: {numbers} numbers without a head were not read"
            )
    return notes
