"""A file that the ledger knows, found again in archive or quarantine."""

from dataclasses import replace
from pathlib import Path

import psycopg

from mercado.errors import ConfigurationError
from mercado.landing.content import IncomingFile, read_incoming
from mercado.landing.keeping import Folders
from mercado.landing.ledger import LedgerEntry, find_entries, find_entry

SHOWN = 5


def known_file(connection: psycopg.Connection, content: str | Path, folders: Folders) -> IncomingFile:
    """Read a file that the ledger knows, by the name that it was dropped under last; make sure that it is what it was.

    Args:
        connection: Open, owned by the caller.
        content: Digest or its beginning, or a path: as it is, or relative to the data folder.
        folders: Where the file is.

    Raises:
        ConfigurationError: No such file is known, or several are, or its bytes are others by now.
    """
    for path in (Path(content), folders.root / content):
        if path.is_file():
            return _at_path(connection, path)
    return _with_digest(connection, str(content), folders)


def _at_path(connection: psycopg.Connection, path: Path) -> IncomingFile:
    incoming = _read(path)
    entry = find_entry(connection, incoming.sha256)
    if entry is None:
        raise ConfigurationError(
            f"{path} is not in the ledger: its content, {incoming.sha256}, was never dropped, or was changed since. A "
            f"new or mended file is dropped into the landing zone."
        )
    return replace(incoming, name=entry.file_names[-1])


def _with_digest(connection: psycopg.Connection, beginning: str, folders: Folders) -> IncomingFile:
    entry = _single(find_entries(connection, beginning.lower()), beginning)
    if entry.kept_at is None:
        raise ConfigurationError(
            f"{entry.file_names[-1]} ({entry.file_sha256}) was never moved: drop it into the landing zone again."
        )
    path = folders.root / entry.kept_at
    if entry.removed_at_utc is not None and not path.exists():
        raise ConfigurationError(
            f"{entry.file_names[-1]} ({entry.file_sha256}) was removed from quarantine on "
            f"{entry.removed_at_utc:%Y-%m-%d} by retention (MERCADO_RETENTION_QUARANTINE_DAYS): drop it "
            f"into the landing zone again."
        )
    incoming = _read(path)
    if incoming.sha256 != entry.file_sha256:
        raise ConfigurationError(
            f"{path} was changed: its digest should be {entry.file_sha256}, but is {incoming.sha256}. Put the original "
            f"back, or drop the changed one into the landing zone."
        )
    return replace(incoming, name=entry.file_names[-1])


def _single(entries: list[LedgerEntry], beginning: str) -> LedgerEntry:
    if not entries:
        raise ConfigurationError(
            f"{beginning!r} is neither a file nor the beginning of a digest in sipsa_data.file_ingestion_log."
        )
    if len(entries) > 1:
        several = ", ".join(f"{each.file_sha256[:12]} ({each.file_names[-1]})" for each in entries[:SHOWN])
        raise ConfigurationError(f"{len(entries)} digests begin with {beginning!r}: {several}… Give more of it.")
    return entries[0]


def _read(path: Path) -> IncomingFile:
    try:
        return read_incoming(path)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror or error}): was it moved away?") from error
