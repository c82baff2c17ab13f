"""One demo for all end-to-end tests, in a folder and on ports of its own."""

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mercado.local.airflow_api import AirflowApi
from mercado.local.platform import CHOICES, Platform
from tests.commands import MERCADO
from tests.ports import free_port

SIX_MINUTES = 360


@dataclass(frozen=True)
class Demo:
    """A demo that runs.

    Attributes:
        state: Its folder.
        environment: The environment that chose its ports.
        output: What starting it printed.
    """

    state: Path
    environment: dict[str, str]
    output: str

    @property
    def platform(self) -> Platform:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            return Platform.demo(self.state)

    @property
    def airflow(self) -> AirflowApi:
        platform = self.platform
        return AirflowApi(
            f"http://127.0.0.1:{platform.ports.airflow}",
            user=platform.values["AIRFLOW_ADMIN_USER"],
            password=platform.values["AIRFLOW_ADMIN_PASSWORD"],
        )

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [MERCADO, *arguments, "--state", str(self.state)]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False, timeout=SIX_MINUTES
        )


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run the demo to its end, as `make demo` does, and yield it; stop and delete it afterwards."""
    state = tmp_path_factory.mktemp("demo")
    ports = {name: str(free_port()) for name in CHOICES if name.endswith("_PORT")}
    environment = {name: value for name, value in os.environ.items() if name not in CHOICES} | ports
    demo = Demo(state, environment, "")
    try:
        finished = demo.run("demo", "up")
        assert finished.returncode == 0, f"{finished.stdout}\n{finished.stderr}"
        yield Demo(state, environment, finished.stdout)
    finally:
        demo.run("demo", "destroy", "--yes")
