"""A real MLflow server for tests: the platform's own program, on a database and in a folder of its own."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dotenv import dotenv_values

from mercado.environment import fresh_values
from mercado.local.health import health_checks
from mercado.local.platform import EXAMPLE, Platform
from mercado.local.programs import Program, mlflow_url, programs
from mercado.local.supervision import inherited_environment
from tests.ports import free_port

START_SECONDS = 90
STOP_SECONDS = 20


@dataclass(frozen=True)
class MlflowServer:
    """A running server.

    Attributes:
        uri: Its address.
        artifacts: The folder behind its artifact proxy.
    """

    uri: str
    artifacts: Path


@contextmanager
def running_mlflow(
    folder: Path,
    *,
    postgres_port: int,
    password: str,
    settings: Mapping[str, str] | None = None,
    **variables: str,
) -> Iterator[MlflowServer]:
    """Run ``mlflow server`` as the platform does until the block ends.

    Args:
        folder: For its artifacts and its log.
        postgres_port: Of the server with the role and the database that the platform makes for MLflow.
        password: Of that role.
        settings: What the platform's settings say besides.
        **variables: Set in its environment besides.
    """
    ports = {"POSTGRES_PORT": str(postgres_port), "MLFLOW_PORT": str(free_port())}
    values = {name: value or "" for name, value in dotenv_values(EXAMPLE).items()}
    stated = {"MLFLOW_DB_PASSWORD": password, **(settings or {})}
    platform = Platform("tests", folder, values | fresh_values() | ports | stated)
    (program,) = (program for program in programs(platform) if program.name == "mlflow")
    with (folder / "mlflow.log").open("ab") as log:
        environment = inherited_environment() | program.environment | variables
        process = subprocess.Popen(
            program.command, env=environment, stdout=log, stderr=log, cwd=folder, start_new_session=True
        )
    try:
        _wait_until_healthy(platform, program, process)
        yield MlflowServer(mlflow_url(platform), Path(program.environment["MLFLOW_ARTIFACTS_DESTINATION"]))
    finally:
        _stop(process)


def _wait_until_healthy(platform: Platform, program: Program, process: "subprocess.Popen[bytes]") -> None:
    healthy, deadline = health_checks(platform)[program.name], time.monotonic() + START_SECONDS
    while not healthy():
        assert process.poll() is None, (platform.state / "mlflow.log").read_text()
        assert time.monotonic() < deadline, (platform.state / "mlflow.log").read_text()
        time.sleep(0.1)


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop the server and its workers, which are one process group."""
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)
