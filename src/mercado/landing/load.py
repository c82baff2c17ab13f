"""Load a workbook that was read: rows with revisions, names, rejected cells and ledger, all in one transaction."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Final

import psycopg
from psycopg.sql import SQL, Identifier

from mercado.errors import RejectedFileError
from mercado.landing.content import IncomingFile
from mercado.landing.document import Document, Row
from mercado.landing.ledger import PACKAGE, record_loaded
from mercado.landing.tables import LandingTable
from mercado.landing.turns import exclusive_transaction
from mercado.sipsa.seen_names import NameKind, UnmappedName, record_names
from mercado.warehouse.connection import sql
from mercado.warehouse.copying import block, column_texts
from mercado.warehouse.loads import MergeCounts, RawAnswer, record_answers
from mercado.warehouse.merging import TEMPORARY_SCHEMA, MergedTable, column_list, composed, merge

SCHEMA: Final = "sipsa_data"
NAMED: Final = {
    NameKind.PRODUCT: "product_name",
    NameKind.MARKET: "market_name",
    NameKind.CITY: "municipality_name",
}


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
    connection: psycopg.Connection, document: Document, incoming: IncomingFile, *, load_id: int
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
            for table, rows in document.rows.items():
                counts += _merge(connection, table, rows, load_id)
            unmapped = list(_record_names(connection, document))
            read = RawAnswer(incoming.name, incoming.sha256, incoming.byte_count, sum(document.read.values()))
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


def _turns(document: Document) -> list[str]:
    """Return a name for each table and day that is written to; a key ends with its day.

    By table: weekly workbooks of one month may hold the same month of rice.
    """
    names = [f"landing {document.layout} {document.report_date}"]
    for table, rows in document.rows.items():
        place = table.columns.index(table.key[-1])
        names += {f"landing {table.name} {row[place]}" for row in rows}
    return names


def _merge(connection: psycopg.Connection, table: LandingTable, rows: Sequence[Row], load_id: int) -> MergeCounts:
    if not rows:
        return MergeCounts()
    merged, columns = merged_table(table), list(_columns(table, rows))
    if _none_is_there(connection, merged, {row[table.columns.index(table.key[-1])] for row in rows}):
        # Most workbooks: there is nothing to compare them with, so they need no staging.
        _copy(connection, merged.production, (*merged.columns, "load_id"), [*columns, repeat(str(load_id), len(rows))])
        return MergeCounts(inserted=len(rows))
    connection.execute(composed(sql(PACKAGE, "create_staging"), merged))
    _copy(connection, merged.staging, merged.columns, columns)
    return merge(connection, merged, load_id=load_id)


def _none_is_there(connection: psycopg.Connection, table: MergedTable, days: Collection[object]) -> bool:
    """Return whether a table has no row of these days; their locks, which are held, let nobody add one."""
    statement = SQL("select not exists (select from {} where {} = any (%s))")
    row = connection.execute(statement.format(table.production, Identifier(table.key[-1])), (list(days),)).fetchone()
    return bool(row and row[0])


def _copy(
    connection: psycopg.Connection, target: Identifier, names: Iterable[str], columns: Iterable[Iterable[str]]
) -> None:
    statement = SQL("copy {} ({}) from stdin").format(target, column_list(names))
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(block(columns))


def _columns(table: LandingTable, rows: Sequence[Row]) -> Iterator[list[str]]:
    columns = dict(zip(table.columns, zip(*rows, strict=True), strict=True))
    for values in columns.values():
        yield column_texts(values)
    for each in table.derived:
        texts = columns[each.source]
        derived = {text: each.derive(text) for text in set(texts) if isinstance(text, str)}
        yield column_texts(map(derived.get, texts))


def _record_names(connection: psycopg.Connection, document: Document) -> Iterator[UnmappedName]:
    for kind, column in NAMED.items():
        names: set[str] = set()
        for table, rows in document.rows.items():
            if column in table.columns:
                place = table.columns.index(column)
                names |= {str(row[place]) for row in rows}
        yield from record_names(connection, kind, names)
