"""Old files below a folder: found and removed without ever following a symbolic link."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from stat import S_ISREG

from mercado.errors import ConfigurationError


@dataclass(frozen=True)
class FoundFile:
    """A regular file.

    Attributes:
        path: Where it is.
        modified_s: When it was written last, in s since the epoch.
        byte_count: Its size, in bytes.
    """

    path: Path
    modified_s: float
    byte_count: int


def files_below(folder: Path) -> Iterator[FoundFile]:
    """Yield each regular file below a folder; links, and what vanishes meanwhile, are passed over.

    Raises:
        ConfigurationError: A folder may not be read; names it.
    """
    with readable(folder):
        for parent, _, names in os.walk(folder, onerror=_unless_gone):
            for name in names:
                found = _regular_file(Path(parent) / name)
                if found is not None:
                    yield found


def remove_file(path: Path) -> None:
    """Remove a file; one that is gone already is as well.

    Raises:
        ConfigurationError: It may not be removed.
    """
    with readable(path.parent):
        path.unlink(missing_ok=True)


def remove_empty_folders(folder: Path, *, before: datetime) -> None:
    """Remove the empty folders below a folder that have not changed since an instant; the folder itself stays.

    One that has just been emptied has changed, so it goes the next time, and no process that has just made a folder for
    a file of its own loses it.
    """
    with readable(folder):
        for parent, names, _ in os.walk(folder, topdown=False, onerror=_unless_gone):
            for name in names:
                child = Path(parent) / name
                if not child.is_symlink() and child.stat().st_mtime < before.timestamp():
                    _remove_if_empty(child)


@contextmanager
def readable(folder: Path) -> Iterator[None]:
    """Turn an error of the file system into one that says what to do.

    Raises:
        ConfigurationError: The folder, or something in it, may not be read or changed.
    """
    try:
        yield
    except FileNotFoundError:
        return  # Whatever vanishes meanwhile needs no removal; what is left has its turn next time.
    except OSError as error:
        raise ConfigurationError(
            f"{error.filename or folder} cannot be cleaned ({error.strerror or error}): the user {os.geteuid()} must "
            f"be able to read and change {folder}; mend its owner or mode and run again."
        ) from error


def _remove_if_empty(folder: Path) -> None:
    try:
        folder.rmdir()
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def _regular_file(path: Path) -> FoundFile | None:
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    return FoundFile(path, status.st_mtime, status.st_size) if S_ISREG(status.st_mode) else None


def _unless_gone(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error
