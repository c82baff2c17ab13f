"""The record of every load in ``ops.loads``: who runs, what came, what changed, how it ended."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import psycopg

from mercado.errors import LoadInProgressError, MixedOriginError
from mercado.warehouse.connection import sql

LOCK_PATIENCE_SECONDS = 10
LOCK_POLL_SECONDS = 0.2


@dataclass(frozen=True)
class RawAnswer:
    """One answer of a source as received.

    Attributes:
        url: Address without credentials.
        sha256: Hex digest of the bytes.
        byte_count: Size in bytes.
        rows_read: Rows in it.
    """

    url: str
    sha256: str
    byte_count: int
    rows_read: int


@dataclass(frozen=True)
class MergeCounts:
    """How a merge changed a table, in rows."""

    inserted: int = 0
    updated: int = 0
    unchanged: int = 0

    def __add__(self, other: "MergeCounts") -> "MergeCounts":
        return MergeCounts(
            self.inserted + other.inserted, self.updated + other.updated, self.unchanged + other.unchanged
        )


@contextmanager
def recorded_load(connection: psycopg.Connection, *, source: str, scope: str, origin: str) -> Iterator[int]:
    """Yield the id of a new load, which ends as succeeded, or as failed with the error's message.

    One load of a source and scope runs at a time: a session lock in PostgreSQL, which a killed process loses, guards
    it. Loads that a killed process left as running are marked abandoned here.

    Raises:
        LoadInProgressError: Another process loads the same scope.
        MixedOriginError: The scope was loaded from another origin before.
    """
    _lock(connection, f"{source} {scope}")
    try:
        _refuse_mixed_origin(connection, source=source, scope=scope, origin=origin)
        load_id = _start(connection, source=source, scope=scope, origin=origin)
        try:
            yield load_id
        except BaseException as error:
            _finish(connection, load_id, status="failed", error=f"{type(error).__name__}: {error}")
            raise
        _finish(connection, load_id, status="succeeded", error=None)
    finally:
        if not connection.closed:
            connection.execute("select pg_advisory_unlock_all()")


def abandon_dead_loads(connection: psycopg.Connection, *, source: str) -> None:
    """Mark a source's loads that a killed process left as running: whoever runs one holds its lock.

    A load of the same scope does so by itself; this is for scopes that may never come again, such as a deleted file.
    """
    connection.execute(sql("mercado.warehouse", "abandon_dead_loads"), {"source": source})


def record_answers(
    connection: psycopg.Connection, load_id: int, answers: Sequence[RawAnswer], counts: MergeCounts
) -> None:
    """Add raw answers and what they changed together to their load; call it in the transaction that merges them."""
    for answer in answers:
        connection.execute(sql("mercado.warehouse", "record_answer"), {"load_id": load_id, **vars(answer)})
    connection.execute(sql("mercado.warehouse", "add_counts"), {"load_id": load_id, **vars(counts)})


def stored_since(connection: psycopg.Connection, *, source: str, scope: str, since: datetime) -> int:
    """Return how many rows the loads of a source and scope have inserted or updated that began at ``since`` or later.

    Loads that failed or were killed count too: what they merged stays.
    """
    row = connection.execute(
        "select coalesce(sum(rows_inserted + rows_updated), 0)::bigint from ops.loads "
        "where (source, scope) = (%s, %s) and started_at_utc >= %s",
        (source, scope, since),
    ).fetchone()
    return int(row[0]) if row else 0


def add_note(connection: psycopg.Connection, load_id: int, note: str) -> None:
    """Add a note for a person to a load that goes on."""
    connection.execute("update ops.loads set notes = notes || %s where load_id = %s", ([note], load_id))


def _lock(connection: psycopg.Connection, name: str) -> None:
    # The server may need a moment to notice that a killed process is gone.
    deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
    while True:
        row = connection.execute("select pg_try_advisory_lock(hashtextextended(%s, 0))", (name,)).fetchone()
        if row and row[0]:
            return
        if time.monotonic() > deadline:
            raise LoadInProgressError(f"Another process is loading {name}; let it end and run again.")
        time.sleep(LOCK_POLL_SECONDS)


def _refuse_mixed_origin(connection: psycopg.Connection, *, source: str, scope: str, origin: str) -> None:
    row = connection.execute(
        "select origin from ops.loads where (source, scope) = (%s, %s) and origin <> %s and rows_inserted > 0 limit 1",
        (source, scope, origin),
    ).fetchone()
    if row:
        raise MixedOriginError(
            f"{scope} in this warehouse came from '{row[0]}'; loading it from '{origin}' would mix the two. "
            f"Use another database for it (MERCADO_WAREHOUSE_URL); of a demo, `make demo-destroy` first."
        )


def _start(connection: psycopg.Connection, *, source: str, scope: str, origin: str) -> int:
    with connection.pipeline(), connection.transaction():
        connection.execute(
            "update ops.loads set status = 'abandoned', finished_at_utc = clock_timestamp() "
            "where (source, scope, status) = (%s, %s, 'running')",
            (source, scope),
        )
        started = connection.execute(
            "insert into ops.loads (source, scope, origin) values (%s, %s, %s) returning load_id",
            (source, scope, origin),
        )
    row = started.fetchone()
    assert row is not None  # noqa: S101  `returning` always answers
    return int(row[0])


def _finish(connection: psycopg.Connection, load_id: int, *, status: str, error: str | None) -> None:
    if connection.closed:
        return  # The server went away: the next load marks this one abandoned.
    connection.execute(
        "update ops.loads set status = %s, error = %s, finished_at_utc = clock_timestamp() where load_id = %s",
        (status, error, load_id),
    )
