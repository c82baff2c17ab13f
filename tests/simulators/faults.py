"""Faults that tests and operators can plant: what goes wrong, for which requests, and how often."""

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

SoapFaultKind = Literal["soap_fault", "malformed", "stall", "bad_rows"]
FaultKind = Literal["status", "cut", "slow", "wrong_checksum", "garbage", "empty", "redirect", SoapFaultKind]
FaultStatus = Literal[403, 404, 415, 418, 429, 451, 500, 502, 503]
Defect = Literal["impossible_price", "absent_field", "bad_date", "duplicate"]


class Fault(BaseModel):
    """What goes wrong, for which requests.

    - ``status``: the answer is this status, in the shape that Binance gives it, or SIPSA's server.
    - ``cut``: half of the body comes, and the connection is dropped; the headers have promised the whole, except for a
      SOAP answer with ``framing`` ``chunked``.
    - ``slow``: the answer comes after ``delay_seconds``.
    - ``wrong_checksum``: a ``.CHECKSUM`` file states another digest; other requests are left alone and not counted.
    - ``garbage``: HTML with status 200.
    - ``empty``: no body, with status 200.
    - ``redirect``: 301 to a page of HTML.

    And of SOAP calls only, others being left alone and not counted:

    - ``soap_fault``: a SOAP fault with HTTP status ``soap_status``.
    - ``malformed``: the XML is not well formed in the middle.
    - ``stall``: nothing comes for ``delay_seconds`` in the middle.
    - ``bad_rows``: a share of the items is bad, with ``defects`` by turns: a price of 0, no name, the 30th of February,
      and the same item twice.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: FaultKind = Field(description="What goes wrong.")
    path: str = Field(default="/", pattern=r"^/", description="Prefix of the paths that it goes wrong for.")
    method: Literal["GET", "POST"] | None = Field(default=None, description="Only requests of this method.")
    operation: str | None = Field(default=None, description="Only SOAP calls of this operation.")
    after: int = Field(default=0, ge=0, description="How many matching requests are answered well first.")
    times: int | None = Field(default=None, ge=1, description="How many go wrong then; null for all.")
    status: FaultStatus = Field(default=503, description="HTTP status of a `status` fault.")
    retry_after: int | None = Field(default=None, ge=0, description="Retry-After of a `status` fault, in seconds.")
    delay_seconds: float = Field(default=1.0, ge=0, le=600, description="Length of a `slow` or `stall`, in seconds.")
    framing: Literal["chunked", "content-length"] = Field(default="chunked", description="Of a SOAP `cut`.")
    soap_status: Literal[200, 500] = Field(default=500, description="HTTP status of a `soap_fault`.")
    share: float = Field(default=0.02, gt=0, le=1, description="Share of the items that `bad_rows` spoils.")
    defects: tuple[Defect, ...] = Field(default=get_args(Defect), min_length=1, description="What spoils them.")

    def concerns(self, path: str, *, method: str = "GET", operation: str | None = None) -> bool:
        """Return whether a request for ``path`` is one that the fault counts; ``operation`` is that of a SOAP call."""
        if not path.startswith(self.path) or self.method not in {None, method}:
            return False
        if self.operation not in {None, operation} or (self.kind in get_args(SoapFaultKind) and operation is None):
            return False
        return self.kind != "wrong_checksum" or path.endswith(".CHECKSUM")


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

    def strike(self, path: str, *, method: str = "GET", operation: str | None = None) -> Fault | None:
        """Return the oldest fault that hits a request for ``path``, and count the request.

        A fault that is not due yet counts the request and leaves it to the later ones.
        """
        for position, fault in enumerate(self._faults):
            if not fault.concerns(path, method=method, operation=operation) or self._is_spent(position):
                continue
            self._met[position] += 1
            if self._met[position] > fault.after:
                return fault
        return None

    def _is_spent(self, position: int) -> bool:
        fault = self._faults[position]
        return fault.times is not None and self._met[position] >= fault.after + fault.times
