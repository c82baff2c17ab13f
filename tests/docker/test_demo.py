"""The demo on Docker Compose: built, driven to a served prediction, restarted on the same volumes."""

import os
import subprocess
import time
from datetime import date
from pathlib import Path

import mlflow
import pytest

from mercado.environment import BROKER_PASSWORD, REQUIRED_SECRETS
from mercado.local.platform import REPOSITORY
from mercado.local.stages import LANDING, TRAINING
from mercado.local.waiting import wait_until
from mercado.registry import CHAMPION, FORECASTER_MODEL, Registry
from tests.demo import Demo
from tests.demo_promises import DemoPromises
from tests.docker_engine import containers, service
from tests.simulators.workbooks.daily import daily_book
from tests.simulators.workbooks.writing import write_daily

READING_SECONDS = 20
pytestmark = pytest.mark.timeout(900)
PUBLISHED = {"airflow-apiserver", "api", "mlflow", "postgres", "redis", "simulators"}
BASE, CELERY, DEV = "docker-compose.yml", "docker-compose.celery.yml", "docker-compose.dev.yml"
WORKER = "docker-compose.worker.yml"
# What some of the files need besides the secrets that all do.
OF_WORKERS = (BROKER_PASSWORD, "MLFLOW_ADMIN_PASSWORD")
ONE_SHOT = {"airflow-init", "databases", "migrate"}


def test_every_service_is_healthy_and_every_one_shot_ended_well(demo: Demo, kept_up: set[str]) -> None:
    states = [(service(container), container["State"]) for container in containers(demo)]
    assert {name for name, _ in states} == kept_up | ONE_SHOT
    assert [name for name, state in states if name in kept_up and state["Health"]["Status"] != "healthy"] == []
    assert [name for name, state in states if name in ONE_SHOT and state["ExitCode"] != 0] == []


def test_no_port_is_published_beyond_this_machine(demo: Demo, kept_up: set[str]) -> None:
    published = [
        (service(container), binding["HostIp"])
        for container in containers(demo)
        for bindings in container["HostConfig"]["PortBindings"].values()
        for binding in bindings
    ]
    assert {address for _, address in published} == {"127.0.0.1"}
    assert {name for name, _ in published} == PUBLISHED & kept_up


def test_every_container_has_a_memory_limit_and_logs_that_rotate(demo: Demo) -> None:
    for container in containers(demo):
        host = container["HostConfig"]
        assert host["Memory"] > 0, service(container)
        assert host["LogConfig"]["Config"] == {"max-size": "10m", "max-file": "3"}, service(container)


def test_no_process_runs_as_root(demo: Demo) -> None:
    for container in containers(demo):
        if container["State"]["Running"]:
            top = ["docker", "top", container["Id"], "-eo", "pid,uid,args"]
            processes = subprocess.run(top, capture_output=True, text=True, check=True).stdout.splitlines()[1:]
            assert processes
            assert [line for line in processes if line.split()[1] == "0"] == [], service(container)


def configured(*files: str, without: str = "") -> "subprocess.CompletedProcess[str]":
    """Let Compose read files with every secret and address but one stated."""
    stated = {*REQUIRED_SECRETS, *OF_WORKERS, "MERCADO_PLATFORM_ADDRESS", "MERCADO_WORKER_ADDRESS"} - {without}
    environment = {name: value for name, value in os.environ.items() if name not in (*REQUIRED_SECRETS, *OF_WORKERS)}
    options = [part for file in files for part in ("-f", file)]
    chosen = ("offline", "proxy", "celery") if CELERY in files else ("offline", "proxy")
    profiles = [part for profile in chosen for part in ("--profile", profile)]
    return subprocess.run(
        ["docker", "compose", *options, "--env-file", ".env.example", *profiles, "config", "-q"],
        cwd=REPOSITORY,
        env=environment | dict.fromkeys(stated, "10.0.0.1"),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("files", [(BASE,), (BASE, DEV), (BASE, CELERY), (BASE, CELERY, DEV), (WORKER,)], ids="+".join)
def test_the_compose_files_are_clean(files: tuple[str, ...]) -> None:
    checked = configured(*files)
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("files", "name"),
    [
        *(((BASE,), name) for name in REQUIRED_SECRETS),
        ((BASE, CELERY), BROKER_PASSWORD),
        *(((WORKER,), name) for name in OF_WORKERS),
    ],
)
def test_a_missing_secret_stops_compose_with_its_name(files: tuple[str, ...], name: str) -> None:
    checked = configured(*files, without=name)
    assert checked.returncode != 0
    assert f"required variable {name} is missing" in checked.stderr
    assert ("make env" in checked.stderr) == (BASE in files)


def test_the_export_lies_in_the_folder_on_the_host(demo: Demo) -> None:
    csv = demo.platform.data / "bitcoin" / "BTCUSDT-1h.csv"
    assert len(csv.read_text(encoding="utf-8").splitlines()) > 17_000


def test_a_workbook_copied_into_a_container_by_the_engine_is_loaded(demo: Demo, tmp_path: Path) -> None:
    file = tmp_path / "anex-SIPSADiario-18sep2026.xls"
    file.write_bytes(write_daily(daily_book(date(2026, 9, 18), seed=3), container="xls"))
    (triggerer,) = [container["Id"] for container in containers(demo) if service(container) == "airflow-triggerer"]
    earlier = set(demo.airflow.run_ids(LANDING))
    copy = ["docker", "cp", str(file), f"{triggerer}:/opt/mercado/data/landing_zone/"]
    subprocess.run(copy, check=True, capture_output=True)
    archived = demo.platform.data / "archive" / "2026" / "09" / file.name
    wait_until(archived.is_file, seconds=60, problem=lambda: "The file was not archived.")
    (run_id,) = set(demo.airflow.run_ids(LANDING)) - earlier
    assert demo.airflow.watch(LANDING, run_id, seconds=60) == "success"
    assert not (demo.platform.data / "landing_zone" / file.name).exists()


class TestDemo(DemoPromises):
    """The promises of every demo; the last of them stops this one and starts it on the same volumes."""


def test_a_version_that_a_person_rejects_is_not_served(demo: Demo) -> None:
    client = mlflow.MlflowClient(demo.mlflow)
    champion = Registry(demo.mlflow).champion()
    assert champion is not None
    # Without a champion the same candles pass the gate once more, so there is something to ask about.
    client.delete_registered_model_alias(FORECASTER_MODEL, CHAMPION)
    try:
        run_id = demo.airflow.trigger(TRAINING, {"approval": True})
        wait_until(
            lambda: demo.airflow.tasks(TRAINING, run_id).get("approve") == "awaiting_input",
            seconds=300,
            problem=lambda: f"Nobody was asked: {demo.airflow.tasks(TRAINING, run_id)}",
        )
        assert demo.airflow.tasks(TRAINING, run_id)["promote"] == "waiting"
        # Airflow takes a task whose answer comes before the process that asked has ended for a failed one.
        time.sleep(READING_SECONDS)
        demo.airflow.respond(TRAINING, run_id, "approve", "Reject")
        assert demo.airflow.watch(TRAINING, run_id, seconds=120) == "success"
        assert demo.airflow.tasks(TRAINING, run_id)["promote"] == "skipped"
        assert Registry(demo.mlflow).champion() is None
    finally:
        client.set_registered_model_alias(FORECASTER_MODEL, CHAMPION, str(champion.version))
