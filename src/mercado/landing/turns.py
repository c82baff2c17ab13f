"""Transactions that take turns: by name, across processes and hosts, for as long as PostgreSQL knows the client."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from mercado.errors import LoadInProgressError

PATIENCE_SECONDS = 60.0


@contextmanager
def exclusive_transaction(
    connection: psycopg.Connection, *names: str, patience_seconds: float = PATIENCE_SECONDS
) -> Iterator[None]:
    """Open a transaction once nobody else is in one of any of the names.

    The names are taken in one order, so two that want the same ones never wait for each other; a killed process loses
    them with its connection.

    Args:
        connection: Open, owned by the caller.
        names: Of what is worked on.
        patience_seconds: How long to wait for each of them, and for each row and table in the transaction.

    Raises:
        LoadInProgressError: Another process kept one of them for longer.
    """
    try:
        with connection.transaction():
            with connection.pipeline():
                connection.execute("select set_config('lock_timeout', %s, true)", (f"{patience_seconds * 1000:.0f}ms",))
                for name in sorted(set(names)):
                    connection.execute("select pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))
            yield
    except psycopg.errors.LockNotAvailable as error:
        raise LoadInProgressError(
            f"Another process has been working on {', '.join(sorted(names))} for more than {patience_seconds:.0f} s; "
            f"let it end and run again."
        ) from error
