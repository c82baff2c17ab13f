"""One attempt to load a file that was read: recorded as a load and in the ledger, however it ends."""

from collections.abc import Callable
from typing import Final

import psycopg

from mercado.errors import RejectedFileError
from mercado.landing.content import IncomingFile
from mercado.landing.document import LayoutName, Problem
from mercado.landing.ledger import EntryStatus, LedgerEntry, find_entry, record_refused, record_sight
from mercado.landing.load import load_document
from mercado.landing.outcomes import FileOutcome, Status
from mercado.landing.prepared import PreparedDocument
from mercado.warehouse.loads import add_note, recorded_load

SOURCE: Final = "landing"
ORIGIN: Final = "file"
Preparer = Callable[[IncomingFile], PreparedDocument]


def attempt(connection: psycopg.Connection, incoming: IncomingFile, prepare: Preparer, *, again: bool) -> FileOutcome:
    """Read and load a workbook, unless its content is loaded already.

    Args:
        connection: Open, owned by the caller.
        incoming: The file.
        prepare: Reads a workbook and prepares it for its load.
        again: Load it even if its content was loaded before.

    Raises:
        RejectedFileError: It cannot be loaded; the ledger and its load say so.
        LoadInProgressError: Another process loads the same.
    """
    known = _loaded_entry(connection, incoming, again=again)
    if known:
        return _already_loaded(connection, incoming, known)
    with recorded_load(connection, source=SOURCE, scope=incoming.sha256, origin=ORIGIN) as load_id:
        # Another process may have loaded it while this one waited for its turn.
        known = _loaded_entry(connection, incoming, again=again)
        if known:
            add_note(connection, load_id, f"Load {known.load_id} had loaded it meanwhile.")
            return _already_loaded(connection, incoming, known)
        try:
            return _load(connection, incoming, prepare, load_id=load_id)
        except RejectedFileError as error:
            record_refused(connection, incoming, error, problems_of(error), load_id=load_id)
            raise


def problems_of(error: RejectedFileError) -> list[Problem]:
    """Return what is wrong with a refused file."""
    return [each if isinstance(each, Problem) else Problem("file", str(each), "") for each in error.problems]


def _loaded_entry(connection: psycopg.Connection, incoming: IncomingFile, *, again: bool) -> LedgerEntry | None:
    entry = None if again else find_entry(connection, incoming.sha256)
    return entry if entry and entry.status == EntryStatus.LOADED else None


def _already_loaded(connection: psycopg.Connection, incoming: IncomingFile, entry: LedgerEntry) -> FileOutcome:
    record_sight(connection, incoming)
    return FileOutcome(
        incoming.name,
        Status.ALREADY_LOADED,
        incoming.sha256,
        layout=LayoutName(entry.layout) if entry.layout else None,
        report_date=entry.report_date,
        notes=(f"Its content was loaded on {entry.finished_at_utc:%Y-%m-%d %H:%M} UTC by load {entry.load_id}.",),
    )


def _load(connection: psycopg.Connection, incoming: IncomingFile, prepare: Preparer, *, load_id: int) -> FileOutcome:
    document = prepare(incoming)
    loaded = load_document(connection, document, incoming, load_id=load_id)
    return FileOutcome(
        incoming.name,
        Status.LOADED,
        incoming.sha256,
        layout=document.layout,
        report_date=document.report_date,
        load_id=load_id,
        counts=loaded.counts,
        rejected=len(document.rejected),
        unmapped=tuple(loaded.unmapped),
        notes=tuple(document.notes),
    )
