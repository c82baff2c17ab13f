"""Faults that tests and operators can plant: what goes wrong, for which requests, and how often."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

FaultKind = Literal["status", "cut", "slow", "wrong_checksum", "garbage"]
FaultStatus = Literal[403, 404, 418, 429, 451, 500, 502, 503]


class Fault(BaseModel):
    """What goes wrong, for which requests.

    - ``status``: the answer is this status, in the shape that Binance gives it.
    - ``cut``: the headers promise the whole body, half of it comes, and the connection is dropped.
    - ``slow``: the answer comes after ``delay_seconds``.
    - ``wrong_checksum``: a ``.CHECKSUM`` file states another digest; other requests are left alone and not counted.
    - ``garbage``: HTML with status 200.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind = Field(description="What goes wrong.")
    path: str = Field(default="/", pattern=r"^/", description="Prefix of the paths that it goes wrong for.")
    after: int = Field(default=0, ge=0, description="How many matching requests are answered well first.")
    times: int | None = Field(default=None, ge=1, description="How many go wrong then; null for all.")
    status: FaultStatus = Field(default=503, description="HTTP status of a `status` fault.")
    retry_after: int | None = Field(default=None, ge=0, description="Retry-After of a `status` fault, in seconds.")
    delay_seconds: float = Field(default=1.0, ge=0, le=600, description="Delay of a `slow` fault, in seconds.")

    def concerns(self, path: str) -> bool:
        """Return whether a request for ``path`` is one that the fault counts."""
        return path.startswith(self.path) and (self.kind != "wrong_checksum" or path.endswith(".CHECKSUM"))


class FaultBook:
    """The planted faults, oldest first, and how many requests each has met."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._met: list[int] = []

    def add(self, fault: Fault) -> None:
        """Plant ``fault``, which counts requests from now on."""
        self._faults.append(fault)
        self._met.append(0)

    def clear(self) -> None:
        """Remove all faults."""
        self._faults.clear()
        self._met.clear()

    def strike(self, path: str) -> Fault | None:
        """Return the oldest fault that hits a request for ``path``, and count the request.

        A fault that is not due yet counts the request and leaves it to the later ones.
        """
        for position, fault in enumerate(self._faults):
            if not fault.concerns(path) or self._is_spent(position):
                continue
            self._met[position] += 1
            if self._met[position] > fault.after:
                return fault
        return None

    def _is_spent(self, position: int) -> bool:
        fault = self._faults[position]
        return fault.times is not None and self._met[position] >= fault.after + fault.times
