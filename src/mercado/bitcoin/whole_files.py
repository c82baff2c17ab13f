"""Files that appear whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mercado.disk import NO_SPACE
from mercado.errors import StorageFullError


@contextmanager
def whole_file(target: Path) -> Iterator[Path]:
    """Yield the path of a draft beside ``target``, which takes its place, flushed to disk, when the block ends well.

    Raises:
        StorageFullError: The disk is full; the file is as it was before.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_suffix(f".{os.getpid()}.part")
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
