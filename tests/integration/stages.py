"""Bring another process to a stage of its work and hold it there, so that it can be killed at that very stage."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from pydantic import SecretStr

from mercado.warehouse.connection import connect

SLICE_SECONDS = 0.02
STAGE_SECONDS = 60
WAITING = "select count(*) from pg_locks where not granted and relation = %s::regclass"
Reached = Callable[[], bool]


def wait_until(reached: Reached, process: "subprocess.Popen[str]") -> None:
    """Return when the process has reached a stage, between two slices of its time, so that no stage is missed."""
    deadline = time.monotonic() + STAGE_SECONDS
    process.send_signal(signal.SIGSTOP)
    while not reached():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        process.send_signal(signal.SIGCONT)
        time.sleep(SLICE_SECONDS)
        process.send_signal(signal.SIGSTOP)
    process.send_signal(signal.SIGCONT)


@contextmanager
def held_at(url: SecretStr, table: str) -> Iterator[Reached]:
    """Keep others from writing to a table; yield a function that tells whether the command waits for it."""
    with connect(url, application="tests") as connection, connection.transaction():
        connection.execute(f"lock table {table} in exclusive mode")

        def reached() -> bool:
            return connection.execute(WAITING, (table,)).fetchone() == (1,)

        yield reached
