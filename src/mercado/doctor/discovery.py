"""Which platform runs: the one that was named, else the first of the kinds that there are."""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from mercado.doctor import engine
from mercado.doctor.target import Runtime, Target
from mercado.errors import ServiceUnavailableError
from mercado.local.compose import PROJECT
from mercado.local.platform import DEMO, Platform
from mercado.local.supervision import Supervisor

# A replica behind the proxy has any port that is free: nobody is told which.
ANY_PORT = "0"
# The port of this machine that a service is published on, by its container's port.
PORTS = {
    ("airflow-apiserver", "8080/tcp"): "AIRFLOW_PORT",
    ("mlflow", "5000/tcp"): "MLFLOW_PORT",
    ("api", "8000/tcp"): "API_PORT",
    ("proxy", "8000/tcp"): "API_PORT",
    ("postgres", "5432/tcp"): "POSTGRES_PORT",
    ("redis", "6379/tcp"): "REDIS_PORT",
    ("simulators", "8900/tcp"): "SIMULATORS_PORT",
}


def find(*, now: datetime, state: Path | None, runtime: Runtime | None, project: str | None) -> Target | None:
    """Return the platform that runs and is meant, or ``None`` when it does not run.

    Without options: the checkout's demo, `make local`, the demo on Docker, `make up`, whichever runs first.

    Args:
        now: When it is examined, UTC.
        state: Folder of a demo.
        runtime: What it runs on; ``None``: whatever it is.
        project: Compose's name for it; says that it runs on Docker.
    """
    if runtime is None and project is not None:
        runtime = Runtime.DOCKER
    if runtime is not Runtime.DOCKER:
        for platform in _local(state):
            if Supervisor(platform).running:
                return Target(platform, Runtime.LOCAL, now)
    if runtime is not Runtime.LOCAL:
        for name in (project,) if project else (PROJECT, os.environ.get("COMPOSE_PROJECT_NAME") or "mercado"):
            if target := _in_containers(name, state, now):
                return target
    return None


def _local(state: Path | None) -> Iterator[Platform]:
    if state is not None:
        yield Platform.demo(state)
        return
    yield Platform.demo(DEMO)
    yield Platform.local()


def _in_containers(project: str, state: Path | None, now: datetime) -> Target | None:
    try:
        found = engine.containers(project)
    except ServiceUnavailableError:
        return None  # No engine, so nothing runs on one.
    settings = {Path(each["Config"]["Labels"].get(engine.SETTINGS_LABEL, "")) for each in found}
    demos = {file.parent for file in settings if file.name == "env"}
    if not found or (state is not None and state.resolve() not in demos):
        return None
    platform = Platform.demo(demos.pop()) if demos else Platform.docker()
    values = platform.values | _published(found)
    return Target(replace(platform, values=values), Runtime.DOCKER, now, project, scale_options(platform, found))


def scale_options(platform: Platform, found: list[engine.Container]) -> str:
    """Return what to add to `make up` for as many workers and APIs as run now; nothing where the settings say it."""
    counts = Counter(map(engine.service, found))
    scale = {"SCALE": (counts["airflow-worker"], platform.workers), "API_REPLICAS": (counts["api"], platform.replicas)}
    return "".join(f" {name}={count}" for name, (count, stated) in scale.items() if count not in (0, stated))


def _published(found: list[engine.Container]) -> dict[str, str]:
    """Return the ports that the containers have, whatever the settings say by now."""
    ports = {}
    for container in found:
        for inside, bindings in (container["HostConfig"]["PortBindings"] or {}).items():
            variable = PORTS.get((engine.service(container), inside))
            if variable and bindings and bindings[0]["HostPort"] != ANY_PORT:
                ports[variable] = bindings[0]["HostPort"]
    return ports
