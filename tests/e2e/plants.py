"""Context managers that make something wrong in a running demo, and take it back."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import mlflow
import psutil
import pytest
import requests

from mercado.local.supervision import Supervisor
from mercado.local.waiting import wait_until
from mercado.maintenance.backups import CHECKSUMS, CONTENT, NAME_FORMAT
from mercado.registry import CHAMPION, FORECASTER_MODEL
from tests.demo import Demo
from tests.e2e.planting import rows, setting, stopped_clock


@contextmanager
def killed_simulators(demo: Demo) -> Iterator[None]:
    """Kill the simulators, and let supervisor bring them back."""
    supervisor = Supervisor(demo.platform)
    pid = supervisor.pids()["simulators"]
    psutil.Process(pid).kill()
    wait_until(
        lambda: supervisor.pids().get("simulators", pid) != pid and supervisor.states()["simulators"] == "RUNNING",
        seconds=20,
        problem=lambda: f"not started again: {supervisor.states()}",
    )
    yield


@contextmanager
def stopped_simulators(demo: Demo) -> Iterator[None]:
    supervisor = Supervisor(demo.platform)
    supervisor._ask("stopProcess", "simulators")
    try:
        yield
    finally:
        supervisor.start_program("simulators")


@contextmanager
def mode(path: Path, bits: int) -> Iterator[None]:
    earlier = path.stat().st_mode
    path.chmod(bits)
    try:
        yield
    finally:
        path.chmod(earlier)


@contextmanager
def moved(folder: Path) -> Iterator[None]:
    aside = folder.rename(folder.with_name("elsewhere"))
    try:
        yield
    finally:
        aside.rename(folder)


@contextmanager
def file_in(folder: Path) -> Iterator[None]:
    file = folder / "planted.xlsx"
    file.write_bytes(b"planted")
    try:
        yield
    finally:
        file.unlink()


@contextmanager
def waiting_file(demo: Demo) -> Iterator[None]:
    """Drop a file while nobody looks: gone before the triggerer could have seen it."""
    with stopped_clock(demo, "airflow-triggerer"), file_in(demo.platform.data / "landing_zone"):
        yield


@contextmanager
def backup(demo: Demo, *, age: timedelta, without: str = "") -> Iterator[None]:
    """Put a folder that looks like a backup of some age in place of all that are there."""
    with moved(demo.platform.backups):
        with _written_backup(demo.platform.backups, age, without):
            yield
        demo.platform.backups.rmdir()


@contextmanager
def _written_backup(backups: Path, age: timedelta, without: str) -> Iterator[None]:
    folder = backups / (datetime.now(UTC) - age).strftime(NAME_FORMAT)
    files = [folder / name for name in (*CONTENT, CHECKSUMS) if name != without]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("content")
    try:
        yield
    finally:
        for file in files:
            file.unlink()
        (folder / "databases").rmdir()
        folder.rmdir()


@contextmanager
def no_champion(demo: Demo) -> Iterator[None]:
    client = mlflow.MlflowClient(demo.mlflow)
    version = client.get_model_version_by_alias(FORECASTER_MODEL, CHAMPION).version
    client.delete_registered_model_alias(FORECASTER_MODEL, CHAMPION)
    try:
        yield
    finally:
        client.set_registered_model_alias(FORECASTER_MODEL, CHAMPION, version)


@contextmanager
def experiment_on_disk(demo: Demo) -> Iterator[None]:
    # By REST: MLflow's client changes this process's environment from a thread of its own.
    experiments = f"{demo.mlflow}/api/2.0/mlflow/experiments"
    planted = {"name": f"planted {datetime.now(UTC)}", "artifact_location": str(demo.state / "planted")}
    created = requests.post(f"{experiments}/create", json=planted, timeout=30)
    created.raise_for_status()
    try:
        yield
    finally:
        requests.post(f"{experiments}/delete", json=created.json(), timeout=30).raise_for_status()


@contextmanager
def paused(demo: Demo) -> Iterator[None]:
    airflow, path = demo.airflow, "/api/v2/dags/prediction_monitoring"
    airflow.ask("PATCH", path, json={"is_paused": True})
    try:
        yield
    finally:
        airflow.ask("PATCH", path, json={"is_paused": False})


@contextmanager
def nothing_changed(demo: Demo) -> Iterator[None]:
    yield


@contextmanager
def open_to_others(demo: Demo) -> Iterator[None]:
    """Listen on the API's port at an address that other machines can reach."""
    addresses = [
        each.address for nic in psutil.net_if_addrs().values() for each in nic if each.family == socket.AF_INET
    ]
    outside = [address for address in addresses if not address.startswith("127.")]
    if not outside:
        pytest.skip("This machine has no address but its own.")
    with socket.create_server((outside[0], demo.platform.ports.api)):
        yield


@contextmanager
def same_secret(demo: Demo) -> Iterator[None]:
    with setting(demo, AIRFLOW__API__SECRET_KEY=demo.platform.values["AIRFLOW__API_AUTH__JWT_SECRET"]):
        yield


@contextmanager
def other_password(demo: Demo) -> Iterator[None]:
    password = demo.platform.values["API_READER_PASSWORD"]
    do = "alter role api_reader password '{}'"
    with rows(demo, do.format("another"), do.format(password)):
        yield
