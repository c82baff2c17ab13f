"""Workbooks that were refused long ago, with their reports; the ledger keeps what it knows of them."""

from datetime import datetime
from pathlib import Path
from typing import Final

import psycopg

from mercado.landing.keeping import MOVER
from mercado.landing.reports import report_path
from mercado.landing.turns import exclusive_transaction
from mercado.maintenance.old_files import readable, remove_file
from mercado.maintenance.removed import Removed
from mercado.warehouse.connection import sql

PACKAGE: Final = "mercado.maintenance"


def clean_quarantine(
    connection: psycopg.Connection, data: Path, *, before: datetime, now: datetime, dry_run: bool = False
) -> Removed:
    """Remove the quarantined files whose last attempt ended before an instant, and their reports.

    A file's own time is that of its author, so the ledger's counts. Its row stays and says since when the file is gone,
    and a replay of it says so. Files that the ledger does not know stay: they are somebody's own.

    Args:
        connection: Open, to the warehouse, owned by the caller.
        data: The data folder, which the ledger's paths are relative to.
        before: In UTC.
        now: In UTC.
        dry_run: Only count.

    Raises:
        ConfigurationError: A file may not be removed; names it.
        LoadInProgressError: Another process has been moving files for a minute.
    """
    removed = Removed("quarantined files")
    for sha256, kept_at in connection.execute(sql(PACKAGE, "old_quarantined"), {"before": before}).fetchall():
        kept = data / kept_at
        if not _is_below(kept, data / "quarantine"):
            continue
        size = _size(kept) + _size(report_path(kept))
        if not dry_run and not _remove(connection, sha256, kept, kept_at, before=before, now=now):
            continue
        removed = removed.plus(size)
    return removed


def _remove(
    connection: psycopg.Connection, sha256: str, kept: Path, kept_at: str, *, before: datetime, now: datetime
) -> bool:
    """Remove a file unless it was dropped again meanwhile; return whether it was removed."""
    values = {"sha256": sha256, "kept_at": kept_at, "before": before, "now": now}
    with exclusive_transaction(connection, MOVER):
        if connection.execute(sql(PACKAGE, "note_removed_quarantined"), values).rowcount == 0:
            return False
        # Within the transaction: whoever keeps the same bytes again waits for its end.
        remove_file(kept)
        remove_file(report_path(kept))
    return True


def _is_below(path: Path, folder: Path) -> bool:
    """Return whether a path is in a folder by its real place, and no link itself."""
    return not path.is_symlink() and path.parent.resolve().is_relative_to(folder.resolve())


def _size(path: Path) -> int:
    with readable(path.parent):
        return path.lstat().st_size
    return 0
