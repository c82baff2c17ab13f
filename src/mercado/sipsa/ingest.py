"""Ingest operations: fetch the answer, load it, say what changed and how old the newest day is."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import psycopg

from mercado.sipsa.client import SipsaClient
from mercado.sipsa.contract import Operation
from mercado.sipsa.freshness import last_day, today
from mercado.sipsa.load import Progress, load_answer
from mercado.sipsa.seen_names import UnmappedName
from mercado.warehouse.loads import MergeCounts, add_note, recorded_load
from mercado.warehouse.schema import require_current_schema

SOURCE: Final = "sipsa"


@dataclass(frozen=True)
class IngestReport:
    """What ingesting one operation did.

    Attributes:
        operation: Its name.
        load_id: Its row in ``ops.loads``.
        read: Items in the answer.
        rejected: Items that break a rule, in ``ops.rejected_rows``.
        counts: Rows inserted, updated and left unchanged.
        last_day: The newest day stored, or ``None`` when nothing is.
        unmapped: Names in the answer that no reviewed table knows.
    """

    operation: str
    load_id: int
    read: int
    rejected: int
    counts: MergeCounts
    last_day: date | None
    unmapped: list[UnmappedName]


def ingest(
    connection: psycopg.Connection,
    client: SipsaClient,
    operation: Operation,
    *,
    folder: Path,
    since: date | None = None,
    clock: Callable[[], date] = today,
    progress: Progress = lambda stage: None,
) -> IngestReport:
    """Fetch an operation's answer into ``folder`` and load it.

    Args:
        connection: Open connection to the warehouse, owned by the caller.
        client: Of the service.
        operation: What to ask for.
        folder: Where raw answers are kept, compressed.
        since: Rows before this day are left out; ``None`` takes all.
        clock: Today in Bogotá.
        progress: Called with what is being done, now and then.

    Raises:
        SchemaOutdatedError, LoadInProgressError, MixedOriginError: Nothing was loaded.
        SourceError: The service failed, or its answer cannot be loaded; production is as it was.
    """
    require_current_schema(connection)
    origin, notes = client.origin(), client.contract_notes()
    with recorded_load(connection, source=SOURCE, scope=operation.name, origin=origin) as load_id:
        for note in notes:
            add_note(connection, load_id, note)
        raw = client.fetch(operation, folder, progress)
        loaded = load_answer(
            connection, operation, raw, load_id=load_id, latest=clock(), since=since, progress=progress
        )
    tally = loaded.tally
    return IngestReport(
        operation=operation.name,
        load_id=load_id,
        read=tally.read,
        rejected=tally.rejected,
        counts=loaded.counts,
        last_day=last_day(connection, operation),
        unmapped=loaded.unmapped,
    )
