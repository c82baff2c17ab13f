"""What a check finds: a stable id, how bad it is, what was seen, and what to do."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum

SHOWN = 5


class Severity(IntEnum):
    """How bad a finding is; the value is the exit code of a doctor that found nothing worse."""

    OK = 0
    WARNING = 1
    FAULT = 2

    @property
    def word(self) -> str:
        """Return its name as reports write it."""
        return self.name.lower()


@dataclass(frozen=True)
class Finding:
    """One thing that was checked.

    Attributes:
        id: Stable name of the check, ``concern.what``; several findings may share it, each with its own subject.
        severity: How bad it is.
        subject: What was looked at.
        detail: What was seen; never a secret.
        remedy: A command or a click that helps; empty when nothing is wrong.
    """

    id: str
    severity: Severity
    subject: str
    detail: str
    remedy: str = ""


def judged(
    finding_id: str,
    subject: str,
    problems: Iterable[str],
    *,
    healthy: str,
    remedy: str,
    severity: Severity = Severity.FAULT,
) -> Finding:
    """Return a finding that is ok when there are no problems.

    Args:
        finding_id: Its id.
        subject: What was looked at.
        problems: What is wrong, a phrase each; the first few are told.
        healthy: What is said when nothing is.
        remedy: What to do when something is.
        severity: How bad problems are.
    """
    found = list(problems)
    if not found:
        return Finding(finding_id, Severity.OK, subject, healthy)
    return Finding(finding_id, severity, subject, shortened(found), remedy)


def shortened(phrases: Sequence[str]) -> str:
    """Return phrases in one line; of many, the first and how many more there are."""
    more = f"; and {len(phrases) - SHOWN} more" if len(phrases) > SHOWN else ""
    return "; ".join(" ".join(phrase.split()) for phrase in phrases[:SHOWN]) + more


def worst(findings: Iterable[Finding]) -> Severity:
    """Return the worst severity among findings; without any, ok."""
    return max((finding.severity for finding in findings), default=Severity.OK)


def counted(findings: Iterable[Finding]) -> str:
    """Return how many findings there are of each severity, in words."""
    counts = Counter(finding.severity for finding in findings)
    return f"{counts[Severity.OK]} ok, {counts[Severity.WARNING]} warnings, {counts[Severity.FAULT]} faults"
