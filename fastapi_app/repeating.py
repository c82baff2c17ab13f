"""A thread that repeats one action until it is stopped."""

import logging
import threading
from collections.abc import Callable

logger = logging.getLogger(__name__)
STOP_PATIENCE_SECONDS = 2.0


class Repeating:
    """Runs ``action`` at once and then every ``seconds``, on a thread of its own.

    An exception that the action did not expect is logged and does not end the thread: the next turn may succeed.

    Args:
        action: What to do; it keeps its own outcome.
        seconds: Pause between the end of one turn and the start of the next.
        name: Of the thread.
    """

    def __init__(self, action: Callable[[], None], *, seconds: float, name: str) -> None:
        self._action = action
        self._seconds = seconds
        self._stopping = False
        self._due = threading.Event()
        # Daemon: a turn that hangs in the network must not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread and return at once."""
        self._thread.start()

    def wake(self) -> None:
        """Let the next turn begin now; from any thread."""
        self._due.set()

    def stop(self) -> None:
        """Ask the thread to end and wait for it, at most `STOP_PATIENCE_SECONDS`."""
        self._stopping = True
        self._due.set()
        self._thread.join(STOP_PATIENCE_SECONDS)
        if self._thread.is_alive():
            logger.warning("%s is still busy; it ends with the process", self._thread.name)

    def _run(self) -> None:
        while not self._stopping:
            self._due.clear()
            attempt(self._action, self._thread.name)
            self._due.wait(self._seconds)


def attempt(action: Callable[[], None], name: str) -> None:
    """Do something that keeps its own outcome; an exception that it did not expect is logged under ``name``."""
    try:
        action()
    except Exception:
        logger.exception("%s failed; it goes on", name)
