"""One call of the service: posted, and its answer written to disk as it comes, compressed, hashed and counted.

Nothing is tried again here: an answer takes minutes, so when to ask again is the DAG's to decide. What came is kept:
``<operation>-<instant>.xml.gz`` is a whole answer, ``….failed.xml.gz`` one that was refused, for diagnosis.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Final

import requests

from mercado.sipsa.contract import Operation
from mercado.sipsa.receipt import Receipt, remove_parts
from mercado.sipsa.refusals import answer_fault, failure
from mercado.sipsa.service import SipsaService, check_contract

CONNECT_SECONDS: Final = 30
HEADERS: Final = {"Content-Type": "application/soap+xml; charset=utf-8"}


@dataclass(frozen=True)
class RawFile:
    """A whole answer on disk.

    Attributes:
        path: Of the gzip file.
        url: That was asked.
        sha256: Hex digest of the answer's bytes, not compressed.
        byte_count: Of the answer, not compressed.
        fetched_at_utc: When it was asked for.
    """

    path: Path
    url: str
    sha256: str
    byte_count: int
    fetched_at_utc: datetime


class SipsaClient:
    """Calls the service that a WSDL describes; makes no request until asked.

    Args:
        wsdl_url: Address of the WSDL, which says where to call too.
        session: Gets the WSDL and posts the calls.
        clock: Tells the instant, in UTC, for a file's name.
    """

    def __init__(
        self,
        wsdl_url: str,
        *,
        session: requests.Session | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._wsdl_url = wsdl_url
        self._session = session or requests.Session()
        self._clock = clock

    @cached_property
    def service(self) -> SipsaService:
        """Return what the WSDL states, read once; raises what `SipsaService` raises."""
        return SipsaService(self._wsdl_url, session=self._session)

    def origin(self) -> str:
        """Return where the data comes from: ``dane``, another host, or ``simulator: …``."""
        return self.service.origin

    def contract_notes(self) -> list[str]:
        """Return what the service has beyond the contract; raises what `check_contract` raises."""
        return check_contract(self.service)

    def fetch(
        self, operation: Operation, folder: Path, progress: Callable[[str], None] = lambda stage: None
    ) -> RawFile:
        """Call an operation and return its whole answer as a file in ``folder``; memory stays flat.

        One call of an operation and folder at a time: what a killed one left half-written is removed.

        Args:
            operation: What to ask for.
            folder: Where raw answers are kept; it is made when it is not there.
            progress: Called with what has come so far, now and then.

        Raises:
            SourceUnavailableError: No answer, an empty or a cut one, a fault of the service itself, or it asks to wait.
            SourceForbiddenError: It refuses this address.
            SourceContractError: A redirect, a web page, another fault, or another status than 200.
            ConfigurationError: The address cannot be asked.
            StorageFullError: The disk is full; nothing half-written was left behind.
        """
        url, envelope, now = self.service.endpoint, self.service.envelope(operation), self._clock()
        folder.mkdir(parents=True, exist_ok=True)
        remove_parts(folder, operation.name)
        receipt = Receipt(folder / f"{operation.name}-{now.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}")
        progress("waiting for the answer")
        timeout = (CONNECT_SECONDS, operation.timeout_seconds)
        try:
            response = self._session.post(
                url, data=envelope, headers=HEADERS, stream=True, allow_redirects=False, timeout=timeout
            )
        except requests.RequestException as error:
            raise failure(error, url, silence_seconds=operation.timeout_seconds) from error
        with response:
            interruption = receipt.write(response, progress)
        if interruption:
            kept = receipt.keep_failed()
            raise failure(interruption, url, silence_seconds=operation.timeout_seconds, kept=kept) from interruption
        if fault := answer_fault(response, receipt):
            raise fault
        path = receipt.keep_whole()
        return RawFile(path, url, receipt.sha256.hexdigest(), receipt.byte_count, now)
