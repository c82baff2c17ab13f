"""The whole simulator as one ASGI application: exchange, archive, SIPSA, the control routes, and planted faults."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import MutableHeaders
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tests.simulators.archive import Archive
from tests.simulators.control import PREFIX, Control
from tests.simulators.exchange import Exchange
from tests.simulators.fault_answers import garbage_answer, status_answer, with_wrong_digest
from tests.simulators.faults import Fault
from tests.simulators.options import SimulatorOptions
from tests.simulators.rest import RestApi
from tests.simulators.sipsa.control import SipsaControl
from tests.simulators.sipsa.fault_answers import MOVED_PATH, status_page
from tests.simulators.sipsa.options import bogota_day
from tests.simulators.sipsa.service import FOLDER, LOG_ENTRY, SipsaService, is_call
from tests.simulators.sipsa.source import SipsaSource
from tests.simulators.weights import WeightCounter

ORIGIN_HEADER = "X-Mercado-Simulator"
UNFINISHED_ANSWER = "ASGI callable returned without completing response."
"""What uvicorn logs before it drops the connection of a ``cut`` answer."""


def build_application(options: SimulatorOptions) -> ASGIApp:
    """Return the simulator that ``options`` describe, with a counter, a log and faults of its own.

    Raises:
        ValueError: The file of a replay holds no candles of this interval.
        OSError: The file of a replay cannot be read.
    """
    sources, clock = options.open()
    first = next(iter(sources.values()))
    first.snapshot(clock.now_ms())
    exchange = Exchange(sources)
    control = Control(clock)
    rest = RestApi(exchange, clock, WeightCounter(options.weight_limit))
    sipsa = SipsaSource(
        rows=options.sipsa.rows,
        seed=options.sipsa.seed,
        today=lambda: options.sipsa.today or bogota_day(clock.now_ms()),
    )
    service = SipsaService(sipsa, control.faults, address=options.sipsa.address)
    routes = [
        *rest.routes(),
        *Archive(exchange, clock, kept_mb=options.archive_kept_mb).routes(),
        *service.routes(),
        *control.routes(),
        *SipsaControl(sipsa).routes(),
    ]
    origins = {FOLDER: f"sipsa; {sipsa.description}", "/": f"binance; {first.description}"}
    return FaultyServer(Starlette(routes=routes), control, origins=origins)


class FaultyServer:
    """Puts the origin on each answer, logs each request, and lets planted faults spoil it.

    Args:
        inner: The application that answers when nothing goes wrong.
        control: Holds the faults and the log.
        origins: Values of the header `ORIGIN_HEADER`, by how a path begins; the first that fits.
    """

    def __init__(self, inner: ASGIApp, control: Control, *, origins: Mapping[str, str]) -> None:
        self._inner = inner
        self._control = control
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        is_control = scope["path"].startswith(PREFIX)
        exempt = is_control or is_call(scope)
        fault = None if exempt else self._control.faults.strike(scope["path"], method=scope["method"])
        entry = scope[LOG_ENTRY] = _log_entry(scope)
        origin = next(origin for start, origin in self._origins.items() if scope["path"].startswith(start))
        if not is_control:
            self._control.requests.append(entry)

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[ORIGIN_HEADER] = origin
                entry["status"] = message["status"]
            await send(message)

        await self._answer(fault, scope, receive, stamped)

    async def _answer(self, fault: Fault | None, scope: Scope, receive: Receive, send: Send) -> None:
        match fault.kind if fault else None:
            case "status" if fault:
                await _status_answer(fault, scope["path"])(scope, receive, send)
            case "garbage":
                await garbage_answer()(scope, receive, send)
            case "empty":
                await Response()(scope, receive, send)
            case "redirect":
                await RedirectResponse(MOVED_PATH, 301)(scope, receive, send)
            case "slow" if fault:
                await asyncio.sleep(fault.delay_seconds)
                await self._inner(scope, receive, send)
            case "cut":
                await self._inner(scope, receive, _cutting(send))
            case "wrong_checksum":
                await self._inner(scope, receive, _with_wrong_digests(send))
            case _:
                await self._inner(scope, receive, send)


def _status_answer(fault: Fault, path: str) -> Response:
    if path.startswith(FOLDER):
        return status_page(fault.status, retry_after=fault.retry_after)
    return status_answer(fault)


def _log_entry(scope: Scope) -> dict[str, Any]:
    """Return what the log says of a request on its arrival; its status is ``None`` until it is answered."""
    query = scope["query_string"].decode("latin-1")
    return {"method": scope["method"], "path": scope["path"], "query": query, "status": None}


def _cutting(send: Send) -> Send:
    """Return a ``send`` that passes half of the body on and never ends it, upon which uvicorn drops the connection."""

    async def cut(message: Message) -> None:
        if message["type"] == "http.response.body":
            body = message.get("body", b"")
            message = {**message, "body": body[: len(body) // 2], "more_body": True}
        await send(message)

    return cut


def _with_wrong_digests(send: Send) -> Send:
    async def spoil(message: Message) -> None:
        if message["type"] == "http.response.body":
            message = {**message, "body": with_wrong_digest(message.get("body", b""))}
        await send(message)

    return spoil
