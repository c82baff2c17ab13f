"""Workbooks read by other processes before their turn to be loaded comes, already while files are waited for.

Reading costs more than loading and needs no database, loading is one file after the other. What was read is used only
for the very bytes that are loaded: who finds other bytes in the file by then, reads them again.
"""

import gc
import multiprocessing
import os
import signal
import threading
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from types import TracebackType
from typing import Final, NamedTuple, Self

from mercado.errors import LoadInProgressError, RejectedFileError
from mercado.landing.content import IncomingFile, read_incoming
from mercado.landing.prepared import PreparedDocument, Reader, prepare

# Starting a process costs as much as reading this many workbooks.
LEAST_FILES: Final = 20
MOST_PROCESSES: Final = 4
# Of workbooks that are read, but not yet loaded: it bounds the memory, as rows take about twice their file's bytes.
MOST_BYTES: Final = 12_000_000
PATIENCE: Final = 10
GARBAGE_THRESHOLD: Final = 200_000


class Ahead(NamedTuple):
    """What another process read.

    Attributes:
        sha256: Of the bytes.
        document: What they say, or why they cannot be loaded.
    """

    sha256: str
    document: PreparedDocument | RejectedFileError


class ReadAhead:
    """Reads expected files in other processes; use it as a context, which ends them.

    Args:
        read: Reads a workbook; processes import it by its name.
        processes: How many; default: one for each processor that may be used, at most `MOST_PROCESSES`, none if there
            is only one.
    """

    def __init__(self, read: Reader, *, processes: int | None = None) -> None:
        available = min(len(os.sched_getaffinity(0)), MOST_PROCESSES)
        self._processes = (available if available > 1 else 0) if processes is None else processes
        self._read = read
        self._pool: ProcessPoolExecutor | None = None
        self._waiting: dict[Path, None] = {}
        self._begun: dict[Path, tuple[int, Future[Ahead | None]]] = {}
        self._done: set[Path] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def expect(self, paths: Iterable[Path]) -> None:
        """Begin to read files, in the order in which they will be loaded; call it again when more are known."""
        known = self._begun.keys() | self._done
        self._waiting = {path: None for path in paths if path not in known}
        if self._pool is None and self._processes and len(self._waiting) >= LEAST_FILES:
            self._pool = ProcessPoolExecutor(self._processes, multiprocessing.get_context("spawn"), _prepare_process)
        self._begin()

    def document(self, incoming: IncomingFile) -> PreparedDocument | None:
        """Return what a file says, or ``None`` if these very bytes were not read ahead.

        Raises:
            RejectedFileError: They were, and cannot be loaded.
        """
        if incoming.path not in self._begun:
            return None
        _, begun = self._begun[incoming.path]
        try:
            ahead = begun.result()
        except BrokenProcessPool:
            # A process was killed, for want of memory perhaps. That costs time, but no file.
            return None
        if ahead is None or ahead.sha256 != incoming.sha256:
            return None
        if isinstance(ahead.document, RejectedFileError):
            raise ahead.document
        return ahead.document

    def done(self, path: Path) -> None:
        """Forget a file that had its turn, and begin to read others."""
        self._done.add(path)
        self._waiting.pop(path, None)
        _, begun = self._begun.pop(path, (0, None))
        if begun is not None:
            begun.cancel()
        self._begin()

    def _begin(self) -> None:
        """Hand files to the processes, as many as memory allows, but always one."""
        ahead = sum(byte_count for byte_count, _ in self._begun.values())
        while self._pool is not None and self._waiting and (ahead < MOST_BYTES or not self._begun):
            path = next(iter(self._waiting))
            del self._waiting[path]
            try:
                byte_count = path.stat().st_size
                self._begun[path] = byte_count, self._pool.submit(_read_file, path, self._read)
            except OSError:
                # Whoever loads it says what is wrong with it.
                continue
            except BrokenProcessPool:
                self._waiting.clear()
                return
            ahead += byte_count


def _read_file(path: Path, read: Reader) -> Ahead | None:
    try:
        incoming = read_incoming(path)
    except (OSError, LoadInProgressError):
        return None
    try:
        return Ahead(incoming.sha256, prepare(incoming, read))
    except RejectedFileError as error:
        return Ahead(incoming.sha256, error)


def _prepare_process() -> None:
    """Leave an interrupt to the process that it reads for, and end with that one even if it is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # What they read has time; what is loaded now is waited for.
    os.nice(PATIENCE)
    # A workbook is tens of thousands of objects without a cycle: looking for one takes a fifth of the time.
    gc.set_threshold(GARBAGE_THRESHOLD)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
