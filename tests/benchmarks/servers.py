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
from pydantic import SecretStr

from mercado.local.runtime import create_databases
from mercado.settings import postgres_url
from mercado.warehouse.schema import migrate
from tests.conftest import PASSWORD, database_passwords, running_postgres
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
