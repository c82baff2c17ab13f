"""What plants a fault in a running demo and takes it back: settings, programs, rows."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import psutil
import psycopg

from mercado.doctor.discovery import find
from mercado.doctor.findings import Finding
from mercado.doctor.sessions import superuser_url
from mercado.doctor.target import Runtime, Target
from mercado.local.programs import Program, programs
from mercado.local.supervision import Supervisor
from mercado.local.supervisor_config import configuration
from tests.demo import Demo


def target_of(demo: Demo, **changes: Any) -> Target:
    """Return the demo as the doctor finds it now."""
    target = find(now=datetime.now(UTC), state=demo.state, runtime=Runtime.LOCAL, project=None)
    assert target is not None
    return replace(target, **changes)


def of_id(findings: list[Finding], finding_id: str) -> list[Finding]:
    return [each for each in findings if each.id == finding_id]


@contextmanager
def setting(demo: Demo, **values: str) -> Iterator[None]:
    """Change lines of the demo's settings."""
    file = demo.platform.settings_file
    earlier = file.read_text(encoding="utf-8")
    lines = [line for line in earlier.splitlines() if line.partition("=")[0] not in values]
    file.write_text("\n".join([*lines, *(f"{name}={value}" for name, value in values.items())]) + "\n", "utf-8")
    try:
        yield
    finally:
        file.write_text(earlier, encoding="utf-8")


@contextmanager
def rows(demo: Demo, do: str, undo: str, *, database: str | None = None) -> Iterator[None]:
    """Change rows as the superuser, each statement list in one transaction."""
    name = demo.platform.values["POSTGRES_DB_WAREHOUSE"] if database is None else database
    url = superuser_url(demo.platform).get_secret_value().rpartition("/")[0] + f"/{name}"
    with psycopg.connect(url) as connection:
        connection.execute(do.encode())
    try:
        yield
    finally:
        with psycopg.connect(url) as connection:
            connection.execute(undo.encode())


@contextmanager
def stopped_clock(demo: Demo, program: str) -> Iterator[None]:
    """Stop a program and its children in their tracks, as a machine that swaps does."""
    parent = psutil.Process(Supervisor(demo.platform).pids()[program])
    processes = [parent, *parent.children(recursive=True)]
    try:
        for process in processes:
            process.send_signal(signal.SIGSTOP)
        yield
    finally:
        for process in processes:
            process.send_signal(signal.SIGCONT)


@contextmanager
def odd_component(demo: Demo, like: str, changes: dict[str, str]) -> Iterator[None]:
    """Run a program beside Airflow's components whose environment is that of one of them, with changes."""
    supervisor = Supervisor(demo.platform)
    odd = Program("airflow-odd", ["/bin/sleep", "60"], supervisor.started_with(like) | changes)
    file = demo.state / "supervisord.conf"
    earlier = file.read_text(encoding="utf-8")
    with file.open("w", encoding="utf-8") as text:
        configuration(demo.platform, [*programs(demo.platform), odd]).write(text)
    try:
        supervisor._ask("reloadConfig")
        supervisor._ask("addProcessGroup", odd.name)
        supervisor._ask("startProcess", odd.name)
        yield
    finally:
        supervisor._ask("stopProcess", odd.name)
        file.write_text(earlier, encoding="utf-8")
        supervisor._ask("reloadConfig")
        supervisor._ask("removeProcessGroup", odd.name)
