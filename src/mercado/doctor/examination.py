"""The whole examination: find what runs, run every group of checks that fits it."""

import time
from datetime import datetime
from pathlib import Path

from mercado.doctor import (
    backup_checks,
    component_checks,
    container_checks,
    dag_checks,
    database_checks,
    folder_checks,
    installation,
    landing_checks,
    machine,
    mlflow_checks,
    model_checks,
    port_checks,
    process_checks,
    secret_checks,
    warehouse_checks,
)
from mercado.doctor.discovery import find
from mercado.doctor.findings import Finding, Severity
from mercado.doctor.report import Examination
from mercado.doctor.runner import Group, examine
from mercado.doctor.target import Runtime, Target

EVERYWHERE: dict[str, Group] = {
    "installation": installation.check,
    "secrets": secret_checks.check,
    "machine": machine.check,
    "components": component_checks.check,
    "database": database_checks.check,
    "warehouse": warehouse_checks.check,
    "landing": landing_checks.check,
    "folders": folder_checks.check,
    "dags": dag_checks.check,
    "mlflow": mlflow_checks.check,
    "model": model_checks.check,
    "backup": backup_checks.check,
}
AS_PROCESSES: dict[str, Group] = {"ports": port_checks.check_processes, "processes": process_checks.check}
IN_CONTAINERS: dict[str, Group] = {
    "ports": port_checks.check_containers,
    "engine": container_checks.check_engine,
    "containers": container_checks.check,
    "usage": container_checks.check_usage,
}


def groups(target: Target) -> dict[str, Group]:
    """Return the groups of checks that fit a platform."""
    return EVERYWHERE | (IN_CONTAINERS if target.in_containers else AS_PROCESSES)


def examine_running(*, now: datetime, state: Path | None, runtime: str | None, project: str | None) -> Examination:
    """Return what was found of the platform that runs and is meant; nothing running is a fault too.

    Args:
        now: UTC.
        state: Folder of a demo.
        runtime: ``local``, ``docker``, or ``None`` for whatever runs.
        project: Compose's name for it.
    """
    started = time.monotonic()
    target = find(now=now, state=state, runtime=Runtime(runtime) if runtime else None, project=project)
    findings = examine(groups(target), target) if target else [_nothing_runs(state, project)]
    name, kind = (target.platform.name, target.runtime.value) if target else ("", "")
    return Examination(name, kind, now, time.monotonic() - started, findings)


def _nothing_runs(state: Path | None, project: str | None) -> Finding:
    meant = f" in {state}" if state else f" of the Compose project {project}" if project else ""
    remedy = "make demo (simulated sources), make local (local processes) or make up (Docker Compose)"
    if state:
        remedy = f"mercado demo up --state {state}"
    return Finding("platform.running", Severity.FAULT, "platform", f"no platform{meant} runs", remedy)
