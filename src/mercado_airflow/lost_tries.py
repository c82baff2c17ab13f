"""Tries that died without a word: with their scheduler, or for want of memory; the next try says so in its log."""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)
# The task runner writes this last, whether the task succeeded or failed.
LAST_WORDS = '"event":"::endgroup::"'
TAIL_BYTES = 4096


def tell_lost_try(context: Mapping[str, Any]) -> None:
    """Say in a task's log that the try before this one was killed, if it was."""
    if text := lost_try(context["ti"]):
        log.warning("%s", text)


def lost_try(task: Any) -> str | None:
    """Return in a sentence that the try before this one was killed, and when it wrote last; ``None`` if it was not.

    Airflow marks such a try as failed and starts another, but nowhere in its UI says why.

    Args:
        task: The task instance that runs now.
    """
    before = task.try_number - 1
    ended = silent_end(_log_folder(task) / f"attempt={before}.log") if before else None
    if ended is None:
        return None
    return (
        f"Try {before} was killed: its log ends at {ended:%Y-%m-%d %H:%M:%S} UTC without a last word, as when the "
        f"scheduler's container stops or dies, or memory is out. Nothing of it was half-done; this try begins afresh."
    )


def silent_end(file: Path) -> datetime | None:
    """Return when a log was written last, if its process could not end it; ``None`` if it did, or there is no log."""
    try:
        with file.open("rb") as content:
            content.seek(max(0, file.stat().st_size - TAIL_BYTES))
            tail = content.read().decode("utf-8", errors="replace")
        ended = datetime.fromtimestamp(file.stat().st_mtime, UTC)
    except FileNotFoundError:
        return None
    last = tail.rstrip().splitlines()[-1:]
    return None if last and LAST_WORDS in last[0] else ended


def _log_folder(task: Any) -> Path:
    from airflow.sdk.configuration import conf

    base = Path(conf.get("logging", "base_log_folder"))
    folder = base / f"dag_id={task.dag_id}" / f"run_id={task.run_id}" / f"task_id={task.task_id}"
    return folder / f"map_index={task.map_index}" if task.map_index >= 0 else folder
