"""What the simulated SIPSA service can be told when it starts."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Final

_BOGOTA: Final = timezone(timedelta(hours=-5))


@dataclass(frozen=True)
class SipsaOptions:
    """How the service behaves.

    Attributes:
        rows: Rows of each operation's answer on the day that it starts, >= 0.
        seed: Seed of the prices, >= 0.
        today: The calendar day in Bogota; ``None``: the one of the simulator's clock.
        address: Of the service, as its WSDL states it. ``None``: plain http on port 80 of the host that was asked, as
            the real one does, where nothing answers; a client that trusts it fails.
    """

    rows: int = 20_000
    seed: int = 7
    today: date | None = None
    address: str | None = None


def bogota_day(now_ms: int) -> date:
    """Return the calendar day in Bogota, which has no summer time, so many milliseconds after the epoch."""
    return datetime.fromtimestamp(now_ms / 1_000, UTC).astimezone(_BOGOTA).date()
