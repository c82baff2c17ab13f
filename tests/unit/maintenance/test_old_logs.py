"""Airflow's logs are removed by age, a run's together, and nothing outside their folder."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mercado.local.folders import LARGEST_LOG_BYTES, bound_log
from mercado.maintenance.logs import clean_logs

NOW = datetime(2026, 6, 1, tzinfo=UTC)
BEFORE = NOW - timedelta(days=30)


def write(folder: Path, name: str, *, days_old: float, text: str = "one line\n") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    moment = (NOW - timedelta(days=days_old)).timestamp()
    os.utime(path, (moment, moment))
    return path


def age_folders(folder: Path, *, days_old: float) -> None:
    moment = (NOW - timedelta(days=days_old)).timestamp()
    for parent, _, _ in os.walk(folder, topdown=False):
        os.utime(parent, (moment, moment))


def test_old_logs_go_and_young_ones_stay(tmp_path: Path) -> None:
    old = write(tmp_path, "dag_id=a/run_id=1/task_id=t/attempt=1.log", days_old=31)
    young = write(tmp_path, "dag_id=a/run_id=2/task_id=t/attempt=1.log", days_old=29)
    parsed = write(tmp_path, "dag_processor/2026-04-01/dags-folder/a.py.log", days_old=61, text="12345")
    removed = clean_logs(tmp_path, before=BEFORE)
    assert (removed.count, removed.byte_count) == (2, len("one line\n") + 5)
    assert not old.exists()
    assert not parsed.exists()
    assert young.exists()
    assert clean_logs(tmp_path, before=BEFORE).count == 0


def test_the_logs_of_a_run_stay_together_while_one_of_them_is_young(tmp_path: Path) -> None:
    first = write(tmp_path, "dag_id=a/run_id=1/task_id=first/attempt=1.log", days_old=40)
    write(tmp_path, "dag_id=a/run_id=1/task_id=running/attempt=1.log", days_old=0)
    assert clean_logs(tmp_path, before=BEFORE).count == 0
    assert first.exists()


def test_empty_folders_go_once_they_have_been_empty_for_long(tmp_path: Path) -> None:
    write(tmp_path, "dag_id=a/run_id=1/task_id=t/attempt=1.log", days_old=31)
    (tmp_path / "dag_id=b" / "run_id=new").mkdir(parents=True)
    clean_logs(tmp_path, before=BEFORE)
    assert (tmp_path / "dag_id=a" / "run_id=1" / "task_id=t").is_dir()  # emptied just now, by the wall clock
    age_folders(tmp_path / "dag_id=a", days_old=31)
    clean_logs(tmp_path, before=BEFORE)
    assert not (tmp_path / "dag_id=a" / "run_id=1" / "task_id=t").exists()
    assert (tmp_path / "dag_id=b" / "run_id=new").is_dir()
    assert tmp_path.is_dir()


def test_a_link_is_never_followed_nor_removed(tmp_path: Path) -> None:
    outside = write(tmp_path / "elsewhere", "precious.log", days_old=400)
    logs = tmp_path / "logs"
    write(logs, "dag_processor/old.log", days_old=31)
    (logs / "latest").symlink_to(outside.parent, target_is_directory=True)
    (logs / "link.log").symlink_to(outside)
    assert clean_logs(logs, before=BEFORE).count == 1
    assert outside.exists()
    assert (logs / "latest").is_symlink()
    assert (logs / "link.log").is_symlink()


def test_a_dry_run_says_the_same_and_removes_nothing(tmp_path: Path) -> None:
    old = write(tmp_path, "scheduler/old.log", days_old=31)
    removed = clean_logs(tmp_path, before=BEFORE, dry_run=True)
    assert removed.sentence(dry_run=True) == "1 logs would be removed, 0.0 MB"
    assert old.exists()
    assert clean_logs(tmp_path, before=BEFORE) == removed


def test_a_folder_that_is_not_there_has_nothing_old(tmp_path: Path) -> None:
    assert clean_logs(tmp_path / "none", before=BEFORE).count == 0


def test_a_log_that_nobody_rotates_is_moved_aside_when_it_is_large(tmp_path: Path) -> None:
    log = tmp_path / "compose.log"
    bound_log(log)  # not there yet
    for content in (b"small", b"x" * (LARGEST_LOG_BYTES + 1)):
        log.write_bytes(content)
        bound_log(log)
        assert log.exists() == (content == b"small")
    assert (tmp_path / "compose.log.1").stat().st_size == LARGEST_LOG_BYTES + 1
