"""A checkout as a new user has it: a clean clone, the commands typed in it, and what the placeholders stand for."""

import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from mercado.local.access import ask_api
from mercado.local.platform import CHOICES, Platform
from mercado.local.programs import mlflow_url, source_settings, training_settings
from mercado.registry import Registry
from mercado.warehouse.connection import connect
from tests.demo import fresh_environment
from tests.documentation.pages import ROOT
from tests.documentation.registry import Run

SETTINGS: Final = ("MERCADO_", "MLFLOW_", "BINANCE_", "SIPSA_", "POSTGRES_", "AIRFLOW_", "COMPOSE_", "VIRTUAL_ENV")
DEFAULT_PORTS: Final = {"8080": "AIRFLOW_PORT", "5000": "MLFLOW_PORT", "8000": "API_PORT", "5432": "POSTGRES_PORT"}


@dataclass
class Clone:
    """A clone of the last commit.

    Attributes:
        folder: Where it is.
        environment: What the user's shell has: the ports, since others may be taken on this machine.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @classmethod
    def make(cls, folder: Path) -> "Clone":
        """Return a fresh clone of HEAD, without what is not committed.

        Its origin has a branch of its own, so that it is the same whether this checkout is on a branch or on none.
        """
        origin = folder.with_suffix(".git")
        fetch = ["git", "-C", str(origin), "fetch", "--quiet", "--depth", "1", f"file://{ROOT}", "HEAD:refs/heads/main"]
        clone = ["git", "clone", "--quiet", "--branch", "main", f"file://{origin}", str(folder)]
        for command in (["git", "init", "--quiet", "--bare", str(origin)], fetch, clone):
            subprocess.run(command, check=True, capture_output=True)
        environment = {name: value for name, value in fresh_environment().items() if _is_the_users(name)}
        environment["PATH"] = f"{folder / '.venv' / 'bin'}:{environment['PATH']}"
        return cls(folder, environment)

    def type(self, run: Run, *, more: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
        """Execute a command by the shell in the clone, its placeholders and ports filled.

        Raises:
            subprocess.TimeoutExpired: It took longer than it may.
        """
        if run.first:
            assert self.type(Run(run.first, seconds=600), more=more).returncode == 0, run.first
        limit = ["timeout", str(run.seconds)] if run.follows else []
        return subprocess.run(
            [*limit, "sh", "-c", self.filled(run.command)],
            cwd=self.folder / self.filled(run.folder),
            env=self.environment | (more or {}),
            input=run.answer,
            capture_output=True,
            text=True,
            check=False,
            timeout=run.seconds + 30,
        )

    def ask(self, statement: str) -> list[Any]:
        """Return the rows that a query of the documentation gives on the demo."""
        with connect(self.demo.database_url("warehouse"), application="tests") as connection:
            return connection.execute(self.filled(statement).encode()).fetchall()

    @property
    def demo(self) -> Platform:
        """Return the clone's demo."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            return Platform.demo(self.folder / ".demo")

    @cached_property
    def on_demo(self) -> dict[str, str]:
        """Return the settings by which the command line works on the demo and its simulators."""
        demo, urls = self.demo, {}
        for role in ("warehouse", "optuna", "airflow"):
            urls[f"MERCADO_{role.upper()}_URL"] = demo.database_url(role).get_secret_value()
        simulators = f"http://127.0.0.1:{demo.ports.simulators}"
        own = {"MERCADO_DATA_DIR": str(demo.data), "MERCADO_AIRFLOW_LOG_DIR": str(demo.state / "airflow" / "logs")}
        sources = source_settings(demo, simulators=simulators) | training_settings(demo)
        return urls | sources | own | {"MLFLOW_TRACKING_URI": mlflow_url(demo), "MERCADO_ENV_FILE": os.devnull}

    def filled(self, command: str) -> str:
        """Return a command with the demo's ports and, for each placeholder, something of the demo."""
        for port, name in DEFAULT_PORTS.items():
            command = command.replace(f"localhost:{port}", f"localhost:{self.environment[name]}")
        for word, find in PLACEHOLDERS.items():
            # The name of a variable may be the same word: SERVICE=SERVICE.
            placeholder = re.compile(rf"(?<![\w-]){word}(?![\w=-])")
            if placeholder.search(command):
                command = placeholder.sub(find(self), command)
        return command


def _is_the_users(name: str) -> bool:
    return name in CHOICES or not name.startswith(SETTINGS)


def _one(clone: Clone, statement: str) -> str:
    with connect(clone.demo.database_url("warehouse"), application="tests") as connection:
        row = connection.execute(psycopg.sql.SQL(statement)).fetchone()
    assert row is not None, f"the demo has nothing for: {statement}"
    return str(row[0])


def _workbook(clone: Clone) -> str:
    return str(sorted((clone.demo.data / "archive").rglob("anex-SIPSADiario-*"))[0])


def _served(clone: Clone) -> dict[str, Any]:
    answer: dict[str, Any] = ask_api(clone.demo, "/predict").json()
    return answer


def _backup(clone: Clone) -> str:
    """Return the newest backup of `make local`; before there is one, of the demo."""
    local = sorted((clone.folder / "data" / "backups").glob("mercado-*"))
    return str((local or sorted(clone.demo.backups.glob("mercado-*")))[-1])


PLACEHOLDERS: Final[dict[str, Callable[[Clone], str]]] = {
    "FILE": _workbook,
    "ARCHIVO": _workbook,
    "SHA": lambda clone: _one(clone, "select file_sha256 from sipsa_data.file_ingestion_log where status = 'loaded'"),
    "RUN_ID": lambda clone: str(_served(clone)["model"]["run_id"]),
    "VERSION": lambda clone: str(Registry(mlflow_url(clone.demo)).versions()[0].version),
    "PREDICTION_ID": lambda clone: str(_served(clone)["prediction_id"]),
    "LOAD_ID": lambda clone: _one(clone, "select max(load_id) from ops.rejected_rows"),
    "BACKUP": _backup,
    "NAME": lambda clone: Path(_backup(clone)).name,
    "SERVICE": lambda clone: "api",
}
