"""The data folders: there, writable for who writes, and without files that containers cannot touch."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from mercado.doctor.findings import Finding, Severity, judged
from mercado.doctor.target import Target
from mercado.local.folders import DATA_FOLDERS

# Looked at per folder: an archive of years must not take the time of everything else.
MOST_FILES = 5_000
AIRFLOW_GROUP = 0
DEFAULT_UID = 50_000


def check(target: Target) -> Iterator[Finding]:
    """Yield what is found of the data folders."""
    platform = target.platform
    folders = [platform.backups if name == "backups" else platform.data / name for name in DATA_FOLDERS]
    uid = int(platform.values["AIRFLOW_UID"] or DEFAULT_UID) if target.in_containers else os.getuid()
    yield folders_finding(folders, uid=uid, group=AIRFLOW_GROUP if target.in_containers else os.getgid())
    if target.in_containers and uid != 0:
        yield root_files_finding(folders, uid=uid)


def folders_finding(folders: list[Path], *, uid: int, group: int) -> Finding:
    """Return whether every folder is there and can be written by a user.

    Args:
        folders: To look at.
        uid: Of the user whose processes write.
        group: Of that user.
    """
    problems = [f"{folder} is missing" for folder in folders if not folder.is_dir()]
    problems += [
        f"{folder} cannot be written by user {uid}"
        for folder in folders
        if folder.is_dir() and not may_write(folder.stat(), uid=uid, group=group)
    ]
    named = " ".join(str(folder) for folder in folders)
    remedy = f"mkdir -p {named}; chown -R {uid}:{group} {named}"
    return judged("folders.writable", "data folders", problems, healthy=f"{len(folders)} can be written", remedy=remedy)


def may_write(status: os.stat_result, *, uid: int, group: int) -> bool:
    """Return whether a user may make files in a folder with this status; root may everywhere."""
    if uid in (0, status.st_uid):
        return uid == 0 or bool(status.st_mode & 0o200)
    return bool(status.st_mode & (0o020 if status.st_gid == group else 0o002))


def root_files_finding(folders: list[Path], *, uid: int) -> Finding:
    """Return whether no file in the folders belongs to root, though the containers' user is another."""
    files = (file for folder in folders for file in islice(folder.rglob("[!.]*"), MOST_FILES))
    owned = [str(file) for file in files if file.is_file() and file.stat().st_uid == 0]
    return judged(
        "folders.owner",
        "files of root",
        owned,
        healthy=f"none; containers write as user {uid}",
        remedy=f"chown -R {uid}:0 {folders[0].parent}; AIRFLOW_UID in the settings is the user that writes",
        severity=Severity.WARNING,
    )
