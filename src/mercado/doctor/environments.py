"""The environment of each service as the running process has it, whatever the settings say by now."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import psutil

from mercado.doctor import engine
from mercado.doctor.target import Target
from mercado.local.supervision import Supervisor

# Services that are Airflow's, by the beginning of their names; the one-shot prepares the database and has ended.
AIRFLOW_PREFIX = "airflow-"
ONE_SHOTS = ("airflow-init",)


@dataclass(frozen=True)
class Component:
    """A service that runs.

    Attributes:
        name: Of the service.
        environment: Its variables; never printed, for secrets are among them.
        command: Its command line.
    """

    name: str
    environment: dict[str, str] = field(repr=False)
    command: Sequence[str]

    @property
    def is_airflow(self) -> bool:
        """Return whether it is one of Airflow's components."""
        return self.name.startswith(AIRFLOW_PREFIX) and self.name not in ONE_SHOTS


def components(target: Target) -> list[Component]:
    """Return every service that runs and whose environment this user may read.

    Raises:
        ServiceUnavailableError: The Docker engine does not answer.
    """
    return _in_containers(target.project) if target.in_containers else _processes(target)


def _in_containers(project: str) -> list[Component]:
    found = engine.running(engine.containers(project))
    return [
        Component(engine.service(each), engine.environment(each), [*(each["Config"]["Cmd"] or [])]) for each in found
    ]


def _processes(target: Target) -> list[Component]:
    supervisor = Supervisor(target.platform)
    found = []
    for name, pid in supervisor.pids().items():
        try:
            process = psutil.Process(pid)
            found.append(Component(name, _environment(process, supervisor.started_with(name)), process.cmdline()))
        except (psutil.NoSuchProcess, psutil.ZombieProcess):
            continue  # It has just ended; `processes` tells.
    return found


def _environment(process: psutil.Process, started_with: dict[str, str]) -> dict[str, str]:
    """Return a process's variables; of one that hides or overwrites them, those that it was started with.

    A program that sets its title, as Airflow's api-server does, writes it over its environment.
    """
    try:
        found = process.environ()
    except psutil.AccessDenied:
        return started_with
    return found if found.keys() >= started_with.keys() else started_with
