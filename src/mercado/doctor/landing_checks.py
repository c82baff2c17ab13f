"""Dropped files: those that nobody takes, and those that were refused."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from mercado.doctor.findings import Finding, Severity, judged
from mercado.doctor.sessions import connect_briefly
from mercado.doctor.target import Target
from mercado.errors import MercadoError
from mercado.landing.landing_zone import candidates
from mercado.landing.moving import REPORT_SUFFIX

STUCK = timedelta(minutes=10)
LATEST_REFUSAL = """
    select file_names[cardinality(file_names)], error from sipsa_data.file_ingestion_log
    where status = 'refused' order by finished_at_utc desc limit 1
"""


def check(target: Target) -> Iterator[Finding]:
    """Yield what is found of dropped files: those that nobody takes, and those that were refused."""
    yield stuck_finding(target)
    yield _quarantine_finding(target)


def stuck_finding(target: Target) -> Finding:
    """Return whether no file waits in the landing zone for long; the time counts since it came to be there."""
    folder = target.platform.data / "landing_zone"
    waiting = [(each.name, (folder / each.name).stat().st_ctime) for each in candidates(folder)]
    oldest = (target.now - STUCK).timestamp()
    problems = [
        f"{name} waits since {datetime.fromtimestamp(came, target.now.tzinfo):%Y-%m-%d %H:%M} UTC"
        for name, came in waiting
        if came < oldest
    ]
    remedy = (
        "Unpause file_ingestion_from_excel in Airflow and see that the triggerer is healthy; mercado landing ingest"
    )
    return judged(
        "landing.stuck",
        "landing zone",
        problems,
        healthy=f"{len(waiting)} files wait" if waiting else "empty",
        remedy=remedy,
        severity=Severity.WARNING,
    )


def _quarantine_finding(target: Target) -> Finding:
    folder = target.platform.data / "quarantine"
    files = [each for each in folder.rglob("*") if each.is_file() and not each.name.startswith(".")]
    refused = [each for each in files if not each.name.endswith(REPORT_SUFFIX)]
    problems = [f"{len(refused)} files; {_latest_refusal(target)}"] if refused else []
    remedy = f"Read the report beside it in {folder}; drop the mended file, or delete what is settled"
    return judged(
        "landing.quarantine", "quarantine", problems, healthy="empty", remedy=remedy, severity=Severity.WARNING
    )


def _latest_refusal(target: Target) -> str:
    try:
        with connect_briefly(target.platform.database_url("warehouse")) as connection:
            row = connection.execute(LATEST_REFUSAL).fetchone()
    except MercadoError:
        return "the ledger cannot be read"
    return f"the newest, {row[0]}: {row[1]}" if row else "the ledger knows none of them"
