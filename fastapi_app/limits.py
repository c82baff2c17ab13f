"""How much one process takes on, so that no client can make it grow or wait without end."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds on requests.

    Attributes:
        body_bytes: Longest body; 5000 candles as objects, with every number at full length, are about 1.2 MB.
        body_seconds: How long a body may take to come.
        in_flight: Most requests at once; each may hold a body, so this bounds the memory.
        cold_seconds: How long a request waits for a model that is being loaded.
    """

    body_bytes: int = 2_000_000
    body_seconds: float = 10.0
    in_flight: int = 200
    cold_seconds: float = 5.0
