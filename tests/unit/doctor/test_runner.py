"""Groups run at once; one that crashes or hangs is told, and hides no other."""

import threading
import time
from collections.abc import Iterator

import pytest

from mercado.doctor.findings import Finding, Severity, counted, shortened, worst
from mercado.doctor.runner import examine
from mercado.doctor.target import Target
from mercado.errors import ServiceUnavailableError

GOOD = Finding("a.good", Severity.OK, "a", "fine")


class Restarting:
    """As much of a target as the runner needs."""

    restart = "make demo-down demo"


@pytest.fixture
def target() -> Target:
    return Restarting()  # type: ignore[return-value]


def good(_: Target) -> Iterator[Finding]:
    yield GOOD


def crashing(_: Target) -> Iterator[Finding]:
    yield GOOD
    raise KeyError("surprise")


def unanswered(_: Target) -> Iterator[Finding]:
    raise ServiceUnavailableError("Nobody answers.")
    yield GOOD


def test_a_crash_is_a_finding_and_what_was_found_before_counts(target: Target) -> None:
    found = examine({"one": crashing, "two": good}, target)
    assert [each.id for each in found] == ["a.good", "one.error", "a.good"]
    assert (found[1].severity, "KeyError" in found[1].detail) == (Severity.FAULT, True)


def test_an_error_of_the_platform_is_told_in_its_own_words(target: Target) -> None:
    (finding,) = examine({"one": unanswered}, target)
    assert (finding.id, finding.detail) == ("one.error", "Nobody answers.")


def test_a_group_that_hangs_costs_its_time_and_no_more(target: Target) -> None:
    end = threading.Event()

    def hanging(_: Target) -> Iterator[Finding]:
        yield GOOD
        end.wait(30)

    started = time.monotonic()
    found = examine({"one": hanging, "two": hanging, "three": good}, target, seconds=0.2)
    end.set()
    assert time.monotonic() - started < 1
    assert [each.id for each in found] == ["a.good", "one.timeout", "a.good", "two.timeout", "a.good"]


def test_the_worst_finding_decides_and_long_lists_are_shortened() -> None:
    warning = Finding("b", Severity.WARNING, "b", "odd", "do")
    assert (worst([]), worst([GOOD, warning])) == (Severity.OK, Severity.WARNING)
    assert counted([GOOD, warning, warning]) == "1 ok, 2 warnings, 0 faults"
    assert shortened([str(number) for number in range(8)]) == "0; 1; 2; 3; 4; and 3 more"
