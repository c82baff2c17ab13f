"""A dropped file's bytes, read once: what is hashed, parsed and archived is one and the same."""

import errno
import hashlib
import io
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from mercado.errors import LoadInProgressError
from mercado.landing.document import LARGEST_BYTES

READINGS: Final = 3
REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True)
class FileIdentity:
    """What tells a file from the one that replaces it, and from itself after it was written to."""

    device: int
    inode: int
    byte_count: int
    modified_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> "FileIdentity":
        """Return the identity of what was looked at."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


@dataclass(frozen=True)
class IncomingFile:
    """A file that was read.

    Attributes:
        path: Where it was.
        name: Its own, as PostgreSQL and a terminal can take it.
        identity: Of the file when it was read.
        sha256: Hex digest of its bytes.
        content: Its bytes; ``None`` when there are more than `LARGEST_BYTES`, which were only hashed.
    """

    path: Path
    name: str
    identity: FileIdentity
    sha256: str
    content: bytes | None

    @property
    def byte_count(self) -> int:
        """Return its size."""
        return self.identity.byte_count

    def stands(self, path: Path) -> bool:
        """Return whether that very file, unchanged, is at ``path``."""
        try:
            return FileIdentity.of(path.lstat()) == self.identity
        except FileNotFoundError:
            return False


def read_incoming(path: Path) -> IncomingFile:
    """Read a regular file.

    Raises:
        FileNotFoundError: It is gone.
        LoadInProgressError: It is being written.
        OSError: It may not be read, or is no regular file.
    """
    for _ in range(READINGS):
        with _opened(path) as file:
            identity = FileIdentity.of(os.fstat(file.fileno()))
            content = file.read(LARGEST_BYTES + 1) if identity.byte_count <= LARGEST_BYTES else None
            digest = hashlib.sha256(content) if content is not None else hashlib.file_digest(file, "sha256")
            unchanged = FileIdentity.of(os.fstat(file.fileno())) == identity
        if unchanged and (content is None or len(content) == identity.byte_count):
            printable = CONTROL.sub(REPLACEMENT, storable(path.name))
            return IncomingFile(path, printable, identity, digest.hexdigest(), content)
    raise LoadInProgressError(f"{path} changes while it is read: somebody is writing it. Nothing was loaded.")


def storable(text: str) -> str:
    """Return a text that PostgreSQL takes: without NUL and without half of a surrogate pair."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return whole.replace("\0", REPLACEMENT)


def _opened(path: Path) -> io.BufferedReader:
    # Without waiting: opening a pipe would wait for its writer.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is no regular file", str(path))
    return os.fdopen(descriptor, "rb")
