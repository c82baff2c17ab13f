"""The demo in containers, as its faults need it: processes, addresses and networks of each service."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg

from mercado.local.settings_files import write_demo_settings
from mercado.local.waiting import wait_until
from mercado.warehouse.connection import connect
from tests.demo import Demo, fresh_environment
from tests.docker_engine import docker

HEALTHY_SECONDS = 240


@dataclass(frozen=True)
class Stack:
    """A running demo in containers.

    Attributes:
        demo: Its settings, ports and commands.
        project: Compose's name for it.
    """

    demo: Demo
    project: str

    def up(self, *, made: bool) -> None:
        """Build and start everything.

        Args:
            made: Whether the demo has run on these volumes; if not, it does now, so that there is a champion to serve.
        """
        finished = self.demo.run("start" if made else "up")
        if finished.returncode != 0:
            raise RuntimeError(f"The demo does not start:\n{finished.stdout}\n{finished.stderr}")

    def container(self, service: str) -> dict[str, Any]:
        """Return what the engine says of a service's container."""
        found: dict[str, Any] = json.loads(docker("inspect", f"{self.project}-{service}-1"))[0]
        return found

    def process(self, service: str) -> int:
        """Return the process id, on this machine, of a service's first process."""
        return int(self.container(service)["State"]["Pid"])

    def processes(self, service: str) -> list[psutil.Process]:
        """Return every process of a service, the first one first."""
        first = psutil.Process(self.process(service))
        return [first, *first.children(recursive=True)]

    def addresses(self, service: str) -> list[str]:
        """Return the addresses that a service has in the project's networks."""
        networks = self.container(service)["NetworkSettings"]["Networks"].values()
        return [network["IPAddress"] for network in networks if network["IPAddress"]]

    def services(self) -> list[str]:
        """Return the services that stay up."""
        names = docker("ps", "--filter", f"label=com.docker.compose.project={self.project}", "--format", "{{.Names}}")
        return [name.removeprefix(f"{self.project}-").removesuffix("-1") for name in names.split()]

    def unhealthy(self, services: list[str]) -> list[str]:
        """Return those services that do not run, or whose health check does not pass."""
        return [service for service in services if not _is_healthy(self.container(service)["State"])]

    def wait_until_healthy(self, services: list[str]) -> float:
        """Return the seconds until every service is healthy.

        Raises:
            ServiceUnavailableError: One is not in time.
        """
        started = time.monotonic()
        wait_until(
            lambda: not self.unhealthy(services),
            seconds=HEALTHY_SECONDS,
            problem=lambda: f"Not healthy by themselves: {self.unhealthy(services)}",
        )
        return time.monotonic() - started

    @contextmanager
    def warehouse(self) -> Iterator[psycopg.Connection]:
        """Yield a connection to the warehouse as its owner."""
        with connect(self.demo.platform.database_url("warehouse"), application="reliability") as connection:
            yield connection


def stack_in(folder: Path, project: str) -> Stack:
    """Return the stack whose state is in a folder; its ports are chosen once and kept there."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / "environment.json"
    if not kept.exists():
        ports = {name: value for name, value in fresh_environment().items() if name.endswith("_PORT")}
        kept.write_text(json.dumps(ports), encoding="utf-8")
    environment = fresh_environment() | json.loads(kept.read_text(encoding="utf-8"))
    write_demo_settings(folder / "state")  # before its data get a file system of their own
    return Stack(Demo(folder / "state", environment, ("--runtime", "docker", "--project", project)), project)


def _is_healthy(state: dict[str, Any]) -> bool:
    return bool(state["Running"]) and state["Health"]["Status"] == "healthy"
