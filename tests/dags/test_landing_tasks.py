"""Which files a run of the ingestion takes: complete ones, in the order of their writing, or those asked for."""

import os
from pathlib import Path

import pytest

from mercado.errors import RejectedFileError


def drop(landing_zone: Path, name: str, *, written_at: int) -> None:
    (landing_zone / name).write_bytes(b"anything")
    os.utime(landing_zone / name, (written_at, written_at))


def test_all_complete_files_are_taken_the_one_written_first_at_the_beginning(landing_zone: Path) -> None:
    from mercado_airflow.landing import find_files

    drop(landing_zone, "a.xlsx", written_at=2)
    drop(landing_zone, "b.xls", written_at=1)
    drop(landing_zone, ".hidden", written_at=0)
    assert find_files(None, None) == [{"file": "b.xls"}, {"file": "a.xlsx"}]


def test_only_files_asked_for_are_taken_and_a_missing_one_is_named(landing_zone: Path) -> None:
    from mercado_airflow.landing import find_files

    drop(landing_zone, "a.xlsx", written_at=1)
    drop(landing_zone, "b.xls", written_at=2)
    assert find_files(["b.xls"], None) == [{"file": "b.xls"}]
    with pytest.raises(RejectedFileError, match=r"Not in the landing folder: \.\./secret\. There are: a\.xlsx, b\.xls"):
        find_files(["../secret"], None)


def test_a_replay_leaves_the_folder_alone(landing_zone: Path) -> None:
    from mercado_airflow.landing import find_files

    drop(landing_zone, "a.xlsx", written_at=1)
    assert find_files(None, ["5494f7c5"]) == [{"file": "5494f7c5", "again": True}]


def test_a_run_takes_no_more_files_than_airflow_can_map(landing_zone: Path) -> None:
    from airflow.configuration import conf

    from mercado_airflow.landing import MOST_FILES, find_files

    for number in range(MOST_FILES + 10):
        drop(landing_zone, f"{number}.xlsx", written_at=number)
    found = find_files(None, None)
    assert [each["file"] for each in found] == [f"{number}.xlsx" for number in range(MOST_FILES)]
    assert conf.getint("core", "max_map_length") >= MOST_FILES
