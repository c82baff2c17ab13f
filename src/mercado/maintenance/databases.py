"""Databases restored beside those that are there, under names of their own, and swapped in all at once."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from mercado.errors import BackupInProgressError, DamagedBackupError, PlatformRunningError
from mercado.maintenance.backups import Backup, dump_name
from mercado.maintenance.postgres_tools import Login, run_tool
from mercado.maintenance.snapshots import row_counts
from mercado.warehouse.connection import connect
from mercado.warehouse.connection import sql as statement

SESSIONS: Final = """
    select distinct coalesce(nullif(application_name, ''), usename) from pg_stat_activity
    where datname = any(%s) and backend_type = 'client backend' order by 1
"""
# Who may connect besides the owner; a dump says nothing of its own database.
VISITORS: Final = """
    select granted.grantee::regrole::text from pg_database, aclexplode(datacl) as granted
    where datname = %s and granted.privilege_type = 'CONNECT' and granted.grantee not in (0, datdba)
"""
# Any number will do, as long as nothing else of the platform takes it.
RESTORE_LOCK: Final = 7_260_419
MAINTENANCE_DATABASE: Final = "postgres"


@dataclass(frozen=True)
class RestoredDatabase:
    """A database on its way: restored under a name of its own, then swapped in.

    Attributes:
        role: Its owner, and its name in a backup.
        name: What it is called in the end.
    """

    role: str
    name: str

    @property
    def draft(self) -> str:
        """Return the name under which it is restored."""
        return f"{self.name}_restoring"

    @property
    def former(self) -> str:
        """Return the name that the database which it replaces has until it is dropped."""
        return f"{self.name}_before_restore"


@contextmanager
def restoring_alone(superuser: Login, databases: Mapping[str, str]) -> Iterator[psycopg.Connection]:
    """Yield a superuser's session that no other restore has at the same time; the lock ends with the session.

    Raises:
        BackupInProgressError: Another restore works on this server.
        PlatformRunningError: Somebody is connected to one of the databases; names who.
        ServiceUnavailableError: The server does not answer.
    """
    with connect(superuser.url(MAINTENANCE_DATABASE), application="mercado restore") as session:
        locked = session.execute("select pg_try_advisory_lock(%s)", [RESTORE_LOCK]).fetchone()
        if not locked or not locked[0]:
            raise BackupInProgressError("Another restore works on this PostgreSQL: let it end and try again.")
        if users := [name for (name,) in session.execute(SESSIONS, [list(databases.values())])]:
            raise PlatformRunningError(
                f"The databases are in use ({', '.join(users)}): stop the platform (`make local-down`, `make down`), "
                f"then restore. Nothing was changed."
            )
        yield session


def restore_beside(session: psycopg.Connection, superuser: Login, backup: Backup, database: RestoredDatabase) -> None:
    """Restore one dump into a fresh database under its draft name, in one transaction; a leftover one is dropped.

    Owners and grants come back as they were.

    Raises:
        DamagedBackupError: It has other rows than the backup says.
        ServiceRefusedError, ServiceUnavailableError, StorageFullError: See `run_tool`.
    """
    for name in (database.draft, database.former):
        drop(session, name)
    _create(session, database)
    options = ("--exit-on-error", "--single-transaction", "--no-password", f"--dbname={database.draft}")
    run_tool(superuser, "pg_restore", *options, str(backup.path / dump_name(database.role)))
    with connect(superuser.url(database.draft), application="mercado restore") as restored:
        _require_rows(backup, database, row_counts(restored))
        restored.execute("analyze")
        if database.role == "airflow" and restored.execute("select to_regclass('dag_run') is not null").fetchone() == (
            True,
        ):
            restored.execute(statement("mercado.maintenance", "fail_unfinished_runs"))


def swap(session: psycopg.Connection, databases: list[RestoredDatabase]) -> None:
    """Give every restored database its final name, all in one transaction, and drop those that had it."""
    with session.transaction():
        for database in databases:
            _rename(session, database.name, database.former)
            _rename(session, database.draft, database.name)
    for database in databases:
        drop(session, database.former)


def drop(session: psycopg.Connection, name: str) -> None:
    """Drop a database if it is there, whoever a killed restore has left connected to it."""
    session.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


def _create(session: psycopg.Connection, database: RestoredDatabase) -> None:
    """Create the draft, which the same roles may connect to as to the database that it will replace."""
    draft = sql.Identifier(database.draft)
    create = sql.SQL("create database {} owner {} template template0")
    session.execute(create.format(draft, sql.Identifier(database.role)))
    session.execute(sql.SQL("revoke all on database {} from public").format(draft))
    for (role,) in session.execute(VISITORS, [database.name]).fetchall():
        session.execute(sql.SQL("grant connect on database {} to {}").format(draft, sql.Identifier(role)))


def _rename(session: psycopg.Connection, name: str, new_name: str) -> None:
    session.execute(sql.SQL("alter database {} rename to {}").format(*map(sql.Identifier, (name, new_name))))


def _require_rows(backup: Backup, database: RestoredDatabase, found: dict[str, int]) -> None:
    stated: dict[str, Any] = backup.manifest["rows"][database.role]
    if found != stated:
        differing = sorted(table for table in {*found, *stated} if found.get(table) != stated.get(table))
        counts = ", ".join(f"{table} {found.get(table, 0)}, not {stated.get(table, 0)}" for table in differing[:3])
        name = Path(dump_name(database.role))
        raise DamagedBackupError(
            f"The backup {backup.path} is damaged: {name} restores other rows than its manifest states ({counts}). "
            f"The platform is as it was; use another backup."
        )
