"""What counts as a file in the landing zone."""

import os
from pathlib import Path

import pytest

from mercado.landing.landing_zone import TAKEN_PREFIX, Candidate, candidates


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in candidates(folder))


@pytest.mark.parametrize("name", ["a.xlsx", "a.XLS", "a.pdf", "no extension", "a.xlsx~ copy", "tmp.xlsx", "part"])
def test_whatever_is_dropped_is_a_candidate(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert names(tmp_path) == [name]


@pytest.mark.parametrize(
    "name",
    [
        ".hidden.xlsx",
        ".~lock.a.xlsx#",
        "~$a.xlsx",
        "a.tmp",
        "a.xlsx.PART",
        "a.xlsx.partial",
        "a.xlsx.crdownload",
        "a.xlsx.filepart",
        "a.swp",
        "a.xlsx~",
        ".hidden/a.xlsx",
        "sub/~$a.xlsx",
        "sub/.hidden/deep/a.xlsx",
    ],
)
def test_hidden_and_temporary_files_are_not(tmp_path: Path, name: str) -> None:
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(b"x")
    assert names(tmp_path) == []


def test_sub_folders_are_looked_into_and_so_is_what_a_killed_run_took(tmp_path: Path) -> None:
    for name in ("sub/deep/a.xlsx", f"{TAKEN_PREFIX}x/b.xlsx"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_bytes(b"x")
    assert names(tmp_path) == [f"{TAKEN_PREFIX}x/b.xlsx", "sub/deep/a.xlsx"]


def test_links_pipes_and_folders_are_not_followed_nor_files(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.xlsx").write_bytes(b"x")
    zone = tmp_path / "zone"
    zone.mkdir()
    (zone / "file.xlsx").symlink_to(outside / "a.xlsx")
    (zone / "folder").symlink_to(outside)
    (zone / "loop").symlink_to(zone)
    (zone / "dangling.xlsx").symlink_to(outside / "nothing")
    os.mkfifo(zone / "pipe.xlsx")
    (zone / "folder.xlsx").mkdir()
    assert names(zone) == []


def test_a_landing_zone_that_is_a_link_is_looked_into(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "a.xlsx").write_bytes(b"x")
    (tmp_path / "zone").symlink_to(tmp_path / "real")
    assert names(tmp_path / "zone") == ["a.xlsx"]


def test_nothing_is_in_a_landing_zone_that_is_not_there(tmp_path: Path) -> None:
    assert names(tmp_path / "not there") == []


def test_the_file_written_last_comes_last(tmp_path: Path) -> None:
    for name, modified in (("a.xlsx", 30), ("b.xlsx", 10), ("c.xlsx", 20), ("d.xlsx", 10)):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, (modified, modified))
    assert [each.name for each in candidates(tmp_path)] == ["b.xlsx", "d.xlsx", "c.xlsx", "a.xlsx"]


def test_a_candidate_equals_its_next_sight_until_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"x")
    (first,) = candidates(tmp_path)
    assert candidates(tmp_path) == [first]
    path.write_bytes(b"xy")
    assert candidates(tmp_path) != [first]
    assert isinstance(first, Candidate)
