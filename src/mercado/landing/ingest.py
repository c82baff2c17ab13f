"""Ingest dropped files: read once, load with the ledger in one transaction, then move; or explain why not."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import psycopg

from mercado.errors import LoadInProgressError, RejectedFileError
from mercado.landing.attempt import Reader, attempt, problems_of
from mercado.landing.content import IncomingFile, read_incoming, storable
from mercado.landing.document import Problem
from mercado.landing.keeping import Folders, put_away
from mercado.landing.known import known_file
from mercado.landing.outcomes import FileOutcome, Status
from mercado.warehouse.schema import require_current_schema

__all__ = ["FileOutcome", "Folders", "Status", "ingest_file", "ingest_files", "replay"]

GREATEST_REJECTED_SHARE: Final = 0.05


def ingest_files(
    connection: psycopg.Connection,
    paths: Iterable[Path],
    folders: Folders,
    *,
    greatest_rejected_share: float = GREATEST_REJECTED_SHARE,
    read: Reader | None = None,
    on_outcome: Callable[[FileOutcome], None] = lambda outcome: None,
) -> list[FileOutcome]:
    """Ingest files one after the other; a bad one holds up none of the others.

    Args:
        connection: Open, owned by the caller.
        paths: Of the files, in the order in which they are loaded.
        folders: Where they go.
        greatest_rejected_share: Of a workbook's rows; above it the whole file is refused.
        read: Reads a workbook; default: `mercado.landing.reading.read_workbook`.
        on_outcome: Called with each outcome as soon as it is there.

    Raises:
        ServiceUnavailableError, StorageFullError, ConfigurationError, SchemaOutdatedError: The platform is at fault,
            so the next file would fare no better; what was loaded until then is loaded.
    """
    outcomes = []
    for path in paths:
        outcome = ingest_file(connection, path, folders, greatest_rejected_share=greatest_rejected_share, read=read)
        on_outcome(outcome)
        outcomes.append(outcome)
    return outcomes


def ingest_file(
    connection: psycopg.Connection,
    path: Path,
    folders: Folders,
    *,
    greatest_rejected_share: float = GREATEST_REJECTED_SHARE,
    read: Reader | None = None,
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
        greatest_rejected_share: Of its rows; above it the whole file is refused.
        read: Reads a workbook; default: `mercado.landing.reading.read_workbook`.
        again: Load it even if its content was loaded before.

    Raises:
        ServiceUnavailableError, StorageFullError, ConfigurationError, SchemaOutdatedError: See `ingest_files`.
    """
    require_current_schema(connection)
    name = storable(path.name)
    try:
        incoming = read_incoming(path)
    except FileNotFoundError:
        return FileOutcome(name, Status.GONE)
    except (OSError, LoadInProgressError) as error:
        return FileOutcome(name, Status.WAITING, error=f"It cannot be read: {error}")
    try:
        return _ingest(connection, incoming, folders, read or _reader(greatest_rejected_share), again=again)
    except LoadInProgressError as error:
        return FileOutcome(name, Status.WAITING, incoming.sha256, error=str(error))


def replay(
    connection: psycopg.Connection,
    content: str | Path,
    folders: Folders,
    *,
    greatest_rejected_share: float = GREATEST_REJECTED_SHARE,
    read: Reader | None = None,
) -> FileOutcome:
    """Load a file from archive or quarantine again, after the reader or the tables of names were mended.

    Rows that it reads differently now are updated, their earlier amounts kept as revisions. When it is loaded it moves
    to the archive and its report is removed. A loaded file that the reader refuses now stays loaded and archived.

    Args:
        connection: Open, owned by the caller.
        content: Digest or its beginning, or a path: as it is, or relative to the data folder.
        folders: Where the file is and goes.
        greatest_rejected_share: Of its rows; above it the whole file is refused.
        read: Reads a workbook; default: `mercado.landing.reading.read_workbook`.

    Raises:
        ConfigurationError: No such file is known, or several are, or it is not what it was.
        LoadInProgressError: Another process loads it.
        ServiceUnavailableError, StorageFullError, SchemaOutdatedError: See `ingest_files`.
    """
    require_current_schema(connection)
    incoming = known_file(connection, content, folders)
    return _ingest(connection, incoming, folders, read or _reader(greatest_rejected_share), again=True)


def _ingest(
    connection: psycopg.Connection, incoming: IncomingFile, folders: Folders, read: Reader, *, again: bool
) -> FileOutcome:
    problems: list[Problem] = []
    try:
        outcome = attempt(connection, incoming, read, again=again)
    except RejectedFileError as error:
        problems = problems_of(error)
        outcome = FileOutcome(incoming.name, Status.REFUSED, incoming.sha256, rejected=len(problems), error=str(error))
    return replace(outcome, kept_at=put_away(connection, incoming, folders, problems=problems))


def _reader(greatest_rejected_share: float) -> Reader:
    # Imported late: whoever brings a reader needs none of Excel's formats.
    from mercado.landing.reading import read_workbook

    return partial(read_workbook, greatest_rejected_share=greatest_rejected_share)
