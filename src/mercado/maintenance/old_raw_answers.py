"""Old raw answers of SIPSA: all but the newest that was loaded of each operation, and what killed fetches left."""

import gzip
import hashlib
import re
import zlib
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import psycopg

from mercado.maintenance.old_files import FoundFile, files_below, remove_file
from mercado.maintenance.removed import Removed
from mercado.warehouse.connection import sql

PACKAGE: Final = "mercado.maintenance"
# `mercado.sipsa.client` states how answers are named.
WHOLE: Final = re.compile(r"(?P<operation>\w+)-(?P<instant>\d{8}T\d{6}\.\d{6}Z)\.xml\.gz")
PART_SUFFIX: Final = ".part"
# Longer than any answer takes to come.
PART_AGE: Final = timedelta(days=1)
BLOCK_BYTES: Final = 1 << 20


def clean_raw_answers(
    connection: psycopg.Connection, folder: Path, *, before: datetime, now: datetime, dry_run: bool = False
) -> Removed:
    """Remove raw answers that were written before an instant, and half-written ones of a day ago.

    The newest answer of each operation that was loaded stays, however old it is. ``ops.load_answers`` keeps the row of
    a removed one, and says since when it is gone.

    Args:
        connection: Open, to the warehouse, owned by the caller.
        folder: ``data/raw``.
        before: In UTC.
        now: In UTC.
        dry_run: Only count.

    Raises:
        ConfigurationError: A folder may not be read, or a file not be removed; names it.
    """
    files = [file for file in files_below(folder) if not file.path.name.startswith(".")]
    parts_before = (now - PART_AGE).timestamp()
    old = [
        file
        for file in files
        if file.modified_s < (parts_before if file.path.suffix == PART_SUFFIX else before.timestamp())
    ]
    kept = _newest_loaded(connection, files, old)
    removed = Removed("raw answers")
    for file in old:
        if file.path in kept:
            continue
        removed = removed.plus(file.byte_count)
        if not dry_run:
            _remove(connection, file, now)
    return removed


def _remove(connection: psycopg.Connection, file: FoundFile, now: datetime) -> None:
    digest = _digest(file.path) if WHOLE.fullmatch(file.path.name) else None
    remove_file(file.path)
    if digest is not None:
        connection.execute(sql(PACKAGE, "note_removed_answer"), {"sha256": digest, "now": now})


def _newest_loaded(connection: psycopg.Connection, files: list[FoundFile], old: list[FoundFile]) -> set[Path]:
    """Return the newest loaded answer of each operation that has old ones; where none was loaded, the newest."""
    answers: dict[str, list[Path]] = defaultdict(list)
    for file in files:
        if match := WHOLE.fullmatch(file.path.name):
            answers[match["operation"]].append(file.path)
    touched = {match["operation"] for file in old if (match := WHOLE.fullmatch(file.path.name))}
    kept = set()
    for operation in touched:
        newest_first = sorted(answers[operation], key=lambda path: path.name, reverse=True)
        kept.add(next((path for path in newest_first if _was_loaded(connection, path)), newest_first[0]))
    return kept


def _was_loaded(connection: psycopg.Connection, path: Path) -> bool:
    row = connection.execute(sql(PACKAGE, "is_loaded_answer"), {"sha256": _digest(path)}).fetchone()
    return row is not None


def _digest(path: Path) -> str | None:
    """Return the sha256 of an answer as it came, or ``None`` when the file is no whole gzip file any more."""
    digest = hashlib.sha256()
    try:
        with gzip.open(path) as file:
            while block := file.read(BLOCK_BYTES):
                digest.update(block)
    except (gzip.BadGzipFile, EOFError, zlib.error, FileNotFoundError):
        return None
    return digest.hexdigest()
