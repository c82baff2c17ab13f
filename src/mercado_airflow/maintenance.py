"""The tasks of ``platform_maintenance``: a backup, then one task for each thing that piles up.

The DAG's file imports this module, and is parsed every half minute: what is heavy is imported when a task runs.
"""

import logging
from datetime import UTC, datetime
from functools import partial
from typing import Any

from mercado.maintenance.removed import MEGABYTE
from mercado.maintenance.retention import Cleaner, Step
from mercado_airflow.assets import BACKUPS, wrote
from mercado_airflow.notes import note
from mercado_airflow.warehouse import warehouse_connection

log = logging.getLogger(__name__)
# What may be removed though no backup could be made: nobody would restore it, and a full disk needs the room.
WITHOUT_BACKUP = (Step.BACKUPS, Step.LOGS, Step.METADATA)


def make_backup(params: dict[str, Any] | None = None) -> str:
    """Back up the databases, the models, the list of raw answers and the key; return the backup's name."""
    from airflow.sdk.exceptions import AirflowSkipException

    from mercado.maintenance.backup import BackupSource, back_up
    from mercado.maintenance.settings import BackupSettings

    if params and not params["backup"]:
        raise AirflowSkipException("No backup was wanted.")
    settings = BackupSettings.read()
    backup = back_up(BackupSource.from_settings(settings), settings.folder)
    log.info("Backup %s", backup.path)
    byte_count = sum(file.stat().st_size for file in backup.path.rglob("*") if file.is_file())
    wrote(BACKUPS, name=backup.path.name, byte_count=byte_count)
    note(
        f"**Backup** `{backup.path}`, {byte_count / MEGABYTE:,.1f} MB.",
        "`mercado restore` with this folder brings it back, while the platform is stopped: docs/operating.md.",
    )
    return backup.path.name


def clean(step: str, params: dict[str, Any] | None = None) -> dict[str, int]:
    """Remove what is older than the settings allow; return how many and how many bytes.

    Args:
        step: What to look at: a value of `Step`.
        params: The run's Params.
    """
    from airflow.sdk.exceptions import AirflowSkipException

    dry_run = bool(params and params["dry_run"])
    cleaner = Cleaner(partial(warehouse_connection, f"maintenance {step}"), datetime.now(UTC), dry_run)
    removed = cleaner.clean(Step(step))
    if removed is None:
        raise AirflowSkipException(f"{step}: kept for ever, as the settings say.")
    log.info("%s", removed.sentence(dry_run=dry_run))
    note(f"{removed.sentence(dry_run=dry_run)}.")
    return {"count": removed.count, "byte_count": removed.byte_count}
