"""What sheets say for the tables that they fill: each key once, and few enough problems to trust the rest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Final, NamedTuple

from mercado.errors import RejectedFileError
from mercado.landing.cells import address
from mercado.landing.checks import refusal
from mercado.landing.dates import Period
from mercado.landing.document import Problem, Row
from mercado.landing.tables import LandingTable

MOST_PROBLEMS_IN_A_MESSAGE: Final = 5


class LocatedRow(NamedTuple):
    """A row of a table and where its amounts stand.

    Attributes:
        values: In the order of the table's columns.
        row: Of the sheet, from 0 on.
        columns: Of the sheet, one for each of the table's amounts.
    """

    values: Row
    row: int
    columns: tuple[int, ...]


@dataclass(frozen=True)
class TableReading:
    """What sheets say for one table.

    Attributes:
        rows: As in `mercado.landing.document.Document`.
        read: Long rows, those included that follow.
        rejected: Cells and rows that break a rule.
        superseded: Rows that a later one of the same key contradicts: listed, but they speak not against the file.
        notes: For a person.
    """

    rows: list[Row]
    read: int
    rejected: list[Problem]
    superseded: list[Problem]
    notes: list[str]


@dataclass(frozen=True)
class BookReading:
    """What a workbook says: its days, its tables, and notes on the whole."""

    period: Period
    tables: Mapping[LandingTable, TableReading]
    notes: list[str]


def without_repeats(
    located: Sequence[LocatedRow], table: LandingTable, sheet: str, *, read: int, rejected: Sequence[Problem]
) -> TableReading:
    """Return each key's last row in the order of the sheet, and what is said of the others.

    A row that is there again with equal amounts is noted. Of rows with other amounts the last is taken; each of the
    others is noted and listed as superseded, at its first amount that differs.

    Args:
        located: Rows of one sheet, in its order.
        table: Theirs.
        sheet: Its name.
        read: Long rows that the sheet has, those that broke a rule included.
        rejected: What broke a rule already.
    """
    key = itemgetter(*map(table.columns.index, table.key))
    amounts = itemgetter(*map(table.columns.index, table.amounts))
    last = {key(each.values): each for each in located}
    repeated, conflicts = [], []
    for each in located if len(last) < len(located) else ():
        kept = last[key(each.values)]
        if kept is each:
            continue
        if amounts(kept.values) == amounts(each.values):
            repeated.append(each)
        else:
            conflicts.append(_conflict(each, kept, table, sheet))
    notes = [f"{problem.place}: {problem.rule}, found {problem.raw_text}" for problem in conflicts]
    if repeated:
        places = ", ".join(address(each.row, each.columns[0]) for each in repeated[:MOST_PROBLEMS_IN_A_MESSAGE])
        more = ", …" if len(repeated) > MOST_PROBLEMS_IN_A_MESSAGE else ""
        notes.append(f"{sheet}: {len(repeated)} rows are there again with equal amounts, loaded once: {places}{more}")
    return TableReading([each.values for each in last.values()], read, list(rejected), conflicts, notes)


def _conflict(dropped: LocatedRow, kept: LocatedRow, table: LandingTable, sheet: str) -> Problem:
    values, instead = (dict(zip(table.columns, each.values, strict=True)) for each in (dropped, kept))
    place = next(number for number, name in enumerate(table.amounts) if values[name] != instead[name])
    column, name = dropped.columns[place], table.amounts[place]
    *_, what, where = (str(values[name]) for name in table.key if isinstance(values[name], str))
    rule = f"one row for {what}, {where}; the last is kept, with {instead[name]} in "
    return Problem(
        place=f"{sheet}!{address(dropped.row, column)}",
        rule=rule + address(kept.row, kept.columns[place]),
        raw_text=str(values[name]),
    )


def joined(readings: Sequence[TableReading]) -> TableReading:
    """Return what several sheets say for one table."""
    return TableReading(
        rows=[row for reading in readings for row in reading.rows],
        read=sum(reading.read for reading in readings),
        rejected=[problem for reading in readings for problem in reading.rejected],
        superseded=[problem for reading in readings for problem in reading.superseded],
        notes=[note for reading in readings for note in reading.notes],
    )


def require_few_rejected(reading: TableReading, table: LandingTable, *, greatest_share: float) -> None:
    """Check that a table lost no more than a share of what was read for it.

    Raises:
        RejectedFileError: It lost more, or the sheets have nothing for it; carries every problem.
    """
    if not reading.read:
        raise refusal(
            Problem("file", f"at least one row for {table.name}", "none"),
            advice="Look whether the file was saved empty; fetch it again from DANE.",
        )
    share = len(reading.rejected) / reading.read
    if share <= greatest_share:
        return
    shown = "; ".join(
        f"{problem.place}: expected {problem.rule}, found {problem.raw_text!r}"
        for problem in reading.rejected[:MOST_PROBLEMS_IN_A_MESSAGE]
    )
    raise RejectedFileError(
        f"{len(reading.rejected)} of {reading.read} rows for {table.name} are rejected ({share:.1%}; at most "
        f"{greatest_share:.1%} may be), among them {shown}. Nothing was loaded: see every problem in the report, mend "
        f"the file or the reader.",
        problems=reading.rejected,
    )
