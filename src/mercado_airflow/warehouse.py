"""The warehouse as the DAGs reach it: through the connection ``postgres_sipsa`` that a person may edit in the UI."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from airflow.sdk import BaseHook, Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from pydantic import SecretStr

from mercado.errors import ConfigurationError, ServiceUnavailableError
from mercado.warehouse.connection import connect

CONNECTION_ID = "postgres_sipsa"


@contextmanager
def warehouse_connection(task: str) -> Iterator[psycopg.Connection]:
    """Yield an open connection to the warehouse for a task, whose name PostgreSQL shows in ``pg_stat_activity``.

    Raises:
        ConfigurationError: The connection lacks its host, log-in or database.
        ServiceUnavailableError: The server does not answer; or Airflow does not know the connection, which it also says
            while it cannot reach its own database, so it is tried again.
    """
    with connect(_url(), application=f"airflow {task}") as connection:
        yield connection


def _url() -> SecretStr:
    stated = _connection()
    missing = [name for name in ("host", "login", "password", "schema") if not getattr(stated, name)]
    if missing:
        raise ConfigurationError(
            f"Airflow's connection {CONNECTION_ID} lacks its {', '.join(missing)}: complete it in the UI (Admin)."
        )
    fields = {"host": stated.host, "port": stated.port or 5432, "user": stated.login, "dbname": stated.schema}
    extra = stated.extra_dejson  # what a person adds there is libpq's own, such as sslmode
    return SecretStr(psycopg.conninfo.make_conninfo(password=stated.password, **fields, **extra))


def _connection() -> Connection:
    try:
        return BaseHook.get_connection(CONNECTION_ID)
    except AirflowNotFoundException as error:
        raise ServiceUnavailableError(
            f"Airflow's connection {CONNECTION_ID} cannot be read: Airflow's api-server or database does not answer "
            f"(it is tried again), or the connection was deleted (the next start of the platform makes it again)."
        ) from error
