"""The folder that backups are made in: one process at a time, no leftovers, and errors that name the remedy."""

import fcntl
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mercado.disk import NO_SPACE
from mercado.errors import BackupInProgressError, ConfigurationError, StorageFullError
from mercado.maintenance.backups import HIDDEN_PREFIX, NAME_FORMAT

LOCK: Final = ".lock"


def free_name(folder: Path) -> Path:
    """Return a path that no backup has: one is named by its second, and two may be asked for in one."""
    while (path := folder / datetime.now(UTC).strftime(NAME_FORMAT)).exists():
        time.sleep(0.1)
    return path


def remove_leftovers(folder: Path) -> None:
    """Remove what killed backups and deletions left behind; only under the lock."""
    for leftover in folder.glob(f"{HIDDEN_PREFIX}*"):
        shutil.rmtree(leftover)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the folder's lock, which the system lets go of when this process ends, however it ends."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o660)
    try:
        if os.fstat(descriptor).st_uid == os.getuid():
            os.fchmod(descriptor, 0o660)  # root's processes and the containers' user share group 0
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise BackupInProgressError(
                f"Another backup is being made in {folder}: let it end and try again."
            ) from error
        yield
    finally:
        os.close(descriptor)


@contextmanager
def storage_errors(folder: Path) -> Iterator[None]:
    """Turn what the system says of the folder into errors that name the remedy, as `back_up` says."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            raise StorageFullError(
                f"The disk is full: no room for a backup in {folder}. Free some space, or choose another folder with "
                f"MERCADO_BACKUP_DIR; nothing half-written was left behind."
            ) from error
        if isinstance(error, PermissionError):
            raise ConfigurationError(
                f"{error.filename or folder} may not be read or written by user {os.getuid()}: give it the folder "
                f"(in containers AIRFLOW_UID), or choose another with MERCADO_BACKUP_DIR."
            ) from error
        raise


def flush(path: Path) -> None:
    """Return when a file's bytes, or a folder's names, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
