"""Load a raw answer: COPY into staging, validate, merge with revisions; all in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

import psycopg
from psycopg.sql import SQL, Identifier

from mercado.errors import RejectedRowsError
from mercado.sipsa.client import RawFile
from mercado.sipsa.contract import ColumnKind, Operation
from mercado.sipsa.parsing import Items, read_items
from mercado.sipsa.price_series import SCHEMA, record_staged_series
from mercado.sipsa.rows import BrokenRule, RowReader
from mercado.sipsa.seen_names import NAME_COLUMNS, UnmappedName, record_names
from mercado.warehouse.connection import sql
from mercado.warehouse.loads import MergeCounts, RawAnswer, add_note, record_answers
from mercado.warehouse.merging import MergedTable, column_list, composed, merge

PACKAGE = "mercado.sipsa"

# More are counted, but not stored one by one: the raw answer has them all.
REJECTED_STORED = 10_000
Progress = Callable[[str], None]


@dataclass
class Tally:
    """What was found while an answer was read.

    Attributes:
        read: Items.
        left_out: Items before the first day wanted.
        rejected: Items that break a rule.
        kept: Place, rule and raw text of the first rejected ones.
    """

    read: int = 0
    left_out: int = 0
    rejected: int = 0
    kept: list[tuple[str, str, str]] = field(default_factory=list)

    def reject(self, position: int, rule: str, raw_text: str) -> None:
        """Count a rejected item, and keep it unless there are too many."""
        self.rejected += 1
        if len(self.kept) < REJECTED_STORED:
            self.kept.append((f"item {position}", rule, raw_text))


@dataclass(frozen=True)
class LoadedAnswer:
    """What an answer changed.

    Attributes:
        counts: Rows inserted, updated and left unchanged.
        tally: What was found in it.
        unmapped: Names in it that no reviewed table knows.
    """

    counts: MergeCounts
    tally: Tally
    unmapped: list[UnmappedName]


def load_answer(
    connection: psycopg.Connection,
    operation: Operation,
    raw: RawFile,
    *,
    load_id: int,
    latest: date,
    since: date | None = None,
    greatest_rejected_share: float = 0.01,
    progress: Progress = lambda stage: None,
) -> LoadedAnswer:
    """Stage, validate and merge a raw answer; either all of it is visible afterwards or nothing is.

    Args:
        connection: Open, owned by the caller.
        operation: Whose answer it is.
        raw: The answer, as fetched.
        load_id: The row of ``ops.loads`` that it belongs to.
        latest: The last day that a row may be about.
        since: Rows before this day are left out; ``None`` takes all.
        greatest_rejected_share: Of the items read; above it nothing is merged.
        progress: Called with what is being done, now and then.

    Raises:
        RejectedRowsError: Too many items break a rule; they are in ``ops.rejected_rows``.
        SourceContractError: The answer is not well formed.
    """
    tally = Tally()
    try:
        with connection.transaction():
            _stage(connection, operation, raw, tally, latest=latest, since=since, progress=progress)
            _reject_duplicates(connection, operation, tally)
            _check_share(operation, tally, greatest_rejected_share, load_id)
            progress("merging")
            unmapped = _record_names(connection, operation)
            counts = _merge(connection, operation, load_id)
            answer = RawAnswer(raw.url, raw.sha256, raw.byte_count, tally.read)
            record_answers(connection, load_id, [answer], counts)
            _record_rejected(connection, tally, load_id)
    except RejectedRowsError:
        with connection.transaction():
            _record_rejected(connection, tally, load_id)
        raise
    return LoadedAnswer(counts, tally, unmapped)


def _merge(connection: psycopg.Connection, operation: Operation, load_id: int) -> MergeCounts:
    table = _merged_table(operation)
    counts = merge(connection, table, load_id=load_id)
    if counts.inserted + counts.updated:
        record_staged_series(connection, table.name, table.staging, renamed=counts.updated > 0)
    return counts


def _stage(
    connection: psycopg.Connection,
    operation: Operation,
    raw: RawFile,
    tally: Tally,
    *,
    latest: date,
    since: date | None,
    progress: Progress,
) -> None:
    reader = RowReader(operation, latest=latest)
    staging = _merged_table(operation).staging
    columns = column_list(("position", *reader.columns))
    connection.execute(SQL("truncate {}").format(staging))
    first_day = since.isoformat() if since else ""
    with connection.cursor() as cursor:
        with cursor.copy(SQL("copy {} ({}) from stdin").format(staging, columns)) as copy:
            for items in read_items(raw.path, operation):
                copy.write(_lines(items, reader, tally, first_day))
                progress(f"{tally.read:,} items read")
        cursor.execute(SQL("analyze {}").format(staging))


def _lines(items: Items, reader: RowReader, tally: Tally, first_day: str) -> str:
    tally.read += len(items.rows)
    lines = []
    for place, read in enumerate(reader.lines(items)):
        position = items.first + place
        if isinstance(read, BrokenRule):
            raw_text = "; ".join(f"{name}={text}" for name, text in items.texts(place).items())
            tally.reject(position, read.rule, raw_text)
            continue
        day, line = read
        if day < first_day:
            tally.left_out += 1
        else:
            lines.append(f"{position}\t{line}\n")
    return "".join(lines)


def _reject_duplicates(connection: psycopg.Connection, operation: Operation, tally: Tally) -> None:
    with connection.cursor() as cursor:
        statement = composed(sql(PACKAGE, "reject_duplicates"), _merged_table(operation))
        for position, first, raw_text in cursor.stream(statement):
            tally.reject(position, f"natural key not seen before (item {first} has it)", raw_text)


def _record_names(connection: psycopg.Connection, operation: Operation) -> list[UnmappedName]:
    staging = _merged_table(operation).staging
    columns = {field.column for field in operation.columns}
    names = {}
    for kind, column in NAME_COLUMNS.items():
        if column in columns:
            found = connection.execute(SQL("select distinct {} from {}").format(Identifier(column), staging))
            names[kind] = [name for (name,) in found]
    return record_names(connection, names)


def _check_share(operation: Operation, tally: Tally, greatest: float, load_id: int) -> None:
    if tally.rejected > greatest * tally.read:
        example = f"; the first: {tally.kept[0][1]} ({tally.kept[0][0]})" if tally.kept else ""
        raise RejectedRowsError(
            f"{operation.name}: {tally.rejected} of {tally.read} items break a rule, more than {greatest:.1%}{example}."
            f" Production is as it was; see ops.rejected_rows, load {load_id}."
        )


def _record_rejected(connection: psycopg.Connection, tally: Tally, load_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into ops.rejected_rows (load_id, place, rule, raw_text) values (%s, %s, %s, %s)",
            [(load_id, *row) for row in tally.kept],
        )
    connection.execute("update ops.loads set rows_rejected = %s where load_id = %s", (tally.rejected, load_id))
    if tally.rejected > REJECTED_STORED:
        add_note(connection, load_id, f"Only the first {REJECTED_STORED} rejected items are in ops.rejected_rows.")
    if tally.left_out:
        add_note(connection, load_id, f"{tally.left_out} items before the first day wanted were left out.")


def _merged_table(operation: Operation) -> MergedTable:
    return MergedTable(
        schema=SCHEMA,
        name=operation.table,
        key=operation.key,
        columns=RowReader(operation, latest=date.max).columns,
        amounts=tuple(each.column or "" for each in operation.columns if each.kind is ColumnKind.AMOUNT),
        staging_schema=SCHEMA,
    )
