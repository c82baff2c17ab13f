"""Connections to the warehouse, and the SQL files that stand beside the code which runs them."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any

import psycopg
from pydantic import SecretStr

from mercado.errors import ServiceUnavailableError, StorageFullError

CONNECT_TIMEOUT_SECONDS = 10
# The server looks each second whether the client is still there: a killed one's statement and locks end with it.
# A page out of order costs hardly more than the next, in memory and on a solid-state disk; with the server's default of
# 4, a few rows would be merged by reading the whole table.
SESSION_OPTIONS = "-c timezone=UTC -c client_connection_check_interval=1s -c random_page_cost=1.1"


def session_arguments(application: str) -> dict[str, Any]:
    """Return what every session is opened with, as keyword arguments of `psycopg.connect`.

    Sessions are in UTC and commit each statement by itself.

    Args:
        application: Name shown in ``pg_stat_activity``.
    """
    return {
        "autocommit": True,
        "application_name": application,
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "options": SESSION_OPTIONS,
    }


@contextmanager
def connect(url: SecretStr, *, application: str = "mercado") -> Iterator[psycopg.Connection]:
    """Yield a connection in UTC that commits each statement by itself, and close it afterwards.

    Work that belongs together opens ``connection.transaction()``, so a reader sees where a transaction begins.

    Args:
        url: ``postgresql://user:password@host:port/database``.
        application: Name shown in ``pg_stat_activity``.

    Raises:
        ServiceUnavailableError: The server does not answer, refuses the log-in, or goes away while in use.
        StorageFullError: The server's disk is full; the transaction was rolled back.
    """
    with warehouse_errors(url), psycopg.connect(url.get_secret_value(), **session_arguments(application)) as connection:
        yield connection


@contextmanager
def warehouse_errors(url: SecretStr) -> Iterator[None]:
    """Turn what psycopg raises about the server itself into errors of this platform, as `connect` says."""
    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise StorageFullError(f"PostgreSQL's disk is full; the load was rolled back, run it again: {error}") from error
    except psycopg.OperationalError as error:
        raise ServiceUnavailableError(
            f"The warehouse does not answer ({place(url)}): {_first_line(error)}. Is the platform up? `mercado doctor`"
        ) from error


def place(url: SecretStr) -> str:
    """Return ``host:port/database`` of a URL, without its password."""
    parts = psycopg.conninfo.conninfo_to_dict(url.get_secret_value())
    return f"{parts.get('host', 'localhost')}:{parts.get('port', 5432)}/{parts.get('dbname', '')}"


@cache
def sql(package: str, name: str) -> bytes:
    """Return the statement in ``name``.sql in the folder ``sql`` of ``package``."""
    return files(package).joinpath("sql", f"{name}.sql").read_bytes()


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
