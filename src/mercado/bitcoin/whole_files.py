"""Files that appear whole or not at all."""

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from mercado.disk import NO_SPACE
from mercado.errors import StorageFullError

PART_SUFFIX: Final = ".part"
ABANDONED_SECONDS: Final = 86_400


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield the path of a draft beside ``target``, which takes its place, flushed to disk, when the block ends well.

    Drafts that killed processes left are removed once they are a day old.

    Raises:
        StorageFullError: The disk is full; the file is as it was before.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(target)
    draft = draft_of(target)
    try:
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
        draft.replace(target)
    except OSError as error:
        if error.errno in NO_SPACE:
            raise StorageFullError(
                f"No space left for {target} ({error.strerror}); the old file is kept. Free some, run again."
            ) from error
        raise
    finally:
        draft.unlink(missing_ok=True)


def draft_of(target: Path) -> Path:
    """Return where this process writes ``target`` first; containers that share a folder may have equal process ids."""
    return target.with_name(f".{target.name}.{socket.gethostname()}.{os.getpid()}{PART_SUFFIX}")


def _remove_abandoned(target: Path) -> None:
    for draft in target.parent.glob(f".{target.name}.*{PART_SUFFIX}"):
        with suppress(FileNotFoundError):  # another process removes it, too
            if time.time() - draft.lstat().st_mtime > ABANDONED_SECONDS:
                draft.unlink()
