"""A demo as tests run it: in a folder, on ports and, in containers, under a project name of its own."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests

from mercado.local.access import ask_api
from mercado.local.airflow_api import AirflowApi
from mercado.local.platform import CHOICES, Platform
from tests.commands import MERCADO
from tests.ports import free_port

LONGEST_START_SECONDS = 900
CONNECTION_FIELDS = ("connection_id", "conn_type", "host", "login", "password", "schema", "port")


@dataclass(frozen=True)
class Demo:
    """A demo.

    Attributes:
        state: Its folder.
        environment: The environment that chose its ports.
        options: Options of `mercado demo` that choose what it runs on.
        output: What starting it printed.
    """

    state: Path
    environment: dict[str, str]
    options: tuple[str, ...] = ()
    output: str = ""

    @property
    def platform(self) -> Platform:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            return Platform.demo(self.state)

    @property
    def airflow(self) -> "Airflow":
        platform = self.platform
        return Airflow(
            f"http://127.0.0.1:{platform.ports.airflow}",
            user=platform.values["AIRFLOW_ADMIN_USER"],
            password=platform.values["AIRFLOW_ADMIN_PASSWORD"],
        )

    @property
    def mlflow(self) -> str:
        return f"http://127.0.0.1:{self.platform.ports.mlflow}"

    def api(self, path: str) -> requests.Response:
        return ask_api(self.platform, path)

    def run(self, command: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run ``mercado demo COMMAND`` on this demo."""
        return self.mercado("demo", command, *arguments, *self.options)

    def mercado(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [MERCADO, *arguments, "--state", str(self.state)]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, timeout=LONGEST_START_SECONDS
        )


class Airflow(AirflowApi):
    """Airflow's REST API with what only a person does in the UI."""

    def variables(self) -> dict[str, str]:
        """Return the variables in Airflow's database."""
        return {variable["key"]: variable["value"] for variable in self.ask("GET", "/api/v2/variables")["variables"]}

    def set_variable(self, key: str, value: str) -> None:
        """Change a variable."""
        self.ask("PATCH", f"/api/v2/variables/{key}", json={"key": key, "value": value})

    def connection(self, connection_id: str) -> dict[str, Any]:
        """Return a connection as the UI shows it."""
        answer: dict[str, Any] = self.ask("GET", f"/api/v2/connections/{connection_id}")
        return answer

    def connection_works(self, connection_id: str) -> bool:
        """Return what the UI's button *Test connection* says."""
        stored = self.connection(connection_id)
        body = {key: stored[key] for key in CONNECTION_FIELDS}
        return bool(self.ask("POST", "/api/v2/connections/test", json=body)["status"])

    def respond(self, dag_id: str, run_id: str, task_id: str, option: str) -> None:
        """Answer a task that waits for a person, as its buttons under *Required Actions* do."""
        task = f"/api/v2/dags/{dag_id}/dagRuns/{run_id}/taskInstances/{task_id}"
        self.ask("PATCH", f"{task}/-1/hitlDetails", json={"chosen_options": [option], "params_input": {}})


@contextmanager
def running_demo(state: Path, *options: str, series: str | None = None) -> Iterator[Demo]:
    """Run a demo to its end, as `make demo` does, and yield it; stop and delete it afterwards.

    Args:
        state: Its folder.
        options: Of `mercado demo`.
        series: Of candles, as MERCADO_SERIES states them; default: the settings'.
    """
    chosen = {"MERCADO_SERIES": series} if series else {}
    demo = Demo(state, fresh_environment() | chosen, options)
    try:
        finished = demo.run("up")
        assert finished.returncode == 0, f"{finished.stdout}\n{finished.stderr}"
        yield Demo(state, demo.environment, options, finished.stdout)
    finally:
        destroyed = demo.run("destroy", "--yes")
    assert destroyed.returncode == 0, destroyed.stderr


def fresh_environment() -> dict[str, str]:
    """Return this environment with free ports in place of its own choices."""
    kept = {name: value for name, value in os.environ.items() if name not in CHOICES}
    return kept | {name: str(free_port()) for name in CHOICES if name.endswith("_PORT")}
