"""Waiting for something outside this process, with an end."""

import time
from collections.abc import Callable

from mercado.errors import ServiceUnavailableError

POLL_SECONDS = 0.3


def wait_until(happened: Callable[[], bool], *, seconds: float, problem: Callable[[], str]) -> None:
    """Return when ``happened()``.

    Args:
        happened: Asked a few times a second.
        seconds: The longest wait.
        problem: Says what did not happen, for the error.

    Raises:
        ServiceUnavailableError: It did not happen in time.
    """
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            raise ServiceUnavailableError(problem())
        time.sleep(POLL_SECONDS)
