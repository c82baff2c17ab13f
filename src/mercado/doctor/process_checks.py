"""The processes of a local platform as supervisor sees them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from mercado.doctor.findings import Finding, Severity, judged
from mercado.doctor.target import Target
from mercado.local.programs import programs
from mercado.local.supervision import Supervisor

# A line of supervisor's log about a program that ended without having been asked to.
ENDED = re.compile(r"^(\S+ \S+),\d+ WARN exited: (\S+) \(.*; not expected\)")
RECENT = timedelta(hours=1)
TAIL_BYTES = 200_000


def check(target: Target) -> Iterator[Finding]:
    """Yield what is found of the processes."""
    supervisor = Supervisor(target.platform)
    states = supervisor.states()
    yield states_finding(states, [each.name for each in programs(target.platform)], start=target.start)
    yield restarts_finding(unexpected_ends(supervisor.log("supervisor"), since=target.now - RECENT))


def states_finding(states: Mapping[str, str], expected: Sequence[str], *, start: str) -> Finding:
    """Return whether every program of the platform runs."""
    found = {name: states.get(name, "unknown to supervisor") for name in expected}
    problems = [f"{name} is {state}" for name, state in found.items() if state != "RUNNING"]
    healthy = f"{len(found)} run"
    return judged("processes.states", "processes", problems, healthy=healthy, remedy=f"{start}; {start}-status")


def unexpected_ends(log: Path, *, since: datetime) -> list[str]:
    """Return the programs that ended by themselves since a time, once for each end.

    Args:
        log: Supervisor's own, in this machine's local time.
        since: UTC.
    """
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        lines = file.read().decode(errors="replace").splitlines()
    matches = [match for line in lines if (match := ENDED.match(line))]
    return [match[2] for match in matches if _instant(match[1]) >= since]


def _instant(stated: str) -> datetime:
    return datetime.strptime(stated, "%Y-%m-%d %H:%M:%S").astimezone(UTC)


def restarts_finding(ended: Sequence[str]) -> Finding:
    """Return whether no program had to be started again lately.

    Args:
        ended: A name for each unexpected end.
    """
    problems = [f"{name} ended by itself {ended.count(name)} times in the last hour" for name in sorted(set(ended))]
    return judged(
        "processes.restarts",
        "restarts",
        problems,
        healthy="none in the last hour",
        remedy="Read NAME.log in the folder logs of the state: want of memory or disk, or a setting",
        severity=Severity.WARNING,
    )
