"""A platform on Docker Compose: that of `make up`, or a demo, which has a project, volumes and secrets of its own."""

import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mercado.errors import PortTakenError, ServiceUnavailableError
from mercado.local.compose_parts import PROXY, compose_environment, compose_options
from mercado.local.folders import bound_log, delete_state, make_folders
from mercado.local.platform import REPOSITORY, Platform
from mercado.local.runtime import Say

PROJECT = "mercado-demo"
WORKER, SCHEDULER = "airflow-worker", "airflow-scheduler"
START_TIMEOUT_SECONDS = 600
PORT_TAKEN = re.compile(r"(?:127\.0\.0\.1:(\d+).*?(?:already allocated|address already in use))")


@dataclass(frozen=True)
class ComposeServices:
    """The services of a platform as containers.

    Attributes:
        platform: Its settings, ports and data folder.
        project: Compose's name for it, which its containers, network and volumes begin with.
    """

    platform: Platform
    project: str = PROJECT
    make_options = " RUNTIME=docker"

    @property
    def description(self) -> str:
        """Return what the services are, for a person."""
        workers, replicas = self.platform.workers, self.platform.replicas
        several = [f"{workers} workers"] * (workers > 0) + [f"{replicas} APIs"] * (replicas > 1)
        return "containers" + (f", among them {' and '.join(several)}" if several else "")

    @property
    def running(self) -> bool:
        """Return whether it was started and not stopped since."""
        require_engine()
        return self.platform.settings_file.is_file() and bool(self.running_services())

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
        if self.platform.replicas == 1:
            self._compose("rm", "--stop", "--force", PROXY, everything=True)  # it may have the API's port
        wait = ("--wait", "--wait-timeout", str(START_TIMEOUT_SECONDS))
        self._step(say, "every service healthy", "up", "--detach", "--remove-orphans", *wait)

    def down(self, say: Say) -> None:
        """Stop and remove the containers; volumes stay."""
        require_engine()
        self._compose("down", everything=True)
        say("Stopped. Its volumes are kept; `make demo RUNTIME=docker` starts it again.")

    def destroy(self) -> None:
        """Remove containers, network, volumes and the data folder; the images stay."""
        require_engine()
        self._compose("down", "--volumes", "--remove-orphans", everything=True)
        delete_state(self.platform)

    def status_lines(self) -> Iterator[str]:
        """Yield what Compose says of each container."""
        require_engine()
        yield from self._compose("ps", "--all", "--format", "table {{.Service}}\t{{.Status}}").splitlines()

    def execute(self, service: str, *command: str) -> str:
        """Run a command in the running container of a service and return what it prints.

        Raises:
            ServiceUnavailableError: It fails; cites its last line and names the log.
        """
        return self._compose("exec", "-T", service, *command, everything=True)

    def build(self, service: str) -> None:
        """Build the image of one service."""
        self._compose("build", service)

    def run_once(self, service: str, *arguments: str, volumes: Mapping[Path, str] | None = None) -> str:
        """Run a one-shot service in a new container, without starting others, and return what it prints.

        Args:
            service: Its name.
            arguments: Its command.
            volumes: Folders of the host that it reads, each with its place in the container.

        Raises:
            ServiceUnavailableError: It fails; cites its last line and names the log.
        """
        mounts = [part for folder, place in (volumes or {}).items() for part in ("--volume", f"{folder}:{place}:ro")]
        return self._compose("run", "--rm", "-T", "--no-deps", *mounts, service, *arguments)

    def running_services(self) -> set[str]:
        """Return the names of the services that run now."""
        return set(self._compose("ps", "--services", "--status", "running", everything=True).split())

    @property
    def task_service(self) -> str:
        """Return the service in whose containers tasks run, which has their folders and secrets."""
        return WORKER if WORKER in self.running_services() else SCHEDULER

    def start_only(self, service: str) -> None:
        """Start one service without the others, and return when it is healthy."""
        wait = ("--wait", "--wait-timeout", str(START_TIMEOUT_SECONDS))
        self._compose("up", "--detach", "--no-deps", *wait, service)

    def log(self, service: str) -> str:
        """Return how a person reads the log of a service."""
        return f"`docker compose --project-name {self.project} logs {service}`"

    def _containers(self) -> str:
        return self._compose("ps", "--quiet").strip()

    def _step(self, say: Say, what: str, *arguments: str) -> None:
        started = time.monotonic()
        self._compose(*arguments)
        say(f"  {what:<44} {time.monotonic() - started:5.1f} s")

    def _compose(self, *arguments: str, everything: bool = False) -> str:
        """Run Compose with its progress in a log, and return what it prints.

        Args:
            arguments: Its command.
            everything: Whether services count that are not wanted by now, and may run from before.

        Raises:
            PortTakenError: Another program has one of the ports.
            ServiceUnavailableError: It fails; cites its last line and names the log.
        """
        options = ("--project-name", self.project, "--env-file", str(self.platform.settings_file))
        command = ["docker", "compose", *options, *compose_options(self.platform, everything=everything), *arguments]
        finished = subprocess.run(
            command,
            cwd=REPOSITORY,
            env=compose_environment(self.platform),
            capture_output=True,
            text=True,
            check=False,
        )
        self.platform.logs.mkdir(parents=True, exist_ok=True)
        log = self.platform.logs / "compose.log"
        bound_log(log)
        with log.open("a", encoding="utf-8") as file:
            file.write(finished.stderr)
        if finished.returncode == 0:
            return finished.stdout
        if taken := PORT_TAKEN.search(finished.stderr):
            raise PortTakenError(f"Port {taken[1]} is in use by another program: stop it, or choose another in .env.")
        last = (finished.stderr.strip().splitlines() or ["no message"])[-1]
        raise ServiceUnavailableError(f"docker compose {arguments[0]} failed: {last} (see {log})")


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
