"""The demo on Docker Compose: a project of its own, with volumes, settings and secrets of its own."""

import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from mercado.errors import PortTakenError, ServiceUnavailableError
from mercado.local.folders import delete_state, make_folders
from mercado.local.platform import REPOSITORY, Platform
from mercado.local.programs import source_settings, training_settings
from mercado.local.runtime import Say
from mercado.local.supervision import inherited_environment

PROJECT = "mercado-demo"
SIMULATORS = "http://simulators:8900"
START_TIMEOUT_SECONDS = 600
PORT_TAKEN = re.compile(r"(?:127\.0\.0\.1:(\d+).*?(?:already allocated|address already in use))")


@dataclass(frozen=True)
class ComposeServices:
    """The services of a demo as containers.

    Attributes:
        platform: Its settings, ports and data folder.
        project: Compose's name for it, which its containers, network and volumes begin with.
    """

    platform: Platform
    project: str = PROJECT
    description = "containers"
    make_options = " RUNTIME=docker"

    def up(self, say: Say) -> None:
        """Build the images, start everything and return when every service is healthy.

        Raises:
            ConfigurationError: A secret or a port cannot be used.
            ServiceUnavailableError: No engine answers, or a service does not become healthy; names the log.
        """
        require_engine()
        self.platform.require_secrets(in_addresses=True)
        make_folders(self.platform)
        self._step(say, "images built", "build")
        if not self._containers():
            self.platform.require_free_ports()
        wait = ("--wait", "--wait-timeout", str(START_TIMEOUT_SECONDS))
        self._step(say, "every service healthy", "up", "--detach", *wait)

    def down(self, say: Say) -> None:
        """Stop and remove the containers; volumes stay."""
        require_engine()
        self._compose("down")
        say("Stopped. Its volumes are kept; `make demo RUNTIME=docker` starts it again.")

    def destroy(self) -> None:
        """Remove containers, network, volumes and the data folder; the images stay."""
        require_engine()
        self._compose("down", "--volumes", "--remove-orphans")
        delete_state(self.platform)

    def status_lines(self) -> Iterator[str]:
        """Yield what Compose says of each container."""
        require_engine()
        yield from self._compose("ps", "--all", "--format", "table {{.Service}}\t{{.Status}}").splitlines()

    def log(self, service: str) -> str:
        """Return how a person reads the log of a service."""
        return f"`docker compose --project-name {self.project} logs {service}`"

    def _containers(self) -> str:
        return self._compose("ps", "--quiet").strip()

    def _step(self, say: Say, what: str, *arguments: str) -> None:
        started = time.monotonic()
        self._compose(*arguments)
        say(f"  {what:<44} {time.monotonic() - started:5.1f} s")

    def _compose(self, *arguments: str) -> str:
        """Run Compose with its progress in a log, and return what it prints.

        Raises:
            PortTakenError: Another program has one of the ports.
            ServiceUnavailableError: It fails; cites its last line and names the log.
        """
        options = ("--project-name", self.project, "--env-file", str(self.platform.settings_file))
        command = ["docker", "compose", *options, *arguments]
        finished = subprocess.run(
            command, cwd=REPOSITORY, env=self._environment(), capture_output=True, text=True, check=False
        )
        log = self.platform.logs / "compose.log"
        with log.open("a", encoding="utf-8") as file:
            file.write(finished.stderr)
        if finished.returncode == 0:
            return finished.stdout
        if taken := PORT_TAKEN.search(finished.stderr):
            raise PortTakenError(f"Port {taken[1]} is in use by another program: stop it, or choose another in .env.")
        last = (finished.stderr.strip().splitlines() or ["no message"])[-1]
        raise ServiceUnavailableError(f"docker compose {arguments[0]} failed: {last} (see {log})")

    def _environment(self) -> dict[str, str]:
        chosen = {
            **self.platform.choices,
            **source_settings(self.platform, simulators=SIMULATORS),
            **training_settings(self.platform),
            "MERCADO_DATA_DIR": str(self.platform.data),
            "COMPOSE_PROFILES": "offline",
            "DOCKER_BUILDKIT": "1",
        }
        return inherited_environment() | chosen


def require_engine() -> None:
    """Return when a Docker engine with Compose v2 answers.

    Raises:
        ServiceUnavailableError: There is none; names the way without.
    """
    try:
        for command in (("docker", "info"), ("docker", "compose", "version")):
            subprocess.run(command, env=dict(os.environ), capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise ServiceUnavailableError(
            "No Docker engine with Compose v2 answers. Start one, or go without it: `make demo`, `make local`."
        ) from error
