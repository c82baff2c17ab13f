"""Rules that need no service: secrets, settings of components, when a run is overdue, what the API says of itself."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from mercado.doctor.backup_checks import age_finding
from mercado.doctor.component_checks import airflow_settings_finding, mlflow_settings_finding, shared_secrets_finding
from mercado.doctor.dag_checks import Runs, run_finding
from mercado.doctor.environments import Component
from mercado.doctor.findings import Severity
from mercado.doctor.folder_checks import may_write
from mercado.doctor.installation import locked_versions, packages_finding, python_finding
from mercado.doctor.model_checks import lost_finding, ready_finding
from mercado.doctor.process_checks import unexpected_ends
from mercado.doctor.secret_checks import equal_secrets_finding, secrets_finding
from mercado.environment import REQUIRED_SECRETS
from mercado.maintenance.backups import Backup

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
AIRFLOW = {
    "AIRFLOW__CORE__AUTH_MANAGER": "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager",
    "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
    "AIRFLOW__CORE__PARALLELISM": "4",
    "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
    "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": "http://127.0.0.1:8080/execution/",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql+psycopg2://airflow:x@127.0.0.1/airflow_db",
    "AIRFLOW__CORE__FERNET_KEY": "key",
    "AIRFLOW__API_AUTH__JWT_SECRET": "token",
    "AIRFLOW__API__SECRET_KEY": "session",
}
VALUES = {name: f"{name}-of-its-own" for name in REQUIRED_SECRETS}
READY = {"model": {"version": 3}, "pending_failure": None, "notice": None, "warehouse": None}


def test_good_secrets_are_green_and_are_never_told() -> None:
    told = [secrets_finding(VALUES, Path(".env"), in_addresses=False), equal_secrets_finding(VALUES, Path(".env"))]
    assert {each.severity for each in told} == {Severity.OK}
    alike = equal_secrets_finding(VALUES | {"POSTGRES_PASSWORD": "s3cret", "MERCADO_API_KEY": "s3cret"}, Path(".env"))
    assert alike.detail == "POSTGRES_PASSWORD and MERCADO_API_KEY are the same"
    assert "s3cret" not in f"{alike}"


@pytest.mark.parametrize("value", ["", "admin", "Airflow"])
def test_a_missing_or_known_secret_is_a_fault(value: str) -> None:
    finding = secrets_finding(VALUES | {"MLFLOW_DB_PASSWORD": value}, Path(".env"), in_addresses=False)
    assert (finding.severity, "MLFLOW_DB_PASSWORD" in finding.detail) == (Severity.FAULT, True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AIRFLOW__CORE__AUTH_MANAGER", "airflow.api_fastapi.auth.managers.simple.SimpleAuthManager"),
        ("AIRFLOW__CORE__EXECUTOR", "SequentialExecutor"),
        ("AIRFLOW__CORE__PARALLELISM", "32"),
        ("AIRFLOW__CORE__LOAD_EXAMPLES", "True"),
        ("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", ""),
        ("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "postgresql://airflow@127.0.0.1/airflow_db"),
    ],
)
def test_each_wrong_setting_of_a_component_is_named(name: str, value: str) -> None:
    good, bad = Component("airflow-scheduler", AIRFLOW, ()), Component("airflow-triggerer", AIRFLOW | {name: value}, ())
    assert airflow_settings_finding([good], remedy="r").severity is Severity.OK
    finding = airflow_settings_finding([good, bad], remedy="r")
    assert finding.severity is Severity.FAULT
    assert finding.detail.startswith(f"airflow-triggerer: {name}")


def test_a_secret_that_one_component_lacks_or_has_otherwise_is_a_fault_and_stays_secret() -> None:
    good, bad = Component("airflow-scheduler", AIRFLOW, ()), Component("airflow-triggerer", {**AIRFLOW}, ())
    assert shared_secrets_finding([good, bad], restart="r").severity is Severity.OK
    bad.environment["AIRFLOW__CORE__FERNET_KEY"] = "s3cret"
    finding = shared_secrets_finding([good, bad], restart="r")
    assert finding.detail == "AIRFLOW__CORE__FERNET_KEY differs: airflow-scheduler / airflow-triggerer"
    assert "s3cret" not in f"{finding}{bad}"


def test_mlflows_job_engine_and_many_workers_are_warnings() -> None:
    environment = {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    frugal = Component("mlflow", environment, ("mlflow", "server", "--workers", "1"))
    assert mlflow_settings_finding([frugal], remedy="r").severity is Severity.OK
    finding = mlflow_settings_finding([Component("mlflow", {}, ("mlflow", "server"))], remedy="r")
    assert (finding.severity, "--workers is 4" in finding.detail) == (Severity.WARNING, True)


@pytest.mark.parametrize(
    ("dag_id", "succeeded", "made", "severity"),
    [
        ("bitcoin_data_ingestion", 25, 900, Severity.OK),
        ("bitcoin_data_ingestion", 27, 900, Severity.WARNING),
        ("bitcoin_data_ingestion", None, 25, Severity.OK),
        ("bitcoin_data_ingestion", None, 27, Severity.WARNING),
        ("platform_maintenance", 7 * 24, 900, Severity.OK),
        ("platform_maintenance", 9 * 24, 900, Severity.WARNING),
        ("bitcoin_training_pipeline", None, 900, Severity.OK),
    ],
)
def test_a_run_is_overdue_by_its_schedule_and_never_before_the_platform_was_made(
    dag_id: str, succeeded: int | None, made: int, severity: Severity
) -> None:
    at = None if succeeded is None else NOW - timedelta(hours=succeeded)
    finding = run_finding(dag_id, Runs(None, at, (), ""), now=NOW, made_at=NOW - timedelta(hours=made))
    assert finding.severity is severity


def test_a_failed_run_is_told_with_its_task_and_link() -> None:
    runs = Runs({"state": "failed", "run_after": "2026-05-04T10:00:00Z"}, NOW, ("download",), "http://localhost/run")
    finding = run_finding("bitcoin_data_ingestion", runs, now=NOW, made_at=NOW)
    assert finding.detail == "the run of 2026-05-04T10:00 failed in download"
    assert finding.remedy.endswith("http://localhost/run")


def test_no_backup_is_due_on_a_young_platform() -> None:
    old = Backup(Path("mercado-20260401T000000Z"))
    assert age_finding([], now=NOW, made_at=NOW - timedelta(days=7)).severity is Severity.OK
    assert age_finding([], now=NOW, made_at=NOW - timedelta(days=9)).severity is Severity.WARNING
    assert age_finding([old], now=NOW, made_at=NOW).severity is Severity.WARNING


def test_the_apis_own_troubles_and_another_version_than_the_champion_are_told() -> None:
    assert ready_finding(200, READY, 3, remedy="r").severity is Severity.OK
    assert ready_finding(200, READY, 4, remedy="r").severity is Severity.FAULT
    assert ready_finding(200, READY | {"warehouse": "no answer"}, 3, remedy="r").detail == "no answer"
    failed = READY | {"pending_failure": {"version": 4, "reason": "golden answers differ"}}
    assert "golden answers differ" in ready_finding(200, failed, 3, remedy="r").detail
    assert ready_finding(503, {"detail": "no champion"}, None, remedy="r").severity is Severity.FAULT


def test_lost_predictions_are_counted_by_reason() -> None:
    line = 'mercado_api_predictions_dropped_total{reason="queue_full"} '
    assert lost_finding(f"{line}0.0\n", remedy="r").severity is Severity.OK
    assert lost_finding(f"{line}12.0\n", remedy="r").detail == "12 not stored: queue_full"


def test_supervisors_log_tells_which_programs_ended_by_themselves(tmp_path: Path) -> None:
    log = tmp_path / "supervisor.log"
    stamp = NOW.astimezone().strftime("%Y-%m-%d %H:%M:%S")
    log.write_text(
        f"{stamp},001 WARN exited: api (terminated by SIGKILL; not expected)\n"
        f"{stamp},002 INFO exited: mlflow (exit status 0; expected)\n"
        f"{stamp},003 INFO stopped: postgres (exit status 0)\n"
    )
    assert unexpected_ends(log, since=NOW - timedelta(hours=1)) == ["api"]
    assert unexpected_ends(log, since=NOW + timedelta(seconds=1)) == []


def test_python_and_packages_are_held_against_the_lock(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text('Aa_b==1.0 \\\n    --hash=sha256:0\nother==2 ; sys_platform == "win32" \\\n')
    locked = locked_versions(lock)
    assert locked == {"aa-b": "1.0"}
    assert packages_finding({"aa-b": ["1.0"]}, locked).severity is Severity.OK
    assert packages_finding({}, locked).detail == "aa-b is not installed in place of 1.0"
    assert [python_finding((3, minor, 0)).severity for minor in (10, 11, 13, 14)] == [2, 0, 0, 2]


@pytest.mark.parametrize(
    ("uid", "mode", "expected"),
    [(1000, 0o755, True), (1001, 0o755, False), (1001, 0o775, True), (1001, 0o757, False), (0, 0o500, True)],
)
def test_who_may_write_follows_owner_then_group(uid: int, mode: int, expected: bool) -> None:
    status = SimpleNamespace(st_uid=1000, st_gid=0, st_mode=mode)
    assert may_write(status, uid=uid, group=0) is expected
