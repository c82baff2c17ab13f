"""The simulator's clock: the real one, or one that stands still until it is set."""

import time
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_milliseconds(instant: datetime) -> int:
    """Return whole milliseconds from the epoch to an aware ``instant``."""
    return (instant - _EPOCH) // timedelta(milliseconds=1)


def to_instant(milliseconds: int) -> datetime:
    """Return the instant, UTC, so many milliseconds after the epoch."""
    return _EPOCH + timedelta(milliseconds=milliseconds)


def parse_instant(text: str) -> datetime:
    """Return the aware instant that ISO 8601 ``text`` names, such as ``2017-08-17T04:00:00Z``.

    Raises:
        ValueError: It is no ISO 8601 instant, or has no zone.
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        message = f"expected an instant with a zone, such as 2017-08-17T04:00:00Z, got {text!r}"
        raise ValueError(message)
    return instant.astimezone(UTC)


class RealClockError(Exception):
    """The simulator follows the real clock, which cannot be set."""


class SimulatorClock:
    """Says what time it is on the simulated exchange, in milliseconds since the epoch.

    Args:
        frozen_ms: The instant to stand still at, or ``None`` to follow the real clock.
    """

    def __init__(self, frozen_ms: int | None) -> None:
        self._frozen_ms = frozen_ms

    def now_ms(self) -> int:
        """Return the present instant."""
        return time.time_ns() // 1_000_000 if self._frozen_ms is None else self._frozen_ms

    def set(self, now_ms: int) -> None:
        """Stand still at ``now_ms`` from here on.

        Raises:
            RealClockError: The clock follows the real one.
        """
        if self._frozen_ms is None:
            message = "the simulator follows the real clock: start it with --now to be able to set it"
            raise RealClockError(message)
        self._frozen_ms = now_ms
