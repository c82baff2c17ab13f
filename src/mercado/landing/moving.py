"""Files put into a folder and taken out of one: whole or not at all, never over another, safe against a crash.

A file is not renamed into the archive: the bytes that were loaded are written there, so that what is archived is what
was loaded, across file systems and whatever has become of the dropped file meanwhile. They appear under their name
whole and flushed to disk; only then the dropped file is removed.
"""

import errno
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from mercado.errors import LoadInProgressError
from mercado.landing.content import IncomingFile
from mercado.landing.files import DRAFT_PREFIX, explained, flush
from mercado.landing.landing_zone import TAKEN_PREFIX

REPORT_SUFFIX: Final = ".report.md"
# What a file system takes, less what is added to a name.
LONGEST_STEM_BYTES: Final = 150
LONGEST_SUFFIX_BYTES: Final = 16


def keep(
    incoming: IncomingFile,
    folder: Path,
    names: Iterable[str],
    *,
    link: Callable[[Path, Path], None] = os.link,
) -> Path:
    """Return the file of a folder that has the incoming bytes: one that is there already, or a new one.

    One process at a time: what a killed one left half-written is removed.

    Args:
        incoming: What to keep.
        folder: Where; it is made when it is not there.
        names: That the bytes may be there under; a new file gets the last one, or a variant when that is taken.
        link: Gives a file a second name, unless that is taken.

    Raises:
        StorageFullError: No space is left; the folder is as it was.
        ConfigurationError: The folder may not be written.
        LoadInProgressError: The file is too large to be in memory, and has been replaced meanwhile.
    """
    wanted = list(names)
    with explained(folder, during=f"keeping {incoming.name}"):
        folder.mkdir(parents=True, exist_ok=True)
        for half_written in folder.glob(f"{DRAFT_PREFIX}*"):
            half_written.unlink()
        for copy in copies(incoming, folder, wanted):
            return copy
        draft = folder / f"{DRAFT_PREFIX}{incoming.sha256[:16]}"
        try:
            _write_draft(incoming, draft)
            return _publish(draft, [folder / name for name in variants(wanted[-1], incoming.sha256)], link)
        finally:
            draft.unlink(missing_ok=True)


def copies(incoming: IncomingFile, folder: Path, names: Iterable[str]) -> Iterator[Path]:
    """Yield the files of a folder, under one of the names or its variants, that have the incoming bytes."""
    for possible in dict.fromkeys(each for name in names for each in variants(name, incoming.sha256)):
        if has_bytes(folder / possible, incoming):
            yield folder / possible


def has_bytes(path: Path, incoming: IncomingFile) -> bool:
    """Return whether a file is there with the incoming bytes."""
    try:
        if path.is_symlink() or path.stat().st_size != incoming.byte_count:
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == incoming.sha256
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        return False


def variants(name: str, sha256: str) -> list[str]:
    """Return the names that a content may be kept under, the best first: its own, then with a part of its digest.

    None is longer than a file system takes with `REPORT_SUFFIX` behind it, and none looks like a report.
    """
    suffix = Path(name).suffix
    if len(suffix.encode()) > LONGEST_SUFFIX_BYTES:
        suffix = ""
    stem = name.removesuffix(suffix).encode()[:LONGEST_STEM_BYTES].decode("utf-8", "ignore")
    named = [f"{stem}{suffix}", f"{stem}-{sha256[:8]}{suffix}", f"{stem}-{sha256}{suffix}"]
    return [each for each in named if not each.lower().endswith(REPORT_SUFFIX)]


def take_away(incoming: IncomingFile) -> None:
    """Remove a file that was read from its folder, unless another has taken its place: that one has its own turn.

    It is moved aside first and looked at there, so that a file which arrives at this very moment is not removed for it;
    such a one is left aside, where the next look into the landing zone finds it.
    """
    path = incoming.path
    if not incoming.stands(path):
        return
    purpose = f"removing {path.name}, which is kept elsewhere by now"
    with explained(path.parent, during=purpose), suppress(FileNotFoundError):
        aside = Path(tempfile.mkdtemp(prefix=TAKEN_PREFIX, dir=path.parent))
        try:
            taken = path.rename(aside / path.name)
            if incoming.stands(taken):
                taken.unlink()
        finally:
            _remove_empty(aside)
    if path.parent.name.startswith(TAKEN_PREFIX):
        _remove_empty(path.parent)


def _write_draft(incoming: IncomingFile, draft: Path) -> None:
    if incoming.content is None:
        _copy_large(incoming, draft)
    else:
        draft.write_bytes(incoming.content)
    os.utime(draft, ns=(incoming.identity.modified_ns, incoming.identity.modified_ns))
    flush(draft)


def _copy_large(incoming: IncomingFile, draft: Path) -> None:
    """Bring a file that is not in memory under the name of the draft; within a file system this takes no space."""
    with suppress(OSError):
        draft.hardlink_to(incoming.path)
        if incoming.stands(draft):
            return
        draft.unlink()
    with suppress(FileNotFoundError):
        shutil.copyfile(incoming.path, draft)
    if not has_bytes(draft, incoming):
        raise LoadInProgressError(f"{incoming.path} has changed since it was read; what is there has its own turn.")


def _publish(draft: Path, targets: Iterable[Path], link: Callable[[Path, Path], None]) -> Path:
    for target in targets:
        try:
            link(draft, target)
        except OSError:
            if os.path.lexists(target):
                continue
            # A file system without hard links. Only one process is here at a time, so nobody takes the name meanwhile.
            draft.rename(target)
        flush(target.parent)
        return target
    raise FileExistsError(errno.EEXIST, "all its names are taken by other files", str(draft.parent))


def _remove_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()
