"""MLflow's artifacts: packed into one file, and put back beside those that are there.

A file's name says which run or model it belongs to, so files of two states of a platform stand side by side: those that
are missing are added before the databases change hands, and what the databases no longer know is removed afterwards. A
restore that is killed leaves every artifact that the databases, old or new, refer to.
"""

import os
import shutil
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

STAGED: Final = ".restoring"


def pack(folder: Path, file: Path) -> None:
    """Write the files under ``folder`` into a compressed archive; one that goes away meanwhile is left out.

    Who refers to an artifact was looked at before: whatever it names is here, or was deleted on purpose since.
    """
    with tarfile.open(file, "w:gz", compresslevel=1) as archive:
        for path in sorted(_files(folder)):
            try:
                archive.add(path, arcname=str(path.relative_to(folder)), recursive=False)
            except FileNotFoundError:
                continue


def stage(file: Path, folder: Path) -> None:
    """Unpack an archive into a hidden folder inside ``folder``; what an earlier attempt left there is removed.

    Unpacked by root, everything belongs to the owner of ``folder``, as what MLflow writes itself.
    """
    staged = folder / STAGED
    shutil.rmtree(staged, ignore_errors=True)
    staged.mkdir(parents=True)
    with tarfile.open(file, "r:gz") as archive:
        archive.extractall(staged, filter="data")
    owner = folder.stat()
    for path in (staged, *staged.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
        if os.getuid() == 0:
            os.chown(path, owner.st_uid, owner.st_gid)


def add_missing(folder: Path) -> None:
    """Move each staged file to its place unless one is there already."""
    for path in list(_files(folder / STAGED)):
        target = folder / path.relative_to(folder / STAGED)
        if not target.exists():
            _make_parents(target, folder)
            # A second name, and not a new one: the stage still says what belongs to the backup.
            os.link(path, target)


def keep_only_staged(folder: Path) -> None:
    """Make ``folder`` hold exactly what was staged, and remove the stage."""
    staged = folder / STAGED
    for path in list(_files(folder)):
        if not (staged / path.relative_to(folder)).exists():
            path.unlink()
    for path in list(_files(staged)):
        path.replace(folder / path.relative_to(staged))
    shutil.rmtree(staged)
    for path in sorted((path for path in folder.rglob("*") if path.is_dir()), reverse=True):
        if not any(path.iterdir()):
            path.rmdir()


def _make_parents(target: Path, folder: Path) -> None:
    owner = folder.stat()
    for parent in reversed(target.relative_to(folder).parents[:-1]):
        made = folder / parent
        if not made.exists():
            made.mkdir(mode=0o755)
            if os.getuid() == 0:
                os.chown(made, owner.st_uid, owner.st_gid)


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files under a folder, without those of the stage inside it."""
    for path in folder.rglob("*"):
        if path.relative_to(folder).parts[0] != STAGED and path.is_file() and not path.is_symlink():
            yield path
