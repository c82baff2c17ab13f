"""What a running platform was started with, so that a later command finds it, whatever it would choose itself."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

import psutil

FILE = "running.json"


@dataclass(frozen=True)
class RunningRecord:
    """The record of one start.

    Attributes:
        pid: Process of supervisor.
        choices: Ports and profile by the names of ``.env.example``.
    """

    pid: int
    choices: Mapping[str, str]

    @classmethod
    def read(cls, state: Path) -> Self | None:
        """Return the record in ``state``, or ``None`` when there is none or its process has ended."""
        try:
            record = cls(**json.loads((state / FILE).read_text(encoding="utf-8")))
        except FileNotFoundError:
            return None
        return record if runs(record.pid, "supervisord") else None

    def write(self, state: Path) -> None:
        """Write the record into ``state``."""
        (state / FILE).write_text(json.dumps(asdict(self)), encoding="utf-8")


def runs(pid: int, program: str) -> bool:
    """Return whether a process runs whose command line names ``program``."""
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and any(program in part for part in process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):  # ended, or another user's
        return False
