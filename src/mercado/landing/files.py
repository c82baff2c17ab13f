"""The file system, with errors that say what to do, and files that appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mercado.disk import NO_SPACE
from mercado.errors import ConfigurationError, StorageFullError

# Of what is being written; one that is there when nobody writes was left by a killed process.
DRAFT_PREFIX: Final = ".mercado-draft-"


@contextmanager
def explained(folder: Path, *, during: str) -> Iterator[None]:
    """Turn an error of the file system into one that says what to do.

    Raises:
        StorageFullError: No space is left.
        ConfigurationError: The folder may not be written, or is none.
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            raise StorageFullError(
                f"No space is left in {folder} ({error.strerror}) for {during}. Nothing is lost, and what was loaded "
                f"is not loaded twice: free some space and run again."
            ) from error
        raise ConfigurationError(
            f"{folder} cannot be used for {during}: {error.strerror or error} ({error.filename or folder}). Expected a "
            f"folder that the user {os.geteuid()} may read and write; mend its owner or mode and run again."
        ) from error


def write_text(text: str, target: Path) -> None:
    """Write a file, whole or not at all, in place of an earlier one."""
    with explained(target.parent, during=f"writing {target.name}"):
        draft = target.parent / f"{DRAFT_PREFIX}text"
        try:
            with draft.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)


def flush(path: Path) -> None:
    """Make sure that a file's bytes, or a folder's names, are on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
