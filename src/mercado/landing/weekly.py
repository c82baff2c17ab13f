"""The weekly workbook: prices of eight product groups, a sheet each; perhaps supply of the markets, perhaps rice."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from mercado.landing.cells import address, raw_text
from mercado.landing.checks import refusal
from mercado.landing.dates import Period, period_in
from mercado.landing.document import Problem
from mercado.landing.layouts import PRICES, RICE_TITLE, SUPPLY, TITLE_ROWS, WEEKLY
from mercado.landing.long_rows import LongReader, long_columns
from mercado.landing.readings import BookReading, LocatedRow, TableReading, joined, without_repeats
from mercado.landing.rice import read_rice
from mercado.landing.spreadsheet import Sheet, Workbook
from mercado.landing.supply import read_supply
from mercado.landing.tables import MONTHLY_RICE, WEEKLY_PRICES, WEEKLY_SUPPLY, LandingTable
from mercado.landing.titles import dated_title
from mercado.sipsa.names import simplified
from mercado.sipsa.units import price_unit

READERS: Final[Mapping[LandingTable, Callable[[Sheet], TableReading]]] = {
    WEEKLY_SUPPLY: read_supply,
    MONTHLY_RICE: read_rice,
}


def is_weekly(workbook: Workbook) -> bool:
    """Return whether a workbook has a sheet of a weekly one: by its name, and by its title or its unit."""
    return any(
        WEEKLY.title in simplified(text) or simplified(text) == PRICES.unit
        for sheet in workbook.sheets
        if sheet.name in WEEKLY.groups
        for _, _, text in sheet.texts(0, TITLE_ROWS)
    )


def read_weekly(workbook: Workbook) -> BookReading:
    """Return what a weekly workbook says.

    Raises:
        RejectedFileError: A sheet of prices is missing, there twice, of another group or another unit; its week is
            missing, does not exist, or is not the one of the other sheets.
    """
    sheets = _by_name(workbook)
    weeks: dict[str, Period] = {}
    prices: list[TableReading] = []
    for name, group in WEEKLY.groups.items():
        place, week, reading = _read_prices(sheets[name], group)
        weeks[place] = week
        prices.append(reading)
    tables, notes = _read_extras(sheets)
    return BookReading(_one_week(weeks), {WEEKLY_PRICES: joined(prices)} | tables, workbook.notes + notes)


def _by_name(workbook: Workbook) -> dict[str, Sheet]:
    names = Counter(sheet.name for sheet in workbook.sheets)
    missing = [name for name in WEEKLY.groups if name not in names]
    twice = [name for name in (*WEEKLY.groups, *WEEKLY.extra_sheets) if names[name] > 1]
    if missing or twice:
        rule = f"each of the sheets {', '.join(WEEKLY.groups)} once"
        what = " and ".join(
            f"{', '.join(which)} {how}" for which, how in ((missing, "missing"), (twice, "twice")) if which
        )
        found = Problem("file", rule, f"{what}; there are {', '.join(names)}")
        raise refusal(found, advice="Half a bulletin is not loaded: fetch it again from DANE.")
    return {sheet.name: sheet for sheet in workbook.sheets}


def _read_prices(sheet: Sheet, group: str) -> tuple[str, Period, TableReading]:
    """Return the place of a sheet's week, the week, and what the sheet says."""
    columns = long_columns(sheet, PRICES)
    heading_notes = _heading_notes(sheet, columns.first_row, group)
    expected = 'a week such as "25 al 31 de octubre de 2025"'
    week, row, column = dated_title(sheet, columns.first_row, period_in, expected=expected)
    place = f"{sheet.name}!{address(row, column)}"
    least, greatest = WEEKLY.week_days
    if not least <= week.days <= greatest:
        raise refusal(
            Problem(place, f"a week of {least} to {greatest} days", str(week)),
            advice="Correct the title in the workbook.",
        )
    reader = LongReader(sheet, columns)
    located = [
        LocatedRow(
            (
                *(group, each.product, each.place, week.first, week.last),
                *(each.minimum, each.maximum, each.mean, price_unit(each.product), each.trend),
            ),
            each.row,
            columns.prices,
        )
        for each in reader.rows
    ]
    reading = without_repeats(located, WEEKLY_PRICES, sheet.name, read=reader.read, rejected=reader.rejected)
    return place, week, replace(reading, notes=heading_notes + reading.notes)


def _heading_notes(sheet: Sheet, last_row: int, group: str) -> list[str]:
    """Return a note when no heading names a sheet's group.

    Raises:
        RejectedFileError: One names another group.
    """
    groups = {frozenset(simplified(each).split()): each for each in WEEKLY.groups.values()}
    titles = [text for _, _, text in sheet.texts(0, last_row)]
    words = (frozenset(word for word in simplified(title).split() if not word.isdigit()) for title in titles)
    named = {groups[each] for each in words if each in groups}
    if named - {group}:
        raise refusal(
            Problem(sheet.name, f"a sheet of the group {group!r}", ", ".join(named)),
            advice="DANE may have moved the groups to other sheets: compare with the bulletin.",
        )
    return [] if named else [f"sheet {sheet.name!r} does not name its group, {group!r}: {raw_text('; '.join(titles))}"]


def _one_week(weeks: Mapping[str, Period]) -> Period:
    (first_place, first), *others = weeks.items()
    for place, week in others:
        if week != first:
            raise refusal(
                Problem(place, f"the week of {first_place}, {first}", str(week)),
                advice="Two bulletins are mixed: compare with DANE's page and correct the titles.",
            )
    return first


def _read_extras(sheets: Mapping[str, Sheet]) -> tuple[dict[LandingTable, TableReading], list[str]]:
    """Return what the other sheets say: what they are, only their content tells."""
    readings: dict[LandingTable, TableReading] = {}
    notes = []
    for name, sheet in sheets.items():
        if name in WEEKLY.groups or not sheet.rows or simplified(name) == WEEKLY.index_sheet:
            continue
        table = _table_of(sheet) if name in WEEKLY.extra_sheets else None
        if table is None:
            notes.append(f"sheet {name!r} is not known and was not read")
        elif table in readings:
            raise refusal(Problem(name, f"one sheet for {table.name}", "another one"), advice="Delete one of them.")
        else:
            readings[table] = READERS[table](sheet)
    return readings, notes


def _table_of(sheet: Sheet) -> LandingTable | None:
    texts = [simplified(text) for _, _, text in sheet.texts(0, TITLE_ROWS)]
    if any(SUPPLY.title in text for text in texts):
        return WEEKLY_SUPPLY
    return MONTHLY_RICE if any(RICE_TITLE in text.split() for text in texts) else None
