"""A workbook as its load needs it: rows in COPY's format, days and names; made by whoever has time for it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from mercado.errors import MercadoError, RejectedFileError
from mercado.landing.content import IncomingFile, storable
from mercado.landing.document import LARGEST_BYTES, Document, LayoutName, Problem, Row, Value
from mercado.landing.tables import LandingTable
from mercado.sipsa.seen_names import NameKind
from mercado.warehouse.copying import block, column_texts

Reader = Callable[[bytes, str], Document]
NAMED: Final = {
    NameKind.PRODUCT: "product_name",
    NameKind.MARKET: "market_name",
    NameKind.CITY: "municipality_name",
}


@dataclass(frozen=True)
class PreparedRows:
    """Rows of one table.

    Attributes:
        table: That they are for.
        count: Of rows, at least one.
        days: That their keys end with.
        block: As COPY takes them, a line each: the table's columns, then the derived ones.
    """

    table: LandingTable
    count: int
    days: frozenset[Value]
    block: str


@dataclass(frozen=True)
class PreparedDocument:
    """A workbook that may be loaded; see `mercado.landing.document.Document`.

    Attributes:
        rows: Of each table that has any.
        rows_read: Long rows before any was rejected or found repeated.
        names: Every name in it, by kind.
    """

    layout: LayoutName
    report_date: date
    last_day: date
    rows: Sequence[PreparedRows]
    rows_read: int
    rejected: list[Problem]
    notes: list[str]
    names: Mapping[NameKind, frozenset[str]]


def prepare(incoming: IncomingFile, read: Reader) -> PreparedDocument:
    """Read a workbook and prepare it.

    Args:
        incoming: The file.
        read: Reads a workbook.

    Raises:
        RejectedFileError: It cannot be read, or the reader fails on it.
    """
    if incoming.content is None:
        raise RejectedFileError(
            f"{incoming.name} has {incoming.byte_count:,} bytes, and a price workbook at most {LARGEST_BYTES:,}: it "
            f"was not read. DANE's supply microdata are that large, but no price workbook is."
        )
    try:
        return prepared(read(incoming.content, incoming.name))
    except RejectedFileError as error:
        raise RejectedFileError(storable(str(error)), problems=error.problems) from error
    except MercadoError:
        raise
    except Exception as error:
        # A defect of the reader concerns this file only: it must not hold up the others.
        raise RejectedFileError(
            f"The reader failed on {incoming.name} ({type(error).__name__}: {storable(str(error))}). The reader is at "
            f"fault: report it with this file, and replay the file once the reader is mended."
        ) from error


def prepared(document: Document) -> PreparedDocument:
    """Return a document as its load needs it."""
    return PreparedDocument(
        layout=document.layout,
        report_date=document.report_date,
        last_day=document.last_day,
        rows=[_prepared_rows(table, rows) for table, rows in document.rows.items() if rows],
        rows_read=sum(document.read.values()),
        rejected=document.rejected,
        notes=document.notes,
        names={kind: frozenset(_names(document, column)) for kind, column in NAMED.items()},
    )


def _prepared_rows(table: LandingTable, rows: Sequence[Row]) -> PreparedRows:
    columns = dict(zip(table.columns, zip(*rows, strict=True), strict=True))
    texts = [column_texts(values) for values in columns.values()]
    for each in table.derived:
        sources = columns[each.source]
        derived = {text: each.derive(text) for text in set(sources) if isinstance(text, str)}
        texts.append(column_texts(map(derived.get, sources)))
    return PreparedRows(table, len(rows), frozenset(columns[table.key[-1]]), block(texts))


def _names(document: Document, column: str) -> Iterator[str]:
    for table, rows in document.rows.items():
        if column in table.columns:
            place = table.columns.index(column)
            yield from {str(row[place]) for row in rows}
