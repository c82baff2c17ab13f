"""What is examined: a platform, on what it runs, and how its services are asked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import requests

from mercado.local.airflow_api import AirflowApi
from mercado.local.platform import Platform

# A service that hangs must not use up the time that its group has.
ANSWER_SECONDS = 3


class Runtime(StrEnum):
    """What a platform runs on."""

    LOCAL = "local"
    DOCKER = "docker"


@dataclass(frozen=True)
class Target:
    """A platform to examine.

    Attributes:
        platform: Its settings, folders, and the ports that it runs with.
        runtime: Local processes or containers.
        now: The time at which it is examined, UTC.
        project: Compose's name for it; empty for local processes.
        scale: What to add to `make up` so that it has as many workers and APIs as now.
    """

    platform: Platform
    runtime: Runtime
    now: datetime
    project: str = ""
    scale: str = ""

    @property
    def in_containers(self) -> bool:
        """Return whether it runs on Docker Compose."""
        return self.runtime is Runtime.DOCKER

    @property
    def start(self) -> str:
        """Return the command that starts what does not run."""
        if self.in_containers:
            return f"{'make demo RUNTIME=docker' if self.platform.simulated else 'make up'}{self.scale}"
        return f"make {self.platform.name}"

    @property
    def restart(self) -> str:
        """Return the commands that start it anew, with the settings as they are now."""
        if self.in_containers:
            return self.start
        return f"make {self.platform.name}-down {self.platform.name}"

    def log(self, service: str) -> str:
        """Return how a person reads the log of a service."""
        if self.in_containers:
            return f"docker compose -p {self.project} logs {service}"
        return f"less {self.platform.logs / service}.log"

    def get(self, service: str, path: str, **arguments: Any) -> requests.Response:
        """Return what a service answers on its port of this machine.

        Raises:
            requests.RequestException: It does not answer in time.
        """
        port = getattr(self.platform.ports, service)
        return requests.get(f"http://127.0.0.1:{port}{path}", timeout=ANSWER_SECONDS, **arguments)

    def airflow(self) -> AirflowApi:
        """Return a session with Airflow, logged in as its administrator.

        Raises:
            ServiceUnavailableError: It does not answer.
            ConfigurationError: It refuses the log-in.
        """
        values = self.platform.values
        return AirflowApi(
            f"http://127.0.0.1:{self.platform.ports.airflow}",
            user=values["AIRFLOW_ADMIN_USER"],
            password=values["AIRFLOW_ADMIN_PASSWORD"],
            timeout_seconds=ANSWER_SECONDS,
        )
