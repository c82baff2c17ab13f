"""Fixtures of the integration tests: Binance simulators, an MLflow server, warehouses full of candles."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr

from mercado.bitcoin.training import Trainer
from mercado.landing.keeping import Folders
from mercado.landing.tables import TABLES
from mercado.settings import BinanceSettings, DataSettings
from mercado.sipsa.contract import OPERATIONS
from mercado.warehouse.connection import connect
from tests.conftest import PASSWORD, DatabaseServer
from tests.integration.trainings import store_candles
from tests.mlflow_server import MlflowServer, running_mlflow
from tests.simulated_rules import SIMULATED_RULES
from tests.simulators.generated import Profile
from tests.simulators.running import SimulatorHandle, running_simulator

GENESIS = datetime(2023, 11, 20, tzinfo=UTC)
NOW = datetime(2024, 6, 3, 12, 30, tzinfo=UTC)
EMPTIED = """
    truncate ops.rejected_rows, ops.load_answers, ops.loads, sipsa_data.names, sipsa_data.price_series,
        sipsa_data.price_names
    cascade
"""


@pytest.fixture(scope="session")
def simulator_for_session() -> Iterator[SimulatorHandle]:
    with running_simulator(genesis=GENESIS, now=NOW) as simulator:
        yield simulator


@pytest.fixture
def simulator(simulator_for_session: SimulatorHandle) -> SimulatorHandle:
    """Return a simulator of half a year of hours, without faults, with an empty log, its clock at `NOW`."""
    simulator_for_session.clear_faults()
    simulator_for_session.clear_requests()
    simulator_for_session.set_now(NOW)
    return simulator_for_session


@pytest.fixture
def binance(simulator: SimulatorHandle) -> BinanceSettings:
    """Return settings that point at the simulator and give up soon."""
    return BinanceSettings.model_validate(
        {
            "BINANCE_BASE_URL": simulator.base_url,
            "BINANCE_ARCHIVE_URL": simulator.archive_url,
            "BINANCE_ATTEMPTS": 3,
            "BINANCE_LONGEST_WAIT_SECONDS": 5,
        }
    )


@pytest.fixture(scope="session")
def mlflow_server(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MlflowServer]:
    """Yield a real MLflow server, its database in PostgreSQL, its artifacts proxied."""
    folder = tmp_path_factory.mktemp("mlflow")
    with running_mlflow(folder, postgres_port=database_server.port, password=PASSWORD) as server:
        yield server


@pytest.fixture(scope="session")
def optuna_url(database_server: DatabaseServer) -> SecretStr:
    """Return the URL of the database that the platform makes for Optuna."""
    return database_server.url("optuna", "optuna_db")


@pytest.fixture(scope="session")
def reversal_warehouse(database_server: DatabaseServer) -> SecretStr:
    """Return the URL of a warehouse with 17 months of hours in which a signal is planted."""
    return store_candles(database_server.create_database("reversal_db"), Profile.REVERSAL, months=17)


@pytest.fixture(scope="module")
def trainer(reversal_warehouse: SecretStr, mlflow_server: MlflowServer, optuna_url: SecretStr) -> Iterator[Trainer]:
    """Yield the steps of a training on the hours of `reversal_warehouse`."""
    with connect(reversal_warehouse, application="tests") as connection:
        yield Trainer(connection, mlflow_server.uri, optuna_url, SIMULATED_RULES)


@pytest.fixture
def changing(trainer: Trainer) -> Iterator[psycopg.Connection]:
    """Yield the trainer's connection, in a transaction that is rolled back after the test."""
    with trainer.connection.transaction(force_rollback=True):
        yield trainer.connection


@pytest.fixture(scope="session")
def no_signal_warehouse(database_server: DatabaseServer) -> SecretStr:
    """Return the URL of a warehouse with a year of hours in which there is nothing to learn."""
    return store_candles(database_server.create_database("no_signal_db"), Profile.NO_SIGNAL, months=12)


@pytest.fixture
def sipsa(migrated_warehouse: SecretStr) -> Iterator[psycopg.Connection]:
    """Yield a connection to a warehouse whose SIPSA tables are empty."""
    with connect(migrated_warehouse, application="tests") as connection:
        connection.execute(EMPTIED)
        for operation in OPERATIONS:
            for suffix in ("", "_staging", "_revisions"):
                connection.execute(SQL("truncate {}").format(Identifier("sipsa_data", operation.table + suffix)))
        yield connection


@pytest.fixture
def landing(migrated_warehouse: SecretStr) -> Iterator[psycopg.Connection]:
    """Yield a connection to a warehouse whose tables of workbooks, and whose ledger of them, are empty."""
    with connect(migrated_warehouse, application="tests") as connection:
        connection.execute(EMPTIED)
        connection.execute("truncate sipsa_data.file_ingestion_log")
        for table in TABLES:
            for suffix in ("", "_revisions"):
                connection.execute(SQL("truncate {}").format(Identifier("sipsa_data", table.name + suffix)))
        yield connection


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    """Return a data folder of the test's own, with an empty landing zone."""
    found = Folders.of(DataSettings.model_validate({"MERCADO_DATA_DIR": tmp_path / "data"}))
    found.landing_zone.mkdir(parents=True)
    return found
