"""Free disk and memory of this machine."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

from mercado.doctor import engine
from mercado.doctor.findings import Finding, Severity
from mercado.doctor.target import Target
from mercado.errors import ServiceUnavailableError

GIGABYTE = 1_000_000_000
MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Limits:
    """Free space in bytes below which there is a warning, and below which a fault."""

    warning: int
    fault: int

    def severity(self, free: int) -> Severity:
        """Return how bad so much free space is."""
        if free < self.fault:
            return Severity.FAULT
        return Severity.WARNING if free < self.warning else Severity.OK


# A load of eight years of minutes, or a backup of everything, needs about the first.
DISK = Limits(warning=3 * GIGABYTE, fault=GIGABYTE)
# A training takes about the first, and the second is less than one worker of Airflow.
MEMORY = Limits(warning=500 * MEGABYTE, fault=120 * MEGABYTE)


def check(target: Target) -> Iterator[Finding]:
    """Yield the free disk of each file system that the platform writes to, then the memory."""
    for names, folder in _file_systems(_folders(target)).values():
        yield disk_finding(", ".join(names), folder)
    yield memory_finding(int(psutil.virtual_memory().available))


def disk_finding(what: str, folder: Path, *, limits: Limits = DISK) -> Finding:
    """Return whether the file system of a folder has enough space left."""
    free = shutil.disk_usage(folder).free
    remedy = f"Free some space: du -xh --max-depth 2 {folder} | sort -h | tail; docker system df"
    detail = f"{free / GIGABYTE:,.1f} GB free for {what}"
    return Finding("machine.disk", limits.severity(free), f"disk of {folder}", detail, remedy)


def memory_finding(available: int, *, limits: Limits = MEMORY) -> Finding:
    """Return whether enough memory is left.

    Args:
        available: What programs can have without swapping, in bytes.
        limits: Below which it is too little.
    """
    remedy = "Stop what is not needed: ps aux --sort -rss | head; make demo-down"
    detail = f"{available / MEGABYTE:,.0f} MB available"
    return Finding("machine.memory", limits.severity(available), "memory", detail, remedy)


def _folders(target: Target) -> dict[str, Path]:
    platform = target.platform
    folders = {"state": platform.state, "data": platform.data, "backups": platform.backups}
    if target.in_containers:
        try:
            folders["volumes"] = Path(engine.ask("info", "--format", "{{.DockerRootDir}}").strip())
        except ServiceUnavailableError:
            return folders  # `engine` tells that it does not answer.
        return folders
    return folders | {"PostgreSQL": platform.postgres.data}


def _file_systems(folders: dict[str, Path]) -> dict[int, tuple[list[str], Path]]:
    """Return by file system what lies on it and one of the folders; one that is not there yet counts by its parent."""
    found: dict[int, tuple[list[str], Path]] = {}
    for name, folder in folders.items():
        there = next((each for each in (folder, *folder.parents) if each.exists()), Path("/"))
        found.setdefault(there.stat().st_dev, ([], there))[0].append(name)
    return found
