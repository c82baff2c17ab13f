"""How a request's body is read: never more than a limit, and as JSON that either parses or is refused with 422."""

import json
from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# 5000 candles as objects, with every number at full length, are about 1.2 MB.
LARGEST_BODY_BYTES: Final = 2_000_000


class BodyLimit:
    """ASGI middleware that refuses a body with 413 once more than ``limit`` bytes are announced or have come.

    Bytes are counted as they arrive, so a body without Content-Length is never kept beyond the limit either.
    """

    def __init__(self, app: ASGIApp, *, limit: int = LARGEST_BODY_BYTES) -> None:
        self._app = app
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a ``receive`` that counts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Request(scope).headers.get("content-length", "")
        received = int(announced) if announced.isdecimal() and int(announced) > self._limit else 0

        async def counted() -> Message:
            nonlocal received
            self._check(received)
            message = await receive()
            received += len(message.get("body", b""))
            self._check(received)
            return message

        await self._app(scope, counted, send)

    def _check(self, received: int) -> None:
        if received > self._limit:
            raise HTTPException(413, f"The body is larger than {self._limit} bytes: send fewer candles.")


class JsonRequest(Request):
    """A request whose JSON is read by pydantic's parser: faster, and every fault of it is a JSONDecodeError.

    Python's own raises other errors for deep nesting, for wrong UTF-8 and for numbers of thousands of digits.
    """

    async def json(self) -> Any:
        """Return the parsed body."""
        body = await self.body()
        try:
            return from_json(body, allow_inf_nan=True)  # refused later, with the field's name
        except ValueError as error:
            raise json.JSONDecodeError(str(error), "", 0) from error


class JsonRoute(APIRoute):
    """A route that reads its body as `JsonRequest`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return the handler, which is given a `JsonRequest`."""
        handler = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await handler(JsonRequest(request.scope, request.receive))

        return handle
