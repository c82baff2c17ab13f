"""The landing zone: which files in it are candidates, and which of them nobody is writing any more.

Whatever is dropped is loaded or explained, so every regular file is a candidate, in sub-folders too, whatever its
extension. Left alone are hidden files and folders, and the temporary names of browsers, editors and copying programs.
Links are not followed, neither to files nor to folders: what they point at was not dropped here, and is not ours to
move. A folder that may not be listed is a candidate itself, so that somebody hears of it.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from os import scandir, stat_result
from pathlib import Path
from typing import Final

QUIET_SECONDS: Final = 2.0
POLL_SECONDS: Final = 0.25
# Folders that a killed run may leave behind, with a file that it took out of its place (`mercado.landing.moving`).
TAKEN_PREFIX: Final = ".mercado-taken-"
TEMPORARY: Final = re.compile(r"~\$.*|.*~|.*\.(tmp|part|partial|crdownload|filepart|swp)", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True)
class Candidate:
    """A file in the landing zone as it was seen; another sight of it is equal while nothing is written.

    Attributes:
        name: Path relative to the landing zone.
        inode: That the name stands for.
        byte_count: Its size.
        modified_ns: Its modification time, in ns since the epoch.
    """

    name: str
    inode: int
    byte_count: int
    modified_ns: int


def candidates(folder: Path) -> list[Candidate]:
    """Return the files that may be loaded, the one written last at the end, so that a correction comes after its error.

    Args:
        folder: The landing zone; when it does not exist, nothing is in it.
    """
    found = [_seen(path.relative_to(folder), status) for path, status in _files(folder)]
    return sorted(found, key=lambda each: (each.modified_ns, each.name))


class SettledFiles:
    """Knows since when each file has been unchanged, from looking at the landing zone again and again.

    A time of modification in the past proves nothing: ``cp -p`` and network shares set it as they like.

    Args:
        folder: The landing zone.
        quiet_seconds: How long size, time and inode stay the same before a file counts as complete.
    """

    def __init__(self, folder: Path, *, quiet_seconds: float = QUIET_SECONDS) -> None:
        self._folder = folder
        self._quiet_seconds = quiet_seconds
        self._since: dict[Candidate, float] = {}

    def look(self, now: float) -> list[Candidate]:
        """Look into the folder and return the files that are complete.

        Args:
            now: Of a clock that never goes back, in seconds.
        """
        return self.observe(candidates(self._folder), now)

    def observe(self, seen: Iterable[Candidate], now: float) -> list[Candidate]:
        """Return the files among those seen now that are complete; the others are waited for."""
        self._since = {each: self._since.get(each, now) for each in seen}
        return [each for each, since in self._since.items() if now - since >= self._quiet_seconds]


def wait_until_settled(
    folder: Path,
    *,
    patience_seconds: float = 60.0,
    on_look: Callable[[list[Candidate]], None] = lambda seen: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> tuple[list[Candidate], list[str]]:
    """Wait until every file is complete, or patience ends.

    Args:
        folder: The landing zone.
        patience_seconds: After which files still being written are left for later; never less than it takes to see
            that a file is complete.
        on_look: Called with the files that are there, complete or not, whenever they are looked at.
        clock: That never goes back, in seconds.
        sleep: Waits for so many seconds.

    Returns:
        The complete files, and the names of those still being written.
    """
    settled_files = SettledFiles(folder)
    deadline = clock() + max(patience_seconds, QUIET_SECONDS + POLL_SECONDS)
    while True:
        now = clock()
        seen = candidates(folder)
        settled = settled_files.observe(seen, now)
        on_look(seen)
        if len(settled) == len(seen) or now >= deadline:
            return settled, [each.name for each in seen if each not in settled]
        sleep(POLL_SECONDS)


def _files(folder: Path) -> Iterator[tuple[Path, stat_result]]:
    try:
        with scandir(folder) as listing:
            entries = list(listing)
    except FileNotFoundError:
        return
    except PermissionError:
        yield folder, folder.stat()
        return
    for entry in entries:
        hidden = entry.name.startswith(".")
        if entry.is_dir(follow_symlinks=False):
            if not hidden or entry.name.startswith(TAKEN_PREFIX):
                yield from _files(Path(entry.path))
        elif entry.is_file(follow_symlinks=False) and not hidden and not TEMPORARY.fullmatch(entry.name):
            # It may be gone by now.
            with suppress(FileNotFoundError):
                yield Path(entry.path), entry.stat(follow_symlinks=False)


def _seen(name: Path, status: stat_result) -> Candidate:
    return Candidate(str(name), status.st_ino, status.st_size, status.st_mtime_ns)
