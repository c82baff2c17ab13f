"""The ledger of dropped files, ``sipsa_data.file_ingestion_log``: one row per content, written with the load itself."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import PurePath
from typing import Final

import psycopg
from psycopg.rows import class_row

from mercado.landing.content import IncomingFile, storable
from mercado.landing.document import Problem
from mercado.landing.prepared import PreparedDocument
from mercado.warehouse.connection import sql
from mercado.warehouse.loads import MergeCounts

PACKAGE: Final = "mercado.landing"
# More are counted, but not stored one by one: the file itself has them all.
PROBLEMS_STORED: Final = 10_000


class EntryStatus(StrEnum):
    """Whether a content's rows are in the tables."""

    LOADED = "loaded"
    REFUSED = "refused"


@dataclass(frozen=True)
class LedgerEntry:
    """What the ledger says of a content; its columns' comments say what each is."""

    file_sha256: str
    file_names: list[str]
    byte_count: int
    layout: str | None
    report_date: date | None
    status: str
    rows_rejected: int
    error: str | None
    kept_at: str | None
    load_id: int
    attempts: int
    finished_at_utc: datetime
    removed_at_utc: datetime | None = None


def find_entry(connection: psycopg.Connection, sha256: str) -> LedgerEntry | None:
    """Return what is known of a content, or ``None`` when it was never seen."""
    found = find_entries(connection, sha256)
    return found[0] if found else None


def find_entries(connection: psycopg.Connection, beginning: str) -> list[LedgerEntry]:
    """Return what is known of the contents whose digest begins so."""
    with connection.cursor(row_factory=class_row(LedgerEntry)) as cursor:
        return cursor.execute(sql(PACKAGE, "find_entries"), {"beginning": beginning}).fetchall()


def record_loaded(
    connection: psycopg.Connection,
    incoming: IncomingFile,
    document: PreparedDocument,
    counts: MergeCounts,
    *,
    load_id: int,
) -> None:
    """Record a load that succeeds, its rejected cells included; call it in the transaction that merges its rows."""
    record_problems(connection, document.rejected, load_id=load_id)
    notes = [storable(note) for note in document.notes]
    rejected = len(document.rejected)
    values = {
        **_content(incoming),
        "layout": document.layout.value,
        "report_date": document.report_date,
        "last_day": document.last_day,
        "rows_read": document.rows_read,
        "rows_rejected": rejected,
        "notes": notes,
        "load_id": load_id,
        **vars(counts),
    }
    connection.execute(sql(PACKAGE, "record_loaded"), values)
    _end_load(connection, load_id, status="succeeded", error=None, rows_rejected=rejected, notes=notes)


def record_refused(
    connection: psycopg.Connection,
    incoming: IncomingFile,
    error: Exception,
    problems: Sequence[Problem],
    *,
    load_id: int,
) -> None:
    """Record in one transaction that a content was refused, why, and everything that is wrong with it."""
    with connection.transaction():
        record_problems(connection, problems, load_id=load_id)
        reason = storable(str(error))
        values = {**_content(incoming), "rows_rejected": len(problems), "error": reason, "load_id": load_id}
        connection.execute(sql(PACKAGE, "record_refused"), values)
        full = f"{type(error).__name__}: {reason}"
        _end_load(connection, load_id, status="failed", error=full, rows_rejected=len(problems), notes=[])


def record_sight(connection: psycopg.Connection, incoming: IncomingFile) -> None:
    """Record that a content which is loaded was dropped again, under whatever name."""
    connection.execute(sql(PACKAGE, "record_sight"), {"sha256": incoming.sha256, "name": incoming.name})


def record_place(connection: psycopg.Connection, sha256: str, kept_at: PurePath) -> None:
    """Record where a content is kept now, relative to the data folder."""
    connection.execute(
        "update sipsa_data.file_ingestion_log set kept_at = %s, removed_at_utc = null where file_sha256 = %s",
        (str(kept_at), sha256),
    )


def record_problems(connection: psycopg.Connection, problems: Sequence[Problem], *, load_id: int) -> None:
    """Record what breaks rules in ``ops.rejected_rows``; the second problem of a place is there as ``place (2)``."""
    rows = [
        {"load_id": load_id, "place": place, "rule": storable(each.rule), "raw_text": storable(each.raw_text)}
        for place, each in _with_unique_places(problems[:PROBLEMS_STORED])
    ]
    with connection.cursor() as cursor:
        cursor.executemany(sql(PACKAGE, "record_rejected"), rows)


def _with_unique_places(problems: Iterable[Problem]) -> Iterator[tuple[str, Problem]]:
    taken: set[str] = set()
    repeated: Counter[str] = Counter()
    for each in problems:
        unique = place = storable(each.place)
        while unique in taken:
            repeated[place] += 1
            unique = f"{place} ({repeated[place] + 1})"
        taken.add(unique)
        yield unique, each


def _end_load(
    connection: psycopg.Connection,
    load_id: int,
    *,
    status: str,
    error: str | None,
    rows_rejected: int,
    notes: list[str],
) -> None:
    if rows_rejected > PROBLEMS_STORED:
        notes = [*notes, f"Only the first {PROBLEMS_STORED} rejected cells are in ops.rejected_rows."]
    values = {"load_id": load_id, "status": status, "error": error, "rows_rejected": rows_rejected, "notes": notes}
    connection.execute(sql(PACKAGE, "end_load"), values)


def _content(incoming: IncomingFile) -> dict[str, object]:
    return {"sha256": incoming.sha256, "name": incoming.name, "byte_count": incoming.byte_count}
