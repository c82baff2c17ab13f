"""Where a dropped file goes when the ledger says what became of it: to the archive or to quarantine, once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from mercado.landing.content import IncomingFile
from mercado.landing.document import Problem
from mercado.landing.files import explained
from mercado.landing.ledger import EntryStatus, LedgerEntry, find_entry, record_place
from mercado.landing.moving import copies, has_bytes, keep, take_away
from mercado.landing.reports import report_path, write_report
from mercado.landing.turns import exclusive_transaction
from mercado.settings import DataSettings

MOVER: Final = "landing move"


@dataclass(frozen=True)
class Folders:
    """Where workbooks are.

    Attributes:
        root: The data folder, which the ledger's paths are relative to.
        landing_zone: Where they are dropped.
        archive: Of loaded ones, by year and month of what they report.
        quarantine: Of refused ones, with their reports.
    """

    root: Path
    landing_zone: Path
    archive: Path
    quarantine: Path

    @classmethod
    def of(cls, data: DataSettings) -> "Folders":
        """Return the folders that the settings state."""
        return cls(data.folder, data.landing_zone, data.archive, data.quarantine)


def put_away(
    connection: psycopg.Connection, incoming: IncomingFile, folders: Folders, *, problems: Sequence[Problem] = ()
) -> Path:
    """Bring a file to where its ledger row says that it belongs, and return where it is.

    Safe to repeat: whatever of this a killed run had done is found and made use of. The bytes are kept once, under the
    name that they came with first; a file outside the landing zone stays where it is, too.

    Args:
        connection: Open, owned by the caller.
        incoming: A file whose content is in the ledger.
        folders: Where to.
        problems: What is wrong with it, for the report of a refused one.

    Raises:
        StorageFullError, ConfigurationError: It stays where it is; nothing is loaded twice.
        LoadInProgressError: Another process has been moving files for a minute.
    """
    with exclusive_transaction(connection, MOVER):
        entry = find_entry(connection, incoming.sha256)
        assert entry is not None  # noqa: S101  it was recorded before
        kept = keep(incoming, _folder_of(entry, folders), entry.file_names)
        if entry.status == EntryStatus.REFUSED:
            write_report(entry, problems, kept)
        record_place(connection, incoming.sha256, kept.relative_to(folders.root))
    _remove_stale(entry, incoming, folders, kept)
    if incoming.path.parent.resolve().is_relative_to(folders.landing_zone.resolve()):
        take_away(incoming)
    return kept


def _folder_of(entry: LedgerEntry, folders: Folders) -> Path:
    if entry.status == EntryStatus.REFUSED or entry.report_date is None:
        return folders.quarantine
    return folders.archive / f"{entry.report_date:%Y}" / f"{entry.report_date:%m}"


def _remove_stale(entry: LedgerEntry, incoming: IncomingFile, folders: Folders, kept: Path) -> None:
    """Remove other copies: from quarantine what is loaded by now, from the archive what had another date."""
    if entry.status == EntryStatus.REFUSED:
        return
    with explained(folders.root, during=f"removing other copies of {kept}"):
        for stale in _other_copies(entry, incoming, folders, kept):
            stale.unlink(missing_ok=True)
            report_path(stale).unlink(missing_ok=True)


def _other_copies(entry: LedgerEntry, incoming: IncomingFile, folders: Folders, kept: Path) -> Iterator[Path]:
    yield from copies(incoming, folders.quarantine, entry.file_names)
    if entry.kept_at is not None:
        earlier = folders.root / entry.kept_at
        if earlier != kept and has_bytes(earlier, incoming):
            yield earlier
