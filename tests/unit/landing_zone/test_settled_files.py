"""When a file counts as complete, by a clock that the tests move."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from mercado.landing.landing_zone import POLL_SECONDS, QUIET_SECONDS, Candidate, SettledFiles, wait_until_settled

FILE = Candidate("a.xlsx", inode=1, byte_count=10, modified_ns=0)
OTHER = Candidate("b.xlsx", inode=2, byte_count=10, modified_ns=0)


@pytest.fixture
def settled_files(tmp_path: Path) -> SettledFiles:
    return SettledFiles(tmp_path)


def test_a_file_is_complete_once_it_is_unchanged_for_two_seconds(settled_files: SettledFiles) -> None:
    assert settled_files.observe([FILE], 100.0) == []
    assert settled_files.observe([FILE], 101.9) == []
    assert settled_files.observe([FILE], 102.0) == [FILE]
    assert settled_files.observe([FILE], 500.0) == [FILE]


@pytest.mark.parametrize(
    "changed", [replace(FILE, byte_count=11), replace(FILE, modified_ns=1), replace(FILE, inode=3)], ids=str
)
def test_any_change_starts_the_wait_again(settled_files: SettledFiles, changed: Candidate) -> None:
    settled_files.observe([FILE], 0.0)
    assert settled_files.observe([changed], 5.0) == []
    assert settled_files.observe([changed], 7.0) == [changed]


def test_an_old_time_of_modification_proves_nothing(settled_files: SettledFiles) -> None:
    for second in range(10):
        growing = replace(FILE, byte_count=second, modified_ns=0)
        assert settled_files.observe([growing], float(second)) == []


def test_a_file_that_vanished_and_came_back_is_waited_for_again(settled_files: SettledFiles) -> None:
    settled_files.observe([FILE], 0.0)
    settled_files.observe([], 1.0)
    assert settled_files.observe([FILE], 2.5) == []


def test_one_that_is_being_written_holds_up_no_other(settled_files: SettledFiles) -> None:
    settled_files.observe([FILE, OTHER], 0.0)
    assert settled_files.observe([FILE, replace(OTHER, byte_count=11)], 2.0) == [FILE]


def test_it_looks_into_the_folder_itself(tmp_path: Path, settled_files: SettledFiles) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"x")
    assert settled_files.look(0.0) == []
    assert [each.name for each in settled_files.look(QUIET_SECONDS)] == ["a.xlsx"]


@dataclass
class Clock:
    """Time that only passes while somebody sleeps; something may happen then."""

    during: Callable[[float], None] = lambda now: None
    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        self.during(self.now)


def test_waiting_ends_as_soon_as_every_file_is_complete(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"x")
    clock = Clock()
    settled, unsettled = wait_until_settled(tmp_path, clock=clock, sleep=clock.sleep)
    assert ([each.name for each in settled], unsettled) == (["a.xlsx"], [])
    assert clock.now == 1000 + QUIET_SECONDS


def test_an_empty_landing_zone_is_not_waited_for(tmp_path: Path) -> None:
    clock = Clock()
    assert wait_until_settled(tmp_path, clock=clock, sleep=clock.sleep) == ([], [])
    assert clock.slept == []


def test_when_patience_ends_the_ones_still_being_written_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"x")

    def write(now: float) -> None:
        with (tmp_path / "growing.xlsx").open("ab") as file:
            file.write(b"x")

    clock = Clock(during=write)
    settled, unsettled = wait_until_settled(tmp_path, patience_seconds=10, clock=clock, sleep=clock.sleep)
    assert ([each.name for each in settled], unsettled) == (["a.xlsx"], ["growing.xlsx"])
    assert clock.now == pytest.approx(1010, abs=POLL_SECONDS)


@pytest.mark.parametrize("patience_seconds", [0.0, 1.0, 2.0])
def test_however_little_patience_complete_files_are_found(tmp_path: Path, patience_seconds: float) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"x")
    clock = Clock()
    settled, _ = wait_until_settled(tmp_path, patience_seconds=patience_seconds, clock=clock, sleep=clock.sleep)
    assert len(settled) == 1
