"""A try whose process was killed is told from one that ended by itself."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from mercado_airflow.lost_tries import lost_try

BEGUN = '{"timestamp":"2026-11-24T18:33:35Z","event":"::group::Pre Execute"}\n'
ENDED = BEGUN + '{"timestamp":"2026-11-24T18:33:36Z","event":"::endgroup::","try_number":1}\n'


@pytest.fixture
def task(airflow_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.setenv("AIRFLOW__LOGGING__BASE_LOG_FOLDER", str(tmp_path))
    return SimpleNamespace(dag_id="a_dag", run_id="manual", task_id="load", map_index=-1, try_number=2)


def log_of_try(folder: Path, number: int, text: str, *, mapped: str = "") -> Path:
    file = folder / "dag_id=a_dag" / "run_id=manual" / "task_id=load" / mapped / f"attempt={number}.log"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_a_log_that_just_ends_is_of_a_killed_try(task: SimpleNamespace, tmp_path: Path) -> None:
    log_of_try(tmp_path, 1, BEGUN)
    assert "Try 1 was killed" in str(lost_try(task))


def test_of_a_mapped_task_its_own_log_counts(task: SimpleNamespace, tmp_path: Path) -> None:
    log_of_try(tmp_path, 1, BEGUN, mapped="map_index=3")
    assert lost_try(task) is None
    task.map_index = 3
    assert "Try 1 was killed" in str(lost_try(task))


def test_a_try_that_ended_by_itself_a_first_try_and_a_removed_log_say_nothing(
    task: SimpleNamespace, tmp_path: Path
) -> None:
    assert lost_try(task) is None
    log_of_try(tmp_path, 1, ENDED)
    assert lost_try(task) is None
    task.try_number = 1
    assert lost_try(task) is None
