"""One command as a process of its own: how long it took, and how much memory it needed."""

import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

import psutil

# Looking takes a processor some milliseconds, which the command has not.
SAMPLED_EVERY_SECONDS = 0.2


@dataclass(frozen=True)
class Measured:
    """What a command took.

    Attributes:
        seconds: Wall clock, the interpreter's start included.
        peak_mb: Largest memory of the process and of those that it starts, pages that they share counted once, in MB.
    """

    seconds: float
    peak_mb: float


def measure(command: list[str], environment: Mapping[str, str]) -> Measured:
    """Run a command to its end; exit with what it printed when it fails."""
    started = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        peak = _Peak(process.pid)
        peak.start()
        _, errors = process.communicate()
    seconds = time.perf_counter() - started
    peak.join()
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: {errors.decode(errors='replace')}")
    return Measured(round(seconds, 2), round(peak.byte_count / 1e6, 0))


class _Peak(threading.Thread):
    """Samples the memory of a process and its descendants until it ends: proportional set sizes, added up."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.byte_count = 0
        self._process = psutil.Process(pid)

    def run(self) -> None:
        while self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
            # One of them may end meanwhile.
            with suppress(psutil.NoSuchProcess):
                family = [self._process, *self._process.children(recursive=True)]
                self.byte_count = max(self.byte_count, sum(each.memory_full_info().pss for each in family))
            time.sleep(SAMPLED_EVERY_SECONDS)
