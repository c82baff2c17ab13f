"""A server of the benchmark as a process of its own on one core: started, asked until it answers well, stopped."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.benchmarks.serving_load import BadAnswerError, ask_once
from tests.benchmarks.serving_questions import Questions
from tests.ports import free_port

START_SECONDS = 120
STOP_SECONDS = 20
ASK_EVERY_SECONDS = 0.02


@dataclass(frozen=True)
class Contender:
    """A server that can be started.

    Attributes:
        name: For the record.
        command: Its words, in which ``{port}`` stands for the port.
        environment: All that it gets, in whose values ``{port}`` may stand too.
        folder: Where it works, and where its log is kept.
        rows: One row of features a request.
        versions: Of the packages that do its work.
    """

    name: str
    command: list[str]
    environment: Mapping[str, str]
    folder: Path
    rows: Questions
    versions: Mapping[str, str]


@dataclass(frozen=True)
class Running:
    """A server that has answered well.

    Attributes:
        pid: Of its first process.
        port: On 127.0.0.1.
        start_seconds: From the start of the process to its first good answer.
    """

    pid: int
    port: int
    start_seconds: float

    def processor_seconds(self) -> float:
        """Return the processor time that its processes have taken so far."""
        times = [each.cpu_times() for each in self._processes()]
        return sum(each.user + each.system for each in times)

    def memory_mb(self) -> dict[str, float]:
        """Return the memory of the process and those that it started, in MB.

        ``rss_mb`` counts pages shared with others, such as libraries' code, as its own; ``pss_mb`` divides them.
        """
        found = [each.memory_full_info() for each in self._processes()]
        return {f"{name}_mb": round(sum(getattr(each, name) for each in found) / 1e6) for name in ("rss", "pss")}

    def _processes(self) -> list[psutil.Process]:
        process = psutil.Process(self.pid)
        return [process, *process.children(recursive=True)]


@contextmanager
def pinned(core: int) -> Iterator[None]:
    """Keep this thread, and the processes that it starts, on one core until the block ends."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def running(contender: Contender, *, core: int) -> Iterator[Running]:
    """Run a server on one core until the block ends, and yield it once it answers as its model says."""
    port = free_port()
    log = contender.folder / f"{contender.name.replace(' ', '_')}.log"
    with log.open("wb") as output, pinned(core):
        started = time.perf_counter()
        process = subprocess.Popen(
            [word.format(port=port) for word in contender.command],
            env={name: value.replace("{port}", str(port)) for name, value in contender.environment.items()},
            cwd=contender.folder,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        _wait_until_it_answers(contender.rows, port, process, log)
        yield Running(process.pid, port, time.perf_counter() - started)
    finally:
        _stop(process)


def _wait_until_it_answers(questions: Questions, port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            questions.check([(0, ask_once(port, questions.requests[0]))])
        except (OSError, BadAnswerError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{error}; its log: {log.read_text(errors='replace')[-3000:]}") from error
            time.sleep(ASK_EVERY_SECONDS)
        else:
            return


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Stop the server and those that it started, which are one process group."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(STOP_SECONDS)
