"""Airflow's old logs: a run's task logs together, everything else file by file."""

from collections import defaultdict
from datetime import datetime
from pathlib import Path

from mercado.maintenance.old_files import FoundFile, files_below, remove_empty_folders, remove_file
from mercado.maintenance.removed import Removed

RUN_PREFIX = "run_id="


def clean_logs(folder: Path, *, before: datetime, dry_run: bool = False) -> Removed:
    """Remove the logs below a folder that nobody has written to since an instant.

    The logs of a run stay together: as long as one of them is young, all are kept. No run lasts as long as the
    shortest age that the settings allow, so the log of a run under way is never removed.

    Args:
        folder: Airflow's base log folder: ``dag_id=…/run_id=…/task_id=…/attempt=1.log``, ``dag_processor/…``.
        before: In UTC.
        dry_run: Only count.

    Raises:
        ConfigurationError: A folder may not be read, or a file not be removed; names it.
    """
    units: dict[Path, list[FoundFile]] = defaultdict(list)
    for file in files_below(folder):
        units[_unit(file.path, folder)].append(file)
    removed = Removed("logs")
    for files in units.values():
        if max(file.modified_s for file in files) >= before.timestamp():
            continue
        for file in files:
            removed = removed.plus(file.byte_count)
            if not dry_run:
                remove_file(file.path)
    if not dry_run:
        remove_empty_folders(folder, before=before)
    return removed


def _unit(path: Path, folder: Path) -> Path:
    """Return the folder of the run that a log is of, or else the log itself."""
    for parent in path.relative_to(folder).parents:
        if parent.name.startswith(RUN_PREFIX):
            return folder / parent
    return path
