"""What a benchmark runs against: a real PostgreSQL and the simulators, each a process of its own."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from mercado.local.runtime import create_databases
from mercado.settings import postgres_url
from mercado.warehouse.schema import migrate
from tests.conftest import PASSWORD, database_passwords, running_postgres
from tests.mlflow_server import running_mlflow
from tests.ports import free_port

START_SECONDS = 60


@contextmanager
def warehouse() -> Iterator[dict[str, str]]:
    """Yield the environment of a command line on a fresh, migrated warehouse."""
    with tempfile.TemporaryDirectory() as folder, running_postgres(Path(folder)) as server:
        create_databases(server, database_passwords())
        url = postgres_url(user="warehouse", password=SecretStr(PASSWORD), port=server.port, database="warehouse_db")
        migrate(url)
        yield dict(os.environ) | {
            "MERCADO_ENV_FILE": os.devnull,
            "MERCADO_WAREHOUSE_URL": url.get_secret_value(),
            "MERCADO_DATA_DIR": f"{folder}/data",
        }


@contextmanager
def training_platform() -> Iterator[dict[str, str]]:
    """Yield the environment of a training: a fresh warehouse, Optuna's database and an MLflow server beside it."""
    with warehouse() as environment, tempfile.TemporaryDirectory() as folder:
        port = int(conninfo_to_dict(environment["MERCADO_WAREHOUSE_URL"])["port"])
        optuna = postgres_url(user="optuna", password=SecretStr(PASSWORD), port=port, database="optuna_db")
        with running_mlflow(Path(folder), postgres_port=port, password=PASSWORD) as mlflow:
            yield environment | {
                "MERCADO_OPTUNA_URL": optuna.get_secret_value(),
                "MLFLOW_TRACKING_URI": mlflow.uri,
            }


@contextmanager
def simulators(*options: str) -> Iterator[str]:
    """Yield the address of simulators with these command-line options."""
    port = free_port()
    command = [sys.executable, "-m", "tests.simulators", "--port", str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        address = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{address}/api/v3/ping")
            yield address
        finally:
            process.terminate()


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            requests.get(url, timeout=5).raise_for_status()
        except requests.RequestException:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
