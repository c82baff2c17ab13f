"""What Redis says of itself and the queues: each defect is named under its id."""

from pathlib import Path

import pytest

from mercado.doctor.container_queue_checks import LISTENING, broker_finding, check, queues_finding, workers_finding
from mercado.doctor.discovery import scale_options
from mercado.doctor.engine import NUMBER_LABEL, name
from mercado.doctor.findings import Severity
from mercado.local.platform import Platform
from mercado.local.settings_files import write_demo_scale, write_demo_settings
from tests.unit.doctor.described import container

INFO = {
    "aof_last_write_status": "ok",
    "used_memory": "8000000",
    "used_memory_human": "7.63M",
    "maxmemory": "134217728",
    "maxmemory_human": "128.00M",
}


def test_a_platform_without_workers_is_not_asked_about_them() -> None:
    assert list(check([container("postgres"), container("api")], start="make up", logs="logs")) == []


def test_workers_without_redis_are_a_fault() -> None:
    (finding,) = check([container("airflow-worker")], start="make up SCALE=2", logs="logs")
    assert (finding.id, finding.severity, finding.detail) == ("containers.broker", Severity.FAULT, "Redis does not run")
    assert "make up SCALE=2" in finding.remedy


@pytest.mark.parametrize(
    ("change", "trouble", "words"),
    [
        ({"aof_last_write_status": "err"}, "", "cannot write to its volume"),
        ({"used_memory": "130000000", "used_memory_human": "123.98M"}, "", "uses 123.98M of 128.00M"),
    ],
)
def test_a_redis_that_will_lose_tasks_is_a_fault(change: dict[str, str], trouble: str, words: str) -> None:
    assert broker_finding(INFO, trouble, remedy="").severity is Severity.OK
    finding = broker_finding(INFO | change, trouble, remedy="make up")
    assert (finding.severity, words in finding.detail) == (Severity.FAULT, True)


@pytest.mark.parametrize(
    ("listening", "running", "words"),
    [
        ("0", 2, "none listens for tasks"),
        ("0", 0, "none listens for tasks"),
        ("1", 2, "2 containers run, and 1 listen"),
    ],
)
def test_workers_that_do_not_listen_are_a_fault(listening: str, running: int, words: str) -> None:
    finding = workers_finding({LISTENING: listening}, running, remedy="make up")
    assert (finding.severity, words in finding.detail) == (Severity.FAULT, True)


@pytest.mark.parametrize(("listening", "running"), [("2", 2), ("3", 2), ("1", 0)])
def test_workers_of_other_hosts_count_as_well(listening: str, running: int) -> None:
    assert workers_finding({LISTENING: listening}, running, remedy="").severity is Severity.OK


def test_a_long_queue_is_a_warning() -> None:
    assert queues_finding({"ingest": "20", "train": "0"}, remedy="").severity is Severity.OK
    finding = queues_finding({"ingest": "0", "train": "21"}, remedy="make up SCALE=3")
    assert (finding.severity, finding.detail) == (Severity.WARNING, "21 tasks wait in train")


@pytest.mark.parametrize(
    ("workers", "apis", "options"),
    [(0, 1, ""), (2, 1, " SCALE=2"), (0, 3, " API_REPLICAS=3"), (1, 2, " SCALE=1 API_REPLICAS=2"), (0, 0, "")],
)
def test_a_remedy_starts_as_many_workers_and_apis_as_there_are(
    tmp_path: Path, workers: int, apis: int, options: str
) -> None:
    write_demo_settings(tmp_path / "demo")
    found = [container("airflow-worker")] * workers + [container("api")] * apis
    assert scale_options(Platform.demo(tmp_path / "demo"), found) == options


def test_a_remedy_does_not_say_again_what_the_settings_say(tmp_path: Path) -> None:
    write_demo_settings(tmp_path / "demo")
    write_demo_scale(tmp_path / "demo", workers=2, replicas=None)
    assert scale_options(Platform.demo(tmp_path / "demo"), [container("airflow-worker")] * 2) == ""


def test_a_container_is_called_by_its_service_and_from_the_second_one_on_by_its_number() -> None:
    second = container("airflow-worker")
    second["Config"]["Labels"][NUMBER_LABEL] = "2"
    assert [name(container("airflow-worker")), name(second)] == ["airflow-worker", "airflow-worker-2"]
