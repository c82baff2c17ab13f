"""The drill: everything is lost, the settings with it; a backup, restored under fresh secrets, gives all of it back.

It stands before the tests that stop the demo: the backup is made while the demo works, and restored into a folder that
has nothing in common with the demo's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.demo import Airflow, Demo, fresh_environment
from tests.restore_drill import VARIABLE, Seen, fixed_candles, log_in, log_in_is_refused, seen

pytestmark = pytest.mark.timeout(400)
INGESTION = "bitcoin_data_ingestion"


def pause(airflow: Airflow, *, paused: bool) -> None:
    airflow.ask("PATCH", f"/api/v2/dags/{INGESTION}", json={"is_paused": paused})


@dataclass(frozen=True)
class Before:
    """What was, and the backup of it.

    Attributes:
        request: Candles to forecast from.
        seen: What the demo answered and held.
        password: Of Airflow's administrator.
        run_id: A run that was under way when the backup was made.
        backup: The backup.
    """

    request: dict[str, Any]
    seen: Seen
    password: str
    run_id: str
    backup: Path


@pytest.fixture(scope="module")
def before(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Before:
    folder = tmp_path_factory.mktemp("backups")
    request, airflow = fixed_candles(demo), demo.airflow
    demo.airflow.set_variable(VARIABLE, "17")
    # Seen first: whoever asks for a prediction has it stored.
    seen(demo, request)
    state = seen(demo, request)
    # A run of a paused DAG stays under way, and adds no row meanwhile.
    pause(airflow, paused=True)
    run_id = airflow.trigger(INGESTION, {})
    made = demo.mercado("backup", "--to", str(folder))
    assert made.returncode == 0, made.stderr
    demo.airflow.set_variable(VARIABLE, "60")
    pause(airflow, paused=False)
    assert airflow.watch(INGESTION, run_id, seconds=120) == "success"
    (backup,) = folder.glob("mercado-*")
    return Before(request, state, demo.platform.values["AIRFLOW_ADMIN_PASSWORD"], run_id, backup)


@pytest.fixture(scope="module")
def restored(before: Before, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Demo, str]]:
    """Yield the restored platform, started, and what restoring it printed."""
    restored = Demo(tmp_path_factory.mktemp("restored"), fresh_environment())
    try:
        finished = restored.mercado("restore", str(before.backup), "--yes")
        assert finished.returncode == 0, f"{finished.stdout}\n{finished.stderr}"
        started = restored.run("start")
        assert started.returncode == 0, f"{started.stdout}\n{started.stderr}"
        yield restored, finished.stdout
    finally:
        destroyed = restored.run("destroy", "--yes")
    assert destroyed.returncode == 0, destroyed.stderr


def test_the_same_prediction_to_the_last_bit_and_the_same_rows(
    before: Before, restored: tuple[Demo, str], demo: Demo
) -> None:
    again = seen(restored[0], before.request)
    assert again.prediction == before.seen.prediction
    assert again.model == before.seen.model
    assert again.rows == before.seen.rows
    secrets = ("WAREHOUSE_DB_PASSWORD", "AIRFLOW_ADMIN_PASSWORD", "POSTGRES_PASSWORD")
    assert [name for name in secrets if restored[0].platform.values[name] == demo.platform.values[name]] == []


def test_the_administrator_logs_in_with_the_password_of_then_and_the_settings_say_so(
    before: Before, restored: tuple[Demo, str]
) -> None:
    platform = restored[0].platform
    assert log_in(restored[0], before.password).variables()[VARIABLE] == "17"
    assert log_in_is_refused(restored[0], platform.values["AIRFLOW_ADMIN_PASSWORD"])
    assert re.search(
        rf"# .*{before.backup.name}.*password of then.*\nAIRFLOW_ADMIN", platform.settings_file.read_text()
    )
    assert "the Fernet key in" in restored[1]


def test_airflows_connection_can_be_read_with_the_key_of_then_and_works(
    before: Before, restored: tuple[Demo, str]
) -> None:
    assert log_in(restored[0], before.password).connection_works("postgres_sipsa")


def test_a_run_that_was_under_way_has_ended_and_a_new_one_works(before: Before, restored: tuple[Demo, str]) -> None:
    airflow = log_in(restored[0], before.password)
    run = airflow.ask("GET", f"/api/v2/dags/{INGESTION}/dagRuns/{before.run_id}")
    assert (run["state"], "Under way when the backup was made" in run["note"]) == ("failed", True)
    pause(airflow, paused=False)
    assert airflow.watch(INGESTION, airflow.trigger(INGESTION, {}), seconds=120) == "success"


def test_files_that_a_backup_only_lists_are_told_when_they_are_missing(restored: tuple[Demo, str]) -> None:
    assert re.search(r"\d+ raw answers or archived workbooks of then are not in", restored[1])
    assert "raw/sipsa/" in restored[1]


def test_a_running_platform_is_not_restored_over(before: Before, restored: tuple[Demo, str]) -> None:
    refused = restored[0].mercado("restore", str(before.backup), "--yes")
    assert refused.returncode == 1
    assert "runs: stop it with `make demo-down`" in refused.stderr
