"""What the doctor prints: a table for a person, JSON for a program."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.table import Table
from rich.text import Text

from mercado.doctor.findings import Finding, Severity, counted, worst

COLOURS = {Severity.OK: "green", Severity.WARNING: "yellow", Severity.FAULT: "red"}


@dataclass(frozen=True)
class Examination:
    """What was found of one platform.

    Attributes:
        platform: Its name; empty when none runs.
        runtime: ``local`` or ``docker``; empty when none runs.
        checked_at: When, UTC.
        seconds: How long it took.
        findings: All, in the order of the checks.
    """

    platform: str
    runtime: str
    checked_at: datetime
    seconds: float
    findings: Sequence[Finding]

    @property
    def worst(self) -> Severity:
        """Return the worst severity, whose value is the exit code."""
        return worst(self.findings)

    def as_json(self) -> str:
        """Return all of it as JSON."""
        return json.dumps(
            {
                "platform": self.platform,
                "runtime": self.runtime,
                "checked_at_utc": self.checked_at.isoformat(),
                "seconds": round(self.seconds, 2),
                "worst": self.worst.word,
                "findings": [
                    {
                        "id": each.id,
                        "severity": each.severity.word,
                        "subject": each.subject,
                        "detail": each.detail,
                        "remedy": each.remedy,
                    }
                    for each in self.findings
                ],
            },
            indent=2,
            ensure_ascii=False,
        )

    def as_table(self) -> Table:
        """Return a row per finding, with what to do below what is wrong."""
        title = f"Platform '{self.platform}' ({self.runtime})" if self.platform else "No platform"
        table = Table(title=title, title_justify="left")
        table.add_column("", no_wrap=True)
        table.add_column("what", overflow="fold", max_width=32)
        table.add_column("seen, and what to do", overflow="fold")
        for each in self.findings:
            mark = Text("ok" if each.severity is Severity.OK else each.severity.name, style=COLOURS[each.severity])
            table.add_row(mark, Text(each.subject), _told(each))
        return table

    def closing_line(self) -> str:
        """Return the counts and the time it took."""
        return f"{counted(self.findings)}, in {self.seconds:.1f} s"


def _told(finding: Finding) -> Text:
    told = Text(finding.detail)
    if finding.severity is not Severity.OK:
        told.append(f"\n→ {finding.remedy}", style="bold").append(f"  [{finding.id}]", style="dim")
    return told
