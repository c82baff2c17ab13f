"""Which platforms of this checkout run now, as local processes and as containers."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from mercado.errors import ConfigurationError
from mercado.local.platform import DEMO, REPOSITORY, Platform
from mercado.local.supervision import Supervisor

LOCAL = "local"
DOCKER = "docker"
LABEL = "com.docker.compose.project"


class Running(NamedTuple):
    """A platform that runs.

    Attributes:
        platform: Its settings, ports and folders.
        runtime: ``local`` (processes) or ``docker``.
        project: Compose's name for it; ``None`` for local processes.
    """

    platform: Platform
    runtime: str
    project: str | None

    def __str__(self) -> str:
        """Return how a person calls it."""
        place = f"containers of the project {self.project}" if self.project else "local processes"
        return f"'{self.platform.name}' ({place}, settings {self.platform.settings_file})"


def running_platforms() -> list[Running]:
    """Return the checkout's demo and local platform when they run, and each of its Compose projects that does.

    Demos of local processes in other folders are not looked for: ``Platform.demo(folder)`` is how they are addressed.
    Without a Docker engine there are no containers.
    """
    processes = (platform for platform in (Platform.demo(DEMO), Platform.local()) if Supervisor(platform).running)
    return [*(Running(platform, LOCAL, None) for platform in processes), *_containers()]


def the_running_platform(*, runtime: str | None = None, project: str | None = None) -> Running:
    """Return the one platform that runs.

    Args:
        runtime: Only ``local`` or only ``docker`` ones.
        project: Only the one of this Compose project.

    Raises:
        ConfigurationError: None runs, or several do: names them.
    """
    found = [
        running
        for running in running_platforms()
        if runtime in (None, running.runtime) and project in (None, running.project)
    ]
    if not found:
        raise ConfigurationError("No platform runs: start it (`make local`, `make up`, `make demo`) and try again.")
    if len(found) > 1:
        raise ConfigurationError(
            f"{len(found)} platforms run: {'; '.join(map(str, found))}. Choose one: --runtime local or docker, "
            f"--project for containers, --state for a demo."
        )
    return found[0]


def _containers() -> Iterator[Running]:
    for labels in _labels_of_databases():
        project, settings = labels[LABEL], labels.get(f"{LABEL}.environment_file", "")
        # A demo's settings lie in its own folder; those of `make up` are the checkout's .env, named or not.
        if settings and Path(settings) != REPOSITORY / ".env":
            yield Running(Platform.demo(Path(settings).parent), DOCKER, project)
        else:
            yield Running(Platform.docker(), DOCKER, project)


def _labels_of_databases() -> list[dict[str, str]]:
    """Return the labels of each running PostgreSQL container of this checkout."""
    mine = [f"label={LABEL}.working_dir={REPOSITORY}", "label=com.docker.compose.service=postgres"]
    filters = [part for label in mine for part in ("--filter", label)]
    listed = _docker("ps", "--quiet", *filters).split()
    if not listed:
        return []
    return [container["Config"]["Labels"] for container in json.loads(_docker("inspect", *listed) or "[]")]


def _docker(*arguments: str) -> str:
    try:
        finished = subprocess.run(["docker", *arguments], capture_output=True, text=True, check=False)
    except OSError:
        return ""  # Docker is not installed
    return finished.stdout if finished.returncode == 0 else ""
