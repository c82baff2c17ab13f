"""Load a workbook that was read: rows with revisions, names, rejected cells and ledger, all in one transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import psycopg
from psycopg.sql import SQL, Identifier

from mercado.errors import RejectedFileError
from mercado.landing.content import IncomingFile
from mercado.landing.ledger import PACKAGE, record_loaded
from mercado.landing.prepared import PreparedDocument, PreparedRows
from mercado.landing.tables import LandingTable
from mercado.landing.turns import exclusive_transaction
from mercado.sipsa.price_series import SCHEMA, record_series_of_days, record_staged_series
from mercado.sipsa.seen_names import UnmappedName, record_names
from mercado.warehouse.connection import sql
from mercado.warehouse.loads import MergeCounts, RawAnswer, record_answers
from mercado.warehouse.merging import TEMPORARY_SCHEMA, MergedTable, column_list, composed, merge


@dataclass(frozen=True)
class LoadedDocument:
    """What a workbook changed.

    Attributes:
        counts: Rows of all tables inserted, updated and left unchanged.
        unmapped: Names in it that no reviewed table knows.
    """

    counts: MergeCounts
    unmapped: list[UnmappedName]


def load_document(
    connection: psycopg.Connection, document: PreparedDocument, incoming: IncomingFile, *, load_id: int
) -> LoadedDocument:
    """Load a workbook; either its rows, its names, its rejected cells and its ledger row are all there, or none is.

    Another workbook of the same layout and days waits for its turn. A row that an earlier workbook of the same day had,
    and this one has not, stays: a correction lists what it corrects, and what is missing may be missing by mistake.

    Args:
        connection: Open, owned by the caller.
        document: What reading it gave.
        incoming: Its file.
        load_id: The row of ``ops.loads`` that it belongs to, which ends as succeeded.

    Raises:
        RejectedFileError: The tables do not take a row that the reader let pass.
        LoadInProgressError: Another process keeps what this one needs.
    """
    try:
        with exclusive_transaction(connection, *_turns(document)):
            counts = MergeCounts()
            for rows in document.rows:
                counts += _merge(connection, rows, load_id)
            # Nothing of this needs an answer before the next is sent.
            with connection.pipeline():
                unmapped = record_names(connection, document.names)
                read = RawAnswer(incoming.name, incoming.sha256, incoming.byte_count, document.rows_read)
                record_answers(connection, load_id, [read], counts)
                record_loaded(connection, incoming, document, counts, load_id=load_id)
    except (psycopg.DataError, psycopg.IntegrityError, UnicodeEncodeError) as error:
        raise RejectedFileError(
            f"The tables do not take a row that the reader let pass: {' '.join(str(error).split())}. The reader is at "
            f"fault: report it with this file, and replay the file once the reader is mended."
        ) from error
    return LoadedDocument(counts, unmapped)


def merged_table(table: LandingTable) -> MergedTable:
    """Return how rows of a table are merged: staged in a temporary table, with the derived columns."""
    return MergedTable(
        schema=SCHEMA,
        name=table.name,
        key=table.key,
        columns=(*table.columns, *(each.column for each in table.derived)),
        amounts=table.amounts,
        staging_schema=TEMPORARY_SCHEMA,
    )


def _turns(document: PreparedDocument) -> list[str]:
    """Return a name for each table and day that is written to; a key ends with its day.

    By table: weekly workbooks of one month may hold the same month of rice.
    """
    names = [f"landing {document.layout} {document.report_date}"]
    return names + [f"landing {rows.table.name} {day}" for rows in document.rows for day in rows.days]


def _merge(connection: psycopg.Connection, rows: PreparedRows, load_id: int) -> MergeCounts:
    merged = merged_table(rows.table)
    if _none_is_there(connection, merged, rows.days):
        # Most workbooks: there is nothing to compare them with, so they need no staging.
        with_load = rows.block.replace("\n", f"\t{load_id}\n")
        _copy(connection, merged.production, (*merged.columns, "load_id"), with_load)
        record_series_of_days(connection, merged.name, rows.days)
        return MergeCounts(inserted=rows.count)
    connection.execute(composed(sql(PACKAGE, "create_staging"), merged))
    _copy(connection, merged.staging, merged.columns, rows.block)
    counts = merge(connection, merged, load_id=load_id)
    record_staged_series(connection, merged.name, merged.staging, renamed=counts.updated > 0)
    return counts


def _none_is_there(connection: psycopg.Connection, table: MergedTable, days: Collection[object]) -> bool:
    """Return whether a table has no row of these days; their locks, which are held, let nobody add one."""
    statement = SQL("select not exists (select from {} where {} = any (%s))")
    row = connection.execute(statement.format(table.production, Identifier(table.key[-1])), (list(days),)).fetchone()
    return bool(row and row[0])


def _copy(connection: psycopg.Connection, target: Identifier, names: Iterable[str], block: str) -> None:
    statement = SQL("copy {} ({}) from stdin").format(target, column_list(names))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(block)
