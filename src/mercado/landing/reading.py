"""A workbook's bytes become long rows, or are refused with every reason: no clock, no database, no file system."""

from mercado.errors import RejectedFileError
from mercado.landing.cells import raw_text
from mercado.landing.checks import refusal
from mercado.landing.daily import is_daily, read_daily
from mercado.landing.dates import Period
from mercado.landing.document import Document, LayoutName, Problem
from mercado.landing.file_names import dates_in_name
from mercado.landing.readings import BookReading, require_few_rejected
from mercado.landing.spreadsheet import Workbook, open_workbook
from mercado.landing.weekly import is_weekly, read_weekly

SHOWN_SHEETS, SHOWN_TEXTS = 5, 3


def read_workbook(content: bytes, file_name: str, *, greatest_rejected_share: float = 0.05) -> Document:
    """Return what a workbook says, in the long form of the tables that it fills.

    What it is, and what day or week it is of, is told by its content. A name that tells another date is noted: of 254
    weekly files, two have a wrong name, none a wrong title.

    Args:
        content: The whole file.
        file_name: Without folder; for messages, and for the date that it tells.
        greatest_rejected_share: Of the rows read for a table, so many may break a rule, from 0 to 1.

    Raises:
        RejectedFileError: The file cannot be opened, has none of the layouts that are read, contradicts itself, or has
            too many problems; carries them.
    """
    named = dates_in_name(file_name)
    try:
        workbook = open_workbook(content)
        layout, reading = _read(workbook, named)
        for table, of_table in reading.tables.items():
            require_few_rejected(of_table, table, greatest_share=greatest_rejected_share)
    except RejectedFileError as error:
        raise RejectedFileError(f"{file_name}: {error}", problems=error.problems) from error
    notes = [*reading.notes, *(note for each in reading.tables.values() for note in each.notes)]
    if named is not None and named != reading.period:
        notes.insert(0, f"the file's name tells {named}, its sheets {reading.period}, which counts")
    return Document(
        layout=layout,
        report_date=reading.period.first,
        last_day=reading.period.last,
        rows={table: each.rows for table, each in reading.tables.items()},
        read={table: each.read for table, each in reading.tables.items()},
        rejected=[problem for each in reading.tables.values() for problem in (*each.rejected, *each.superseded)],
        notes=notes,
    )


def _read(workbook: Workbook, named: Period | None) -> tuple[LayoutName, BookReading]:
    if is_weekly(workbook):
        return LayoutName.WEEKLY, read_weekly(workbook)
    if is_daily(workbook):
        return LayoutName.DAILY, read_daily(workbook, named=named)
    found = [f"{sheet.name!r} ({raw_text(_beginning(workbook, place))})" for place, sheet in enumerate(workbook.sheets)]
    raise refusal(
        Problem(
            "file",
            'a daily price workbook (a row with "Precio" and "Var %" below the markets) or a weekly one (sheets 1.1 to '
            '1.8, "Boletín semanal precios mayoristas")',
            "the sheets " + ", ".join(found[:SHOWN_SHEETS]) if found else "no sheet",
        ),
        advice=f"Its layout is not recognised. {' '.join(workbook.notes)}".rstrip(),
    )


def _beginning(workbook: Workbook, place: int) -> str:
    texts = [text for _, _, text in workbook.sheets[place].texts(0, SHOWN_TEXTS)]
    return "; ".join(texts[:SHOWN_TEXTS]) or "no text in the first rows"
