"""The demo on Docker Compose: built, driven to a served prediction, restarted on the same volumes."""

import json
import os
import subprocess
import time
from datetime import date
from pathlib import Path
from typing import Any

import mlflow
import pytest

from mercado.environment import REQUIRED_SECRETS
from mercado.local.platform import REPOSITORY
from mercado.local.stages import LANDING, TRAINING
from mercado.local.waiting import wait_until
from mercado.registry import CHAMPION, FORECASTER_MODEL, Registry
from tests.demo import Demo
from tests.demo_promises import DemoPromises
from tests.docker.memory import KEPT_UP
from tests.simulators.workbooks.daily import daily_book
from tests.simulators.workbooks.writing import write_daily

READING_SECONDS = 20
pytestmark = pytest.mark.timeout(900)
ONE_SHOT = {"airflow-init", "databases", "migrate"}


def containers(demo: Demo) -> list[dict[str, Any]]:
    """Return what the engine says of each container of the demo."""
    project = demo.options[demo.options.index("--project") + 1]
    mine = ["docker", "ps", "--all", "--quiet", "--filter", f"label=com.docker.compose.project={project}"]
    ids = subprocess.run(mine, capture_output=True, text=True, check=True).stdout.split()
    inspected = subprocess.run(["docker", "inspect", *ids], capture_output=True, text=True, check=True).stdout
    found: list[dict[str, Any]] = json.loads(inspected)
    return found


def service(container: dict[str, Any]) -> str:
    return str(container["Config"]["Labels"]["com.docker.compose.service"])


def test_every_service_is_healthy_and_every_one_shot_ended_well(demo: Demo) -> None:
    states = {service(container): container["State"] for container in containers(demo)}
    assert set(states) == KEPT_UP | ONE_SHOT
    assert {name for name in KEPT_UP if states[name]["Health"]["Status"] != "healthy"} == set()
    assert {name for name in ONE_SHOT if states[name]["ExitCode"] != 0} == set()


def test_no_port_is_published_beyond_this_machine(demo: Demo) -> None:
    published = [
        (service(container), binding["HostIp"])
        for container in containers(demo)
        for bindings in container["HostConfig"]["PortBindings"].values()
        for binding in bindings
    ]
    assert {address for _, address in published} == {"127.0.0.1"}
    assert {name for name, _ in published} == {"airflow-apiserver", "api", "mlflow", "postgres", "simulators"}


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


def test_the_compose_files_are_clean() -> None:
    environment = os.environ | dict.fromkeys(REQUIRED_SECRETS, "a-secret")
    for files in (["docker-compose.yml"], ["docker-compose.yml", "docker-compose.dev.yml"]):
        options = [part for file in files for part in ("-f", file)]
        command = ["docker", "compose", *options, "--env-file", ".env.example", "--profile", "offline", "config", "-q"]
        checked = subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)
        assert (checked.returncode, checked.stdout, checked.stderr) == (0, "", "")


@pytest.mark.parametrize("name", REQUIRED_SECRETS)
def test_a_missing_secret_stops_compose_with_its_name(name: str) -> None:
    environment = os.environ | {other: "a-secret" for other in REQUIRED_SECRETS if other != name}
    checked = subprocess.run(
        ["docker", "compose", "--env-file", ".env.example", "config", "-q"],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode != 0
    assert f"required variable {name} is missing" in checked.stderr
    assert "make env" in checked.stderr


def test_the_export_lies_in_the_folder_on_the_host(demo: Demo) -> None:
    csv = demo.platform.data / "bitcoin" / "BTCUSDT-1h.csv"
    assert len(csv.read_text(encoding="utf-8").splitlines()) > 17_000


def test_a_workbook_copied_into_a_container_by_the_engine_is_loaded(demo: Demo, tmp_path: Path) -> None:
    file = tmp_path / "anex-SIPSADiario-18sep2026.xls"
    file.write_bytes(write_daily(daily_book(date(2026, 9, 18), seed=3), container="xls"))
    (scheduler,) = [container["Id"] for container in containers(demo) if service(container) == "airflow-scheduler"]
    earlier = set(demo.airflow.run_ids(LANDING))
    copy = ["docker", "cp", str(file), f"{scheduler}:/opt/mercado/data/landing_zone/"]
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
