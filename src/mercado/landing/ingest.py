"""Ingest dropped files: read once, load with the ledger in one transaction, then move; or explain why not."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path

import psycopg

from mercado.errors import LoadInProgressError, RejectedFileError
from mercado.landing.attempt import SOURCE, Preparer, attempt, problems_of
from mercado.landing.content import IncomingFile, read_incoming, storable
from mercado.landing.document import Problem
from mercado.landing.keeping import Folders, put_away
from mercado.landing.known import known_file
from mercado.landing.outcomes import FileOutcome, Status
from mercado.landing.prepared import PreparedDocument, Reader, prepare
from mercado.landing.read_ahead import ReadAhead
from mercado.settings import LandingSettings
from mercado.warehouse.loads import abandon_dead_loads
from mercado.warehouse.schema import require_current_schema

__all__ = ["FileOutcome", "Folders", "Status", "configured_reader", "ingest_file", "ingest_files", "replay"]


def ingest_files(
    connection: psycopg.Connection,
    paths: Iterable[Path],
    folders: Folders,
    *,
    read: Reader,
    ahead: ReadAhead | None = None,
    on_outcome: Callable[[FileOutcome], None] = lambda outcome: None,
) -> list[FileOutcome]:
    """Ingest files one after the other; a bad one holds up none of the others.

    Args:
        connection: Open, owned by the caller.
        paths: Of the files, in the order in which they are loaded.
        folders: Where they go.
        read: Reads a workbook: `configured_reader`, but in tests.
        ahead: Reads what it can before its turn, with the same ``read``.
        on_outcome: Called with each outcome as soon as it is there.

    Raises:
        ServiceUnavailableError, StorageFullError, ConfigurationError, SchemaOutdatedError: The platform is at fault,
            so the next file would fare no better; what was loaded until then is loaded.
    """
    _begin(connection)
    paths = list(paths)
    if ahead:
        ahead.expect(paths)
    outcomes = []
    for path in paths:
        outcome = _ingest_file(connection, path, folders, _preparer(read, ahead), again=False)
        if ahead:
            ahead.done(path)
        on_outcome(outcome)
        outcomes.append(outcome)
    return outcomes


def ingest_file(
    connection: psycopg.Connection,
    path: Path,
    folders: Folders,
    *,
    read: Reader,
    again: bool = False,
) -> FileOutcome:
    """Load a file, or record why it cannot be, and move it to the archive or to quarantine.

    The same content, under whatever name, is loaded once; a content that was refused is tried again. A file that is
    replaced or deleted meanwhile is archived as it was read, and what replaced it stays for its own turn. A file that
    is not in the landing zone is loaded and archived too, but not removed from where it is.

    Args:
        connection: Open, owned by the caller.
        path: Of the file.
        folders: Where it goes.
        read: Reads a workbook: `configured_reader`, but in tests.
        again: Load it even if its content was loaded before.

    Raises:
        ServiceUnavailableError, StorageFullError, ConfigurationError, SchemaOutdatedError: See `ingest_files`.
    """
    _begin(connection)
    return _ingest_file(connection, path, folders, _preparer(read), again=again)


def replay(
    connection: psycopg.Connection,
    content: str | Path,
    folders: Folders,
    *,
    read: Reader,
) -> FileOutcome:
    """Load a file from archive or quarantine again, after the reader or the tables of names were mended.

    Rows that it reads differently now are updated, their earlier amounts kept as revisions. When it is loaded it moves
    to the archive and its report is removed. A loaded file that the reader refuses now stays loaded and archived.

    Args:
        connection: Open, owned by the caller.
        content: Digest or its beginning, or a path: as it is, or relative to the data folder.
        folders: Where the file is and goes.
        read: Reads a workbook: `configured_reader`, but in tests.

    Raises:
        ConfigurationError: No such file is known, or several are, or it is not what it was.
        LoadInProgressError: Another process loads it.
        ServiceUnavailableError, StorageFullError, SchemaOutdatedError: See `ingest_files`.
    """
    _begin(connection)
    incoming = known_file(connection, content, folders)
    return _ingest(connection, incoming, folders, _preparer(read), again=True)


def configured_reader() -> Reader:
    """Return the reader of workbooks, as strict as the settings say."""
    # Imported late: tests bring a reader that needs none of Excel's formats.
    from mercado.landing.reading import read_workbook

    return partial(read_workbook, greatest_rejected_share=LandingSettings.read().greatest_rejected_share)


def _begin(connection: psycopg.Connection) -> None:
    require_current_schema(connection)
    # The file of a load that was killed may have been deleted since, so that nobody ever loads it again.
    abandon_dead_loads(connection, source=SOURCE)


def _ingest_file(
    connection: psycopg.Connection, path: Path, folders: Folders, prepare: Preparer, *, again: bool
) -> FileOutcome:
    name = storable(path.name)
    try:
        incoming = read_incoming(path)
    except FileNotFoundError:
        return FileOutcome(name, Status.GONE)
    except (OSError, LoadInProgressError) as error:
        return FileOutcome(name, Status.WAITING, error=f"It cannot be read: {error}")
    try:
        return _ingest(connection, incoming, folders, prepare, again=again)
    except LoadInProgressError as error:
        return FileOutcome(name, Status.WAITING, incoming.sha256, error=str(error))


def _ingest(
    connection: psycopg.Connection, incoming: IncomingFile, folders: Folders, prepare: Preparer, *, again: bool
) -> FileOutcome:
    problems: list[Problem] = []
    try:
        outcome = attempt(connection, incoming, prepare, again=again)
    except RejectedFileError as error:
        problems = problems_of(error)
        outcome = FileOutcome(incoming.name, Status.REFUSED, incoming.sha256, rejected=len(problems), error=str(error))
    return replace(outcome, kept_at=put_away(connection, incoming, folders, problems=problems))


def _preparer(read: Reader, ahead: ReadAhead | None = None) -> Preparer:
    def prepared(incoming: IncomingFile) -> PreparedDocument:
        return (ahead and ahead.document(incoming)) or prepare(incoming, read)

    return prepared
