"""The Docker engine, asked by its command: a demo's containers, and what they are."""

import json
import subprocess
from typing import Any

from tests.demo import Demo


def docker(*arguments: str) -> str:
    """Return what ``docker`` prints; raises when it fails."""
    return subprocess.run(["docker", *arguments], capture_output=True, text=True, check=True).stdout.strip()


def project(demo: Demo) -> str:
    """Return Compose's name for a demo."""
    return demo.options[demo.options.index("--project") + 1]


def containers(demo: Demo) -> list[dict[str, Any]]:
    """Return what the engine says of each container of a demo, those that ended included."""
    label = f"label=com.docker.compose.project={project(demo)}"
    numbers = docker("ps", "--all", "--quiet", "--filter", label).split()
    found: list[dict[str, Any]] = json.loads(docker("inspect", *numbers))
    return found


def service(container: dict[str, Any]) -> str:
    """Return the service that a container belongs to."""
    return str(container["Config"]["Labels"]["com.docker.compose.service"])
