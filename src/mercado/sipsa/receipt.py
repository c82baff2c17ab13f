"""An answer on its way to disk: compressed, hashed and counted, then kept under a name that says how it ended."""

import gzip
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Final

import requests
from urllib3.exceptions import HTTPError

from mercado.disk import NO_SPACE
from mercado.errors import StorageFullError

BLOCK_BYTES: Final = 1 << 16
# Level 1 keeps up with the network and makes such XML many times smaller.
COMPRESSION: Final = 1
HEAD_BYTES: Final = 1 << 16
TAIL_BYTES: Final = 1 << 10


def remove_parts(folder: Path, name: str) -> None:
    """Remove what killed processes left half-written of answers whose stems begin with a name."""
    for part in folder.glob(f"{name}-*.part"):
        part.unlink(missing_ok=True)


class Receipt:
    """What came so far: on disk as a ``.part`` file, its hash and size, its beginning and its end."""

    def __init__(self, stem: Path) -> None:
        self._stem = stem
        self._part = stem.with_name(f"{stem.name}.part")
        self.sha256 = hashlib.sha256()
        self.byte_count = 0
        self.head = self.tail = b""

    def write(self, response: requests.Response, progress: Callable[[str], None]) -> HTTPError | None:
        """Write the answer as it comes; return what interrupted it."""
        try:
            with gzip.open(self._part, "wb", compresslevel=COMPRESSION) as file:
                try:
                    # Not requests' iter_content: it drops what came of the block in which an answer is cut.
                    while block := response.raw.read1(BLOCK_BYTES, decode_content=True):
                        self._add(block)
                        file.write(block)
                        progress(f"{self.byte_count / 1e6:,.1f} MB fetched")
                except HTTPError as error:
                    return error
        except OSError as error:
            self._part.unlink(missing_ok=True)
            if error.errno in NO_SPACE:
                raise StorageFullError(
                    f"No space left for {self._stem}.xml.gz ({error.strerror}). Free some, run again."
                ) from error
            raise
        return None

    def _add(self, block: bytes) -> None:
        self.sha256.update(block)
        self.byte_count += len(block)
        self.head += block[: HEAD_BYTES - len(self.head)]
        self.tail = (self.tail + block)[-TAIL_BYTES:]

    def keep_whole(self) -> Path:
        """Give the whole answer its name and return it."""
        return self._part.replace(self._stem.with_name(f"{self._stem.name}.xml.gz"))

    def keep_failed(self) -> str:
        """Keep what came for diagnosis and return a sentence that names the file."""
        path = self._part.replace(self._stem.with_name(f"{self._stem.name}.failed.xml.gz"))
        return f" What came ({self.byte_count} bytes) is in {path}."
