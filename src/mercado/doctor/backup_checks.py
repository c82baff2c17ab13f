"""The backups: how old the newest is, and whether its files are all there."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from mercado.doctor.dag_checks import WEEK
from mercado.doctor.findings import Finding, Severity, judged
from mercado.doctor.sessions import cluster_made_at
from mercado.doctor.target import Target
from mercado.maintenance.backups import CHECKSUMS, CONTENT, Backup, list_backups

MAKE_ONE = "make backup, or trigger platform_maintenance in Airflow"


def check(target: Target) -> Iterator[Finding]:
    """Yield what is found of the backups."""
    backups = list_backups(target.platform.backups)
    yield age_finding(backups, now=target.now, made_at=cluster_made_at(target.platform))
    if backups:
        yield whole_finding(backups[0])


def age_finding(backups: list[Backup], *, now: datetime, made_at: datetime, longest: timedelta = WEEK) -> Finding:
    """Return whether the newest backup is young enough; a young platform needs none yet.

    Args:
        backups: Newest first.
        now: UTC.
        made_at: When the platform was made.
        longest: How old a backup may be.
    """
    if backups:
        newest = backups[0].created_at_utc
        problems = [f"the newest is of {newest:%Y-%m-%d %H:%M} UTC"] if now - newest > longest else []
        healthy = f"{len(backups)}, the newest of {newest:%Y-%m-%d %H:%M} UTC"
    else:
        problems = ["there is none"] if now - made_at > longest else []
        healthy = f"none yet; the first is due by {made_at + longest:%Y-%m-%d}"
    return judged("backup.age", "backups", problems, healthy=healthy, remedy=MAKE_ONE, severity=Severity.WARNING)


def whole_finding(backup: Backup) -> Finding:
    """Return whether a backup's files are there and hold something; their digests take long and are left out."""
    files = [backup.path / name for name in (*CONTENT, CHECKSUMS)]
    problems = [f"{file.relative_to(backup.path)} is missing" for file in files if not file.is_file()]
    problems += [
        f"{file.relative_to(backup.path)} is empty"
        for file in files
        if file.is_file() and _is_empty(file.name, file.stat().st_size)
    ]
    remedy = f"cd {backup.path} && sha256sum -c {CHECKSUMS}; then {MAKE_ONE}"
    return judged("backup.whole", f"backup {backup.path.name}", problems, healthy="all files there", remedy=remedy)


def _is_empty(name: str, size: int) -> bool:
    # A platform that has fetched nothing lists no raw answer.
    return size == 0 and not name.endswith(".jsonl")
