"""Runs groups of checks at once, each with a time limit; one that crashes or hangs becomes a finding of its own."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from mercado.doctor.findings import Finding, Severity
from mercado.doctor.target import Target
from mercado.errors import MercadoError

GROUP_SECONDS = 5.0
Group = Callable[[Target], Iterable[Finding]]


@dataclass
class _Running:
    """A group at work in a thread of its own.

    Attributes:
        name: Of the group.
        found: What it has found so far.
        thread: A daemon, so that one which hangs does not keep this process alive.
    """

    name: str
    thread: threading.Thread
    found: list[Finding] = field(default_factory=list)


def examine(groups: Mapping[str, Group], target: Target, *, seconds: float = GROUP_SECONDS) -> list[Finding]:
    """Run all groups at once and return their findings, in the order of the groups.

    Args:
        groups: By name, which begins the id of the finding that a group's end gives when it is no good one.
        target: What is examined.
        seconds: How long a group may take; what it has found by then counts.
    """
    running = [_start(name, group, target) for name, group in groups.items()]
    deadline = time.monotonic() + seconds
    for each in running:
        each.thread.join(max(0.0, deadline - time.monotonic()))
    return [finding for each in running for finding in _result(each, target, seconds)]


def _start(name: str, group: Group, target: Target) -> _Running:
    running = _Running(name, threading.Thread(name=f"doctor-{name}", daemon=True))
    running.thread = threading.Thread(target=_work, args=(running, group, target), name=f"doctor-{name}", daemon=True)
    running.thread.start()
    return running


def _work(running: _Running, group: Group, target: Target) -> None:
    try:
        for finding in group(target):
            running.found.append(finding)
    except Exception as error:  # noqa: BLE001  whatever it is: it is told, and hides no other group
        running.found.append(_crash(running.name, error))


def _crash(name: str, error: Exception) -> Finding:
    said = " ".join(str(error).split())
    if isinstance(error, MercadoError):
        return Finding(f"{name}.error", Severity.FAULT, name, said, "Do what the message says, then make doctor")
    return Finding(
        f"{name}.error",
        Severity.FAULT,
        name,
        f"this check itself failed: {type(error).__name__}: {said}",
        "See to the other findings first; if this one stays, it is a defect of the doctor: report it",
    )


def _result(running: _Running, target: Target, seconds: float) -> Iterator[Finding]:
    # A copy: the thread may still add to the list.
    unfinished = running.thread.is_alive()
    yield from list(running.found)
    if unfinished:
        yield Finding(
            f"{running.name}.timeout",
            Severity.FAULT,
            running.name,
            f"no end after {seconds:.0f} s: what it asks hangs",
            f"See which service does not answer, read its log, then {target.restart}",
        )
