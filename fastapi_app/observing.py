"""ASGI middleware around every request: an id, a bound on how many are answered at once, a metric and a log line."""

import logging
import re
import time
from collections.abc import MutableMapping
from typing import Any, Final
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from fastapi_app import problems
from fastapi_app.problems import problem_response
from fastapi_app.telemetry import Telemetry
from fastapi_app.tracing import describe_request

access_log = logging.getLogger("fastapi_app.access")
REQUEST_ID: Final = "X-Request-ID"
ALLOWED_ID: Final = re.compile(r"[A-Za-z0-9._:-]{1,64}")
# They hold no body, so they are answered however many others wait: a supervisor must not take a busy process for a dead
# one, and the newest forecast is ready.
BODILESS: Final = ("GET", "HEAD", "OPTIONS")
NO_ROUTE: Final = "none"


class Observed:
    """Names, bounds, counts and logs requests.

    A request keeps the id of its header ``X-Request-ID`` if that is plain, and gets one otherwise; the answer carries
    it. Of requests that may bring a body, those beyond ``most_in_flight`` are answered 503 at once.
    """

    def __init__(self, app: ASGIApp, *, telemetry: Telemetry, most_in_flight: int) -> None:
        self._app = app
        self._telemetry = telemetry
        self._most_in_flight = most_in_flight
        self._in_flight = 0
        self._with_body = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        state = scope.setdefault("state", {})
        request_id = state["request_id"] = _request_id(scope)
        status = 500  # when the application raises, the server answers this outside of here

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID] = request_id
                # Now: the span ends with the answer's last byte.
                describe_request(
                    f"{scope['method']} {_route(scope)}",
                    {"request_id": request_id, **_model(state)},
                )
            await send(message)

        with_body = scope["method"] not in BODILESS
        self._in_flight += 1
        self._with_body += with_body
        self._telemetry.in_flight.set(self._in_flight)
        try:
            too_many = with_body and self._with_body > self._most_in_flight
            await (_too_many if too_many else self._app)(scope, receive, named)
        finally:
            self._in_flight -= 1
            self._with_body -= with_body
            self._telemetry.in_flight.set(self._in_flight)
            self._tell(scope, state, status=status, seconds=time.perf_counter() - started)

    def _tell(self, scope: Scope, state: MutableMapping[str, Any], *, status: int, seconds: float) -> None:
        route, model, client = _route(scope), _model(state), scope.get("client")
        self._telemetry.observe(method=scope["method"], route=route, status=status, seconds=seconds, **model)
        access_log.info(
            "%s %s %d",
            scope["method"],
            scope["path"],
            status,
            extra={
                "request_id": state["request_id"],
                "method": scope["method"],
                "path": scope["path"],
                "route": route,
                "status": status,
                "milliseconds": round(seconds * 1000, 3),
                "client": client[0] if client else None,
                **model,
            },
        )


def _route(scope: Scope) -> str:
    return str(getattr(scope.get("route"), "path", NO_ROUTE))


def _model(state: MutableMapping[str, Any]) -> dict[str, str | None]:
    """Return which model answered, if one did."""
    return {name: state.get(name) for name in ("model", "model_version")}


async def _too_many(scope: Scope, receive: Receive, send: Send) -> None:
    detail = "Too many requests are being answered at once: try again in a second."
    await problem_response(problems.OVERLOADED, detail, headers={"Retry-After": "1"})(scope, receive, send)


def _request_id(scope: Scope) -> str:
    stated = Headers(scope=scope).get(REQUEST_ID, "")
    return stated if ALLOWED_ID.fullmatch(stated) else uuid4().hex
