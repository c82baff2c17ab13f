"""Fixtures that several kinds of tests share: a real PostgreSQL and a migrated warehouse."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql
from pydantic import SecretStr

from mercado.local.postgres import EmbeddedPostgres
from mercado.local.runtime import create_databases
from mercado.settings import postgres_url
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.ports import free_port

# An example that took long says nothing of the code: others use this machine as well.
settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
PASSWORD = "for-tests-only"
ROLES = ("AIRFLOW", "MLFLOW", "OPTUNA", "WAREHOUSE")
SAMPLES = Path(__file__).parent.parent.parent / "shared" / "samples"


@dataclass(frozen=True)
class DatabaseServer:
    """A running PostgreSQL with Mercado's roles and databases."""

    port: int

    def url(self, user: str, database: str) -> SecretStr:
        return postgres_url(user=user, password=SecretStr(PASSWORD), port=self.port, database=database)

    @property
    def warehouse_url(self) -> SecretStr:
        return self.url("warehouse", "warehouse_db")

    def create_database(self, name: str) -> SecretStr:
        """Create an empty database of the role ``warehouse`` and return its URL."""
        with connect(self.url("postgres", "postgres"), application="tests") as superuser:
            superuser.execute(sql.SQL("create database {} owner warehouse").format(sql.Identifier(name)))
        return self.url("warehouse", name)


def database_passwords() -> dict[str, str]:
    """Return the settings that name the passwords of Mercado's roles."""
    readers = dict.fromkeys(("API_READER_PASSWORD", "BACKUP_READER_PASSWORD"), PASSWORD)
    return {f"{role}_DB_PASSWORD": PASSWORD for role in ROLES} | readers


@contextmanager
def running_postgres(folder: Path) -> Iterator[EmbeddedPostgres]:
    """Run a fresh embedded PostgreSQL until the block ends, then delete it."""
    server = EmbeddedPostgres(folder, free_port(), "postgres", PASSWORD)
    server.prepare()
    process = server.start(folder / "postgres.log")
    try:
        yield server
    finally:
        process.send_signal(signal.SIGINT)  # the fast shutdown, which waits for nobody's session
        process.wait(30)
        server.destroy()


@pytest.fixture(scope="session")
def database_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DatabaseServer]:
    """Yield a fresh embedded PostgreSQL, with roles and databases, for the whole session."""
    with running_postgres(tmp_path_factory.mktemp("platform")) as server:
        create_databases(server, database_passwords())
        yield DatabaseServer(server.port)


@pytest.fixture(scope="session")
def migrated_warehouse(database_server: DatabaseServer) -> SecretStr:
    """Return the URL of the warehouse with the newest schema."""
    migrate(database_server.warehouse_url)
    return database_server.warehouse_url


@pytest.fixture
def warehouse(migrated_warehouse: SecretStr) -> Iterator[psycopg.Connection]:
    """Yield a connection to a warehouse without rows."""
    with connect(migrated_warehouse, application="tests") as connection:
        connection.execute(
            "truncate market_data.klines, market_data.kline_gaps, ops.load_answers, ops.rejected_rows, ops.loads"
        )
        yield connection


@pytest.fixture
def mercado_command(migrated_warehouse: SecretStr, tmp_path: Path) -> dict[str, str]:
    """Return the environment in which the command line works on the test's warehouse and a folder of its own."""
    return dict(os.environ) | {
        "MERCADO_ENV_FILE": os.devnull,
        "MERCADO_WAREHOUSE_URL": migrated_warehouse.get_secret_value(),
        "MERCADO_DATA_DIR": str(tmp_path / "data"),
    }
