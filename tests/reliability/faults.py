"""What is done to a service while a DAG runs; each fault is over when its block ends, whatever happened."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import psutil

from mercado.local.waiting import wait_until
from tests.docker_engine import docker
from tests.reliability.stack import Stack

RESTART_SECONDS = 60
MEGABYTE = 1_000_000


class Fault(Protocol):
    """Something that goes wrong."""

    @property
    def name(self) -> str:
        """Return what is done, for a person."""

    def on(self, stack: Stack) -> AbstractContextManager[None]:
        """Do it now; return when it is over, or, where only the block decides, when it holds."""


@dataclass(frozen=True)
class Killed:
    """The first process of a container dies of SIGKILL, as of the kernel when memory is out; the engine restarts it."""

    service: str

    @property
    def name(self) -> str:
        return f"kill -9 {self.service}"

    @contextmanager
    def on(self, stack: Stack) -> Iterator[None]:
        before = stack.process(self.service)
        # Through the engine it would count as stopped by a person, and stay down.
        os.kill(before, signal.SIGKILL)
        wait_until(
            lambda: stack.process(self.service) not in (0, before),
            seconds=RESTART_SECONDS,
            problem=lambda: f"{self.service} is not started again.",
        )
        yield


@dataclass(frozen=True)
class Stopped:
    """A service is down for a while."""

    service: str
    seconds: float

    @property
    def name(self) -> str:
        return f"{self.service} stopped for {self.seconds:.0f} s"

    @contextmanager
    def on(self, stack: Stack) -> Iterator[None]:
        identity = stack.container(self.service)["Id"]
        try:
            docker("stop", "--time", "20", identity)
            time.sleep(self.seconds)
        finally:
            docker("start", identity)
        yield


@dataclass(frozen=True)
class Frozen:
    """Every process of a service gets SIGSTOP: connections stay open, and nobody answers."""

    service: str
    seconds: float

    @property
    def name(self) -> str:
        return f"SIGSTOP {self.service} for {self.seconds:.0f} s"

    @contextmanager
    def on(self, stack: Stack) -> Iterator[None]:
        processes = stack.processes(self.service)
        try:
            _signal(processes, signal.SIGSTOP)
            time.sleep(self.seconds)
        finally:
            _signal(processes, signal.SIGCONT)
        yield


@dataclass(frozen=True)
class Cut:
    """Packets between two services are dropped, both ways."""

    service: str
    other: str
    seconds: float

    @property
    def name(self) -> str:
        return f"network {self.service} – {self.other} cut for {self.seconds:.0f} s"

    @contextmanager
    def on(self, stack: Stack) -> Iterator[None]:
        process = str(stack.process(self.service))
        rules = [
            rule
            for address in stack.addresses(self.other)
            for rule in (["OUTPUT", "--destination", address], ["INPUT", "--source", address])
        ]
        try:
            for rule in rules:
                _iptables(process, "--insert", *rule)
            time.sleep(self.seconds)
        finally:
            for rule in rules:
                _iptables(process, "--delete", *rule)
        yield


@dataclass(frozen=True)
class DiskFull:
    """The small file system of the data folder is full until a person makes room."""

    name = "disk of data/ full (tmpfs)"

    @contextmanager
    def on(self, stack: Stack) -> Iterator[None]:
        filler = stack.demo.platform.data / "raw" / "filler"
        try:
            _fill(filler)
            yield
        finally:
            filler.unlink(missing_ok=True)


@dataclass(frozen=True)
class AtOnce:
    """A second run of the same DAG is asked for, and the same work is begun by hand in a container beside it.

    Attributes:
        dag_id: The DAG.
        command: The same work on the command line; it may find the load taken and say so.
    """

    dag_id: str
    command: tuple[str, ...]
    name = "two runs at once, and the command line beside them"

    @contextmanager
    def on(self, stack: Stack) -> Iterator[None]:
        stack.demo.airflow.trigger(self.dag_id, {})
        scheduler = stack.container("airflow-scheduler")["Id"]
        finished = subprocess.run(
            ["docker", "exec", scheduler, *self.command], capture_output=True, text=True, check=False
        )
        if finished.returncode not in (0, 1) or "Traceback" in finished.stderr:
            raise RuntimeError(f"{' '.join(self.command)} broke: {finished.stderr}")
        yield


def _signal(processes: list[psutil.Process], number: int) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _iptables(process: str, action: str, chain: str, *match: str) -> None:
    command = ["nsenter", "--target", process, "--net", "iptables", action, chain, *match, "--jump", "DROP"]
    subprocess.run(command, check=True, capture_output=True)


def _fill(file: Path) -> None:
    """Write zeros until the file system is full."""
    with suppress(OSError), file.open("wb", buffering=0) as filler:
        while True:
            filler.write(bytes(MEGABYTE))
