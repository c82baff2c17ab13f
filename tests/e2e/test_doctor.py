"""The doctor on a running platform: nothing wrong is found where nothing is, and each planted fault with its remedy."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from mercado.doctor.database_checks import clock_finding, sessions_finding, transactions_finding
from mercado.doctor.examination import groups
from mercado.doctor.findings import Severity
from mercado.doctor.installation import LOCK, installed_versions, locked_versions, packages_finding, rivals_finding
from mercado.doctor.machine import Limits, disk_finding, memory_finding
from mercado.doctor.runner import examine
from mercado.doctor.sessions import superuser_url
from mercado.local.waiting import wait_until
from tests.demo import Demo
from tests.e2e.planted import Planted
from tests.e2e.planted_services import AIRFLOW, SERVICES
from tests.e2e.planted_state import DATA, SETTINGS
from tests.e2e.planting import of_id, stopped_clock, target_of

pytestmark = pytest.mark.timeout(600)
LONGEST_SECONDS = 10
ENORMOUS = Limits(warning=1 << 62, fault=1 << 61)


def test_a_fresh_demo_is_all_green_within_ten_seconds(demo: Demo) -> None:
    finished = demo.mercado("doctor", "--json")
    report = json.loads(finished.stdout)
    assert [each for each in report["findings"] if each["severity"] != "ok"] == []
    assert finished.returncode == 0
    assert (report["platform"], report["runtime"], report["worst"]) == ("demo", "local", "ok")
    assert report["seconds"] < LONGEST_SECONDS


def test_the_table_tells_the_counts_and_no_secret(demo: Demo) -> None:
    finished = demo.mercado("doctor")
    assert "0 warnings, 0 faults" in finished.stdout
    secrets = [value for name, value in demo.platform.values.items() if name.endswith(("PASSWORD", "KEY", "SECRET"))]
    assert [secret for secret in secrets if secret and secret in finished.stdout] == []


def test_a_service_that_hangs_costs_five_seconds_and_hides_nothing(demo: Demo) -> None:
    with stopped_clock(demo, "mlflow"):
        finished = demo.mercado("doctor", "--json")
    report = json.loads(finished.stdout)
    assert finished.returncode == Severity.FAULT
    assert report["seconds"] < LONGEST_SECONDS
    wrong = {each["id"] for each in report["findings"] if each["severity"] != "ok"}
    assert "health.mlflow" in wrong
    assert {each.partition(".")[0] for each in wrong} <= {"health", "mlflow", "model"}


@pytest.mark.parametrize(
    "fault", [*SETTINGS, *DATA, *AIRFLOW, *SERVICES], ids=lambda fault: fault.name.replace(" ", "-")
)
def test_a_planted_fault_is_found_with_its_remedy(demo: Demo, fault: Planted) -> None:
    with fault.plant(demo):
        target = target_of(demo, now=datetime.now(UTC) + fault.later)
        found = list(fault.group(target))
    for finding_id, words in fault.finds.items():
        wrong = [each for each in of_id(found, finding_id) if each.severity is not Severity.OK]
        assert wrong, [each for each in found if each.severity is not Severity.OK]
        told = "\n".join(f"{each.subject}: {each.detail}\n{each.remedy}" for each in wrong)
        assert [word for word in words if word not in told] == [], told


def test_nothing_running_is_a_fault_with_the_command_that_starts_something(demo: Demo, tmp_path: Path) -> None:
    nowhere = Demo(tmp_path / "nowhere", demo.environment).mercado("doctor", "--json")
    assert nowhere.returncode == Severity.FAULT
    (finding,) = json.loads(nowhere.stdout)["findings"]
    assert finding["id"] == "platform.running"
    assert f"mercado demo up --state {tmp_path / 'nowhere'}" in finding["remedy"]


def test_a_clock_that_is_off_sessions_that_run_out_and_a_transaction_that_stays_open_are_found(demo: Demo) -> None:
    url = superuser_url(demo.platform).get_secret_value()
    with psycopg.connect(url, autocommit=True) as connection, psycopg.connect(url) as idle:
        idle.execute("select 1")
        clock = clock_finding(connection, now=lambda: datetime.now(UTC) - timedelta(seconds=6))
        sessions = sessions_finding(connection, greatest_share=0.01)
        transactions = transactions_finding(connection, longest=timedelta())
        assert clock_finding(connection).severity is Severity.OK
    assert (clock.severity, clock.detail) == (Severity.FAULT, "PostgreSQL is +6 s off")
    assert (sessions.severity, "of 200 sessions" in sessions.detail) == (Severity.WARNING, True)
    assert (transactions.severity, "idle in transaction" in transactions.detail) == (Severity.WARNING, True)


def test_a_full_disk_and_a_full_memory_are_found(demo: Demo) -> None:
    disk, memory = disk_finding("data", demo.platform.data, limits=ENORMOUS), memory_finding(1, limits=ENORMOUS)
    assert (disk.severity, memory.severity) == (Severity.FAULT, Severity.FAULT)
    assert str(demo.platform.data) in disk.remedy


def test_xgboost_beside_its_cpu_build_and_another_version_than_the_locked_one_are_found(tmp_path: Path) -> None:
    for name, version in (("xgboost", "3.2.0"), ("xgboost_cpu", "3.1.0")):
        folder = tmp_path / f"{name}-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    installed = installed_versions([str(tmp_path)])
    assert rivals_finding(installed).detail == "xgboost beside xgboost-cpu: one overwrote the other"
    (wrong,) = [packages_finding(installed, {"xgboost-cpu": locked_versions(LOCK)["xgboost-cpu"]})]
    assert wrong.detail == "xgboost-cpu 3.1.0 in place of 3.2.0"


def test_after_all_of_it_the_demo_is_as_it_was(demo: Demo) -> None:
    # An hour on, the ends that were planted are no news.
    def wrong() -> list[object]:
        target = target_of(demo, now=datetime.now(UTC) + timedelta(hours=1, minutes=1))
        return [each for each in examine(groups(target), target) if each.severity is not Severity.OK]

    wait_until(lambda: not wrong(), seconds=30, problem=lambda: f"still wrong: {wrong()}")
