"""What the tasks of ``file_ingestion_from_excel`` do: open their resources, make one call, return what happened."""

import logging
from collections import Counter
from pathlib import Path
from typing import Any

from airflow.sdk import get_current_context

from mercado.errors import LoadInProgressError, RejectedFileError
from mercado.landing.ingest import FileOutcome, Folders, Status, configured_reader, ingest_file, replay
from mercado.landing.landing_zone import wait_until_settled
from mercado.settings import DataSettings
from mercado_airflow import links
from mercado_airflow.assets import WORKBOOK_TABLES, wrote
from mercado_airflow.notes import counted, note, plain
from mercado_airflow.warehouse import warehouse_connection

log = logging.getLogger(__name__)
# Files still being written when a run starts have a run of their own later: the trigger tells of them.
PATIENCE_SECONDS = 10.0
# Airflow expands a task into 1024 at most; the trigger tells of the others again.
MOST_FILES = 1000
COUNTED = ("inserted", "updated", "unchanged", "rejected")


def find_files(wanted: list[str] | None, replays: list[str] | None) -> list[dict[str, Any]]:
    """Return the arguments of one mapped task per file.

    Args:
        wanted: Names in the landing folder; ``None``: every complete file there.
        replays: Digests, or paths in archive or quarantine, to load again.
    """
    settled, unsettled = wait_until_settled(DataSettings.read().landing_zone, patience_seconds=PATIENCE_SECONDS)
    names = [file.name for file in settled]
    for name in unsettled:
        log.warning("%s is still being written: left for a later run", name)
    wanted, replays = ([each for each in stated or [] if each] for stated in (wanted, replays))
    if wanted:
        missing = sorted(set(wanted) - set(names))
        if missing:
            raise RejectedFileError(f"Not in the landing folder: {', '.join(missing)}. There are: {', '.join(names)}.")
        names = wanted
    if replays and not wanted:
        names = []
    if len(names) > MOST_FILES:
        log.warning(
            "%d files are there; the first %d are for this run, the others for later ones", len(names), MOST_FILES
        )
        names = names[:MOST_FILES]
    return [{"file": name} for name in names] + [{"file": each, "again": True} for each in replays]


def ingest_one(file: str, *, again: bool) -> dict[str, Any]:
    """Load one file, or explain in quarantine why not; return what happened.

    Raises:
        RejectedFileError: It was refused; the message says why, the report beside it in quarantine every problem.
        LoadInProgressError: It stays where it is: another process loads it, or it may not be read.
    """
    data = DataSettings.read()
    folders, read = Folders.of(data), configured_reader()
    with warehouse_connection(f"landing {file}") as connection:
        if again:
            outcome = replay(connection, file, folders, read=read)
        else:
            outcome = ingest_file(connection, data.landing_zone / file, folders, read=read)
    told = _told(outcome, data.folder)
    get_current_context()["ti"].xcom_push("outcome", told)
    if outcome.status is Status.REFUSED:
        error = RejectedFileError(f"{outcome.name} is in quarantine ({told['kept_at']}): {outcome.error}")
        error.add_note(f"- every problem: `data/{told['kept_at']}.report.md`")
        error.add_note(f"- SHA-256, for the Param *Load again*: `{outcome.sha256}`")
        error.add_note(f"{links.rejected_rows(source='landing')} · {links.data_health()}")
        raise error
    if outcome.status is Status.WAITING:
        raise LoadInProgressError(f"{outcome.name} stays where it is: {outcome.error}")
    tables = WORKBOOK_TABLES[outcome.layout] if outcome.layout and outcome.status is Status.LOADED else []
    wrote(*tables, **{name: told[name] for name in ("load_id", "name", "report_date", *COUNTED)})
    note(*_note_lines(told))
    return told


def summarise() -> list[str]:
    """Log and return a line per file of this run: what happened to it, and where it is now."""
    instance = get_current_context()["ti"]
    outcomes = instance.xcom_pull(task_ids=["ingest"], key="outcome")
    lines = [_line(outcome) for outcome in outcomes if outcome]
    for line in lines:
        log.info("%s", line)
    if not lines:
        log.info("no file was ready")
    note(*_summary([outcome for outcome in outcomes if outcome]), links.data_health())
    return lines


def _told(outcome: FileOutcome, folder: Path) -> dict[str, Any]:
    counts = outcome.counts
    return {
        "name": outcome.name,
        "sha256": outcome.sha256,
        "load_id": outcome.load_id,
        "status": outcome.status.value,
        "layout": outcome.layout,
        "report_date": str(outcome.report_date) if outcome.report_date else None,
        "inserted": counts.inserted,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "rejected": outcome.rejected,
        "notes": list(outcome.notes[:20]),
        "unmapped": [str(each) for each in outcome.unmapped[:20]],
        "kept_at": str(outcome.kept_at.relative_to(folder)) if outcome.kept_at else None,
        "error": outcome.error,
    }


def _note_lines(told: dict[str, Any]) -> list[str]:
    if told["status"] == Status.GONE:
        return [f"{plain(told['name'])} vanished before it could be read: there is nothing to do."]
    load = f", load {told['load_id']}" if told["load_id"] else ""
    lines = [f"**{plain(told['name'])}**: {told['status']}{load}; the {told['layout']} annex of {told['report_date']}."]
    lines += [counted(told), f"- kept as `data/{told['kept_at']}`", f"- SHA-256 `{told['sha256']}`"]
    lines += [f"- {plain(each)}" for each in told["notes"]]
    rejected = [links.rejected_rows(load_id=told["load_id"])] if told["rejected"] and told["load_id"] else []
    return [*lines, " · ".join([*rejected, links.data_health()])]


def _summary(outcomes: list[dict[str, Any]]) -> list[str]:
    """Return how many files had which fate, then each file, those that need a person first."""
    if not outcomes:
        return ["No file was ready: there was nothing to do."]
    fates = Counter(told["status"] for told in outcomes)
    ordered = sorted(outcomes, key=lambda told: told["status"] in (Status.LOADED, Status.ALREADY_LOADED))
    files = (f"- {plain(told['name'])}: {told['status']}, {told['inserted']:,} inserted" for told in ordered)
    files_word = "file" if len(outcomes) == 1 else "files"
    return [
        f"**{len(outcomes):,} {files_word}**: {', '.join(f'{count} {fate}' for fate, count in fates.items())}.",
        *files,
    ]


def _line(told: dict[str, Any]) -> str:
    if told["status"] == Status.REFUSED:
        return f"{told['name']}: refused, see {told['kept_at']}.report.md: {told['error']}"
    if told["status"] in (Status.GONE, Status.WAITING):
        return f"{told['name']}: {told['status']}: {told['error'] or 'it vanished before it could be read'}"
    counts = ", ".join(f"{told[what]} {what}" for what in COUNTED)
    return f"{told['name']}: {told['status']} ({told['layout']} of {told['report_date']}): {counts}; {told['kept_at']}"
