"""A PostgreSQL and an MLflow server of a test's own, that it can kill, freeze and start again."""

import os
import signal
import subprocess
from pathlib import Path
from typing import Any, Final, Self

import psutil
from dotenv import dotenv_values

from mercado.environment import fresh_values
from mercado.local.health import health_checks
from mercado.local.platform import EXAMPLE, Platform
from mercado.local.postgres import EmbeddedPostgres
from mercado.local.programs import mlflow_url, programs
from mercado.local.runtime import create_databases
from mercado.local.supervision import inherited_environment
from mercado.local.waiting import wait_until
from tests.conftest import PASSWORD, DatabaseServer, database_passwords
from tests.ports import free_port

START_SECONDS: Final = 90
STOP_SECONDS: Final = 30


class _Faulty:
    """A server that a test stops and starts; it runs at the end of the test's block at the latest no more."""

    _process: "subprocess.Popen[bytes]"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self.thaw()
            self.kill()

    def start(self) -> None:
        raise NotImplementedError

    def kill(self) -> None:
        raise NotImplementedError

    def freeze(self) -> None:
        """Let it neither answer nor close a connection; new ones are accepted by the kernel all the same."""
        for process in self._family():
            process.suspend()

    def thaw(self) -> None:
        for process in self._family():
            process.resume()

    def _family(self) -> list[psutil.Process]:
        process = psutil.Process(self._process.pid)
        return [process, *process.children(recursive=True)]


class FaultyPostgres(_Faulty):
    """An empty PostgreSQL.

    Args:
        folder: For the cluster and its log.
    """

    def __init__(self, folder: Path) -> None:
        self._server = EmbeddedPostgres(folder, free_port(), "postgres", PASSWORD)
        self._server.prepare()
        self._log = folder / "postgres.log"
        self.databases = DatabaseServer(self._server.port)

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self._server.destroy()

    def create_databases(self) -> None:
        create_databases(self._server, database_passwords())

    def start(self) -> None:
        self._process = self._server.start(self._log)

    def kill(self) -> None:
        """End it as a crash would, at once; it recovers when it starts again."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(STOP_SECONDS)


class FaultyMlflow(_Faulty):
    """An MLflow server as the platform runs it, always at the same address.

    Args:
        folder: For its artifacts and its log.
        postgres_port: Of the server with MLflow's database.
    """

    def __init__(self, folder: Path, *, postgres_port: int) -> None:
        ports = {"POSTGRES_PORT": str(postgres_port), "MLFLOW_PORT": str(free_port())}
        values: dict[str, Any] = {name: value or "" for name, value in dotenv_values(EXAMPLE).items()}
        platform = Platform("tests", folder, values | fresh_values() | ports | {"MLFLOW_DB_PASSWORD": PASSWORD})
        (self._program,) = (program for program in programs(platform) if program.name == "mlflow")
        self._healthy = health_checks(platform)["mlflow"]
        self._folder = folder
        self.uri = mlflow_url(platform)

    def start(self) -> None:
        environment, log = inherited_environment() | self._program.environment, self._folder / "mlflow.log"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                self._program.command,
                env=environment,
                stdout=output,
                stderr=output,
                cwd=self._folder,
                start_new_session=True,
            )
        wait_until(self._healthy, seconds=START_SECONDS, problem=lambda: f"MLflow does not start: {log.read_text()}")

    def kill(self) -> None:
        """Kill the server and its workers, which are one process group."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(STOP_SECONDS)
