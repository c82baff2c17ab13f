"""One command as a process of its own: how long it took, and how much memory it needed."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Measured:
    """What a command took.

    Attributes:
        seconds: Wall clock, the interpreter's start included.
        peak_mb: Largest resident memory, in MB.
    """

    seconds: float
    peak_mb: float


def measure(command: list[str], environment: Mapping[str, str]) -> Measured:
    """Run a command to its end; exit with what it printed when it fails."""
    started = time.perf_counter()
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        errors = process.stderr.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}: {errors.decode(errors='replace')}")
    return Measured(round(time.perf_counter() - started, 2), round(usage.ru_maxrss / 1000, 0))
