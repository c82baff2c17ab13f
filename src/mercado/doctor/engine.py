"""The questions that are put to a Docker engine; each has a time limit, and no engine answers none."""

import json
import subprocess
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mercado.errors import ServiceUnavailableError

ENGINE_SECONDS = 4
PROJECT_LABEL = "com.docker.compose.project"
SERVICE_LABEL = "com.docker.compose.service"
NUMBER_LABEL = "com.docker.compose.container-number"
SETTINGS_LABEL = "com.docker.compose.project.environment_file"
Container = dict[str, Any]
Rule = Callable[[Container], Iterable[str]]


def ask(*arguments: str) -> str:
    """Return what ``docker`` prints.

    Raises:
        ServiceUnavailableError: There is no engine, it fails, or it does not answer in time.
    """
    try:
        done = subprocess.run(
            ["docker", *arguments], capture_output=True, text=True, check=True, timeout=ENGINE_SECONDS
        )
    except subprocess.CalledProcessError as error:
        last = (error.stderr.strip().splitlines() or ["no message"])[-1]
        raise ServiceUnavailableError(f"docker {arguments[0]} failed: {last}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ServiceUnavailableError(f"The Docker engine does not answer ({type(error).__name__}).") from error
    return done.stdout


def containers(project: str) -> list[Container]:
    """Return what the engine says of each container of a Compose project, those that ended included.

    A container of `docker compose run` or `exec` by hand is none of the platform's services, so it is left out.
    """
    ids = ask("ps", "--all", "--quiet", "--filter", f"label={PROJECT_LABEL}={project}").split()
    found: list[Container] = json.loads(ask("inspect", *ids)) if ids else []
    return [each for each in found if each["Config"]["Labels"].get("com.docker.compose.oneoff") != "True"]


def service(container: Container) -> str:
    """Return the Compose service that a container is of."""
    return str(container["Config"]["Labels"][SERVICE_LABEL])


def name(container: Container) -> str:
    """Return how a container is called: its service, and from the second one on its number, as ``airflow-worker-2``."""
    number = str(container["Config"]["Labels"].get(NUMBER_LABEL, "1"))
    return service(container) if number == "1" else f"{service(container)}-{number}"


def environment(container: Container) -> dict[str, str]:
    """Return the variables that a container was started with."""
    return dict(line.split("=", 1) for line in container["Config"]["Env"] or [] if "=" in line)


def running(found: Sequence[Container]) -> list[Container]:
    """Return the containers that run."""
    return [each for each in found if each["State"]["Running"]]


def memory_shares(found: Sequence[Container]) -> dict[str, float]:
    """Return by container's name which share of its memory limit it uses, 0 to 1."""
    by_id = {each["Id"][:12]: name(each) for each in running(found)}
    if not by_id:
        return {}
    lines = ask("stats", "--no-stream", "--format", "{{.ID}} {{.MemPerc}}", *by_id).splitlines()
    shares = (line.split() for line in lines)
    return {by_id[short[:12]]: float(share.rstrip("%")) / 100 for short, share in shares}


def root_processes(found: Sequence[Container]) -> dict[str, list[str]]:
    """Return by container's name the command lines that run as root in its container, as this machine counts users."""
    with ThreadPoolExecutor() as pool:
        tops = pool.map(lambda each: ask("top", each["Id"], "-eo", "uid,pid,args"), running(found))
        lines = {name(each): top.splitlines()[1:] for each, top in zip(running(found), tops, strict=True)}
    return {
        each: [line.split(None, 2)[2] for line in processes if line.split()[0] == "0"]
        for each, processes in lines.items()
    }
