"""Runs the simulator inside a test: a real uvicorn server on a free loopback port, stopped whatever happens."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import httpx
import uvicorn

from tests.simulators.application import build_application
from tests.simulators.options import SimulatorOptions
from tests.simulators.serving import make_server
from tests.simulators.sipsa.service import SERVICE_PATH

_START_SECONDS = 20.0
_STOP_SECONDS = 10.0


class SimulatorHandle:
    """A running simulator: where it is, and its controls.

    Args:
        base_url: Such as ``http://127.0.0.1:43210``.
    """

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url
        self._control = httpx.Client(base_url=f"{base_url}/_simulator", trust_env=False)

    @property
    def sipsa_wsdl_url(self) -> str:
        """Return what stands for the address of SIPSA's WSDL."""
        return f"{self.base_url}{SERVICE_PATH}?WSDL"

    @property
    def archive_url(self) -> str:
        """Return what stands for ``https://data.binance.vision``."""
        return f"{self.base_url}/archive"

    def add_fault(self, kind: str, **fields: Any) -> None:
        """Plant a fault; ``fields`` are those of `tests.simulators.faults.Fault`."""
        self._control.post("/faults", json={"kind": kind, **fields}).raise_for_status()

    def clear_faults(self) -> None:
        """Remove all faults."""
        self._control.delete("/faults").raise_for_status()

    def requests(self) -> list[dict[str, Any]]:
        """Return the logged requests in order of arrival: method, path, query, and status, ``None`` if unanswered."""
        answer: list[dict[str, Any]] = self._control.get("/requests").raise_for_status().json()
        return answer

    def clear_requests(self) -> None:
        """Empty the log."""
        self._control.delete("/requests").raise_for_status()

    def set_now(self, instant: datetime) -> None:
        """Set the clock, which must not be the real one, to an aware instant."""
        self._control.post("/now", json={"instant": instant.isoformat()}).raise_for_status()

    def advance(self, *, seconds: float) -> None:
        """Move the clock, which must not be the real one, on."""
        self._control.post("/now", json={"offset_seconds": seconds}).raise_for_status()

    def revise_sipsa(self, operation: str, **fields: Any) -> list[dict[str, Any]]:
        """Revise prices from the next call on; ``fields`` are those of `tests.simulators.sipsa.revisions.Revision`.

        Returns:
            Position, and fields before and after, of each revised row.
        """
        answer = self._control.post("/sipsa/revisions", json={"operation": operation, **fields})
        revised: list[dict[str, Any]] = answer.raise_for_status().json()
        return revised

    def clear_sipsa_revisions(self) -> None:
        """Let all rows be as they were first."""
        self._control.delete("/sipsa/revisions").raise_for_status()

    def set_sipsa_window(
        self, *, today: date | None = None, rows: int | None = None, operation: str | None = None
    ) -> None:
        """Set SIPSA's calendar day, or the rows of an operation (``None``: of all) on it."""
        fields = {"today": today and today.isoformat(), "rows": rows, "operation": operation}
        self._control.post("/sipsa/window", json=fields).raise_for_status()

    def drift_sipsa(self, operation: str, change: str, field: str, **fields: Any) -> None:
        """Change the contract; ``fields`` are those of `tests.simulators.sipsa.drift.Drift`."""
        body = {"operation": operation, "change": change, "field": field, **fields}
        self._control.post("/sipsa/contract", json=body).raise_for_status()

    def restore_sipsa_contract(self) -> None:
        """Go back to the contract."""
        self._control.delete("/sipsa/contract").raise_for_status()

    def close(self) -> None:
        """Close the connection of the controls; the server goes on."""
        self._control.close()


@contextmanager
def running_simulator(**options: Any) -> Iterator[SimulatorHandle]:
    """Run a simulator in a thread of its own until the block ends; ``options`` are those of `SimulatorOptions`.

    Raises:
        RuntimeError: The server did not start.
    """
    application = build_application(SimulatorOptions(**options))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = make_server(application, port=listener.getsockname()[1], timeout_graceful_shutdown=1)
        thread = threading.Thread(target=server.run, args=([listener],), name="simulator", daemon=True)
        thread.start()
        handle = SimulatorHandle(f"http://127.0.0.1:{listener.getsockname()[1]}")
        try:
            _wait_until_started(server, thread)
            yield handle
        finally:
            handle.close()
            server.should_exit = True
            thread.join(_STOP_SECONDS)


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            message = "the simulator did not start"
            raise RuntimeError(message)
        time.sleep(0.005)
