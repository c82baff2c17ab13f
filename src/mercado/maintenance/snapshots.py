"""One instant of several databases: snapshots that are taken together and that ``pg_dump`` then reads."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import psycopg
from psycopg import sql

from mercado.maintenance.postgres_tools import Login
from mercado.warehouse.connection import connect

TABLES = """
    select n.nspname, c.relname from pg_class as c join pg_namespace as n on n.oid = c.relnamespace
    where c.relkind = 'r' and c.relpersistence <> 't'
      and n.nspname <> 'information_schema' and n.nspname !~ '^pg_'
    order by 1, 2
"""


@dataclass(frozen=True)
class Snapshot:
    """What one transaction sees of a database until it ends.

    Attributes:
        database: The database's name.
        snapshot_id: Its name for ``pg_dump --snapshot``.
        connection: The session that holds it.
    """

    database: str
    snapshot_id: str
    connection: psycopg.Connection


@contextmanager
def snapshots(login: Login, databases: Mapping[str, str]) -> Iterator[dict[str, Snapshot]]:
    """Yield a snapshot of each database by its role, taken within milliseconds of each other, in the order given.

    What refers to something else is to come before what it refers to: a prediction in the warehouse names a model that
    MLflow already had.

    Raises:
        ServiceUnavailableError: The server does not answer, or refuses the log-in.
    """
    with ExitStack() as stack:
        sessions = {
            role: stack.enter_context(connect(login.url(name), application="mercado backup"))
            for role, name in databases.items()
        }
        for session in sessions.values():
            session.execute("begin isolation level repeatable read read only")
        yield {role: Snapshot(databases[role], _exported(session), session) for role, session in sessions.items()}


def row_counts(connection: psycopg.Connection) -> dict[str, int]:
    """Return the number of rows of each table of a database, by ``schema.table``."""
    counts = {}
    for schema, table in connection.execute(TABLES).fetchall():
        counting = sql.SQL("select count(*) from {}").format(sql.Identifier(schema, table))
        (counts[f"{schema}.{table}"],) = connection.execute(counting).fetchone() or (0,)
    return counts


def _exported(session: psycopg.Connection) -> str:
    row = session.execute("select pg_export_snapshot()").fetchone()
    if row is None:
        raise psycopg.ProgrammingError("pg_export_snapshot() gave no row")
    return str(row[0])
