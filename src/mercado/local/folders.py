"""The folders of a local platform: made before the first start, deleted when it is destroyed."""

import os
import shutil
from pathlib import Path

from mercado.local.platform import Platform
from mercado.local.record import FILE as RECORD_FILE

LARGEST_LOG_BYTES = 10_000_000
DATA_FOLDERS = ("landing_zone", "archive", "quarantine", "raw", "bitcoin", "backups")
# What the platform itself writes into its state; real sources keep their data elsewhere.
STATE_FOLDERS = ("airflow", "logs", "mlflow", "postgres", "data")
STATE_FILES = ("env", "supervisord.conf", RECORD_FILE, "POSTGRES_IS_IN")


def make_folders(platform: Platform) -> None:
    """Make what the services write into.

    Made by root, the data folders can be written by root's group, to which the processes in containers belong.
    """
    platform.state.mkdir(mode=0o700, exist_ok=True)
    for folder in (platform.logs, platform.state / "mlflow" / "artifacts"):
        folder.mkdir(parents=True, exist_ok=True)
    for name in DATA_FOLDERS:
        folder = platform.data / name
        folder.mkdir(parents=True, exist_ok=True)
        if os.getuid() == 0:
            folder.chmod(0o775)


def delete_state(platform: Platform) -> None:
    """Delete what the platform itself wrote into its folder, and nothing that a person may have put there."""
    for name in STATE_FOLDERS:
        shutil.rmtree(platform.state / name, ignore_errors=True)
    for name in STATE_FILES:
        (platform.state / name).unlink(missing_ok=True)
    shutil.rmtree(platform.runtime, ignore_errors=True)
    if platform.state.exists() and not any(platform.state.iterdir()):
        platform.state.rmdir()


def bound_log(log: Path) -> None:
    """Move a log that supervisor does not rotate aside once it is large, in place of the one moved before."""
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.replace(log.with_name(f"{log.name}.1"))
