"""How a request's body is read: never more than a limit, in time, and as JSON that parses or is refused with 422."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """ASGI middleware that refuses a body that is too large (413) or comes too slowly (408).

    Bytes are counted as they arrive, so a body without Content-Length is never kept beyond the limit either.

    Args:
        app: What is wrapped.
        limit: Most bytes, announced or come.
        seconds: How long the whole body may take from the first time that it is waited for.
    """

    def __init__(self, app: ASGIApp, *, limit: int, seconds: float) -> None:
        self._app = app
        self._limit = limit
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on with a ``receive`` that counts."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = Request(scope).headers.get("content-length", "")
        received = int(announced) if announced.isdecimal() and int(announced) > self._limit else 0

        deadline: float | None = None
        whole = False

        async def counted() -> Message:
            nonlocal received, deadline, whole
            self._check(received)
            if whole:  # what is waited for now is the client's leaving
                return await receive()
            deadline = deadline or asyncio.get_running_loop().time() + self._seconds
            message = await self._in_time(receive, deadline)
            received += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            self._check(received)
            return message

        await self._app(scope, counted, send)

    async def _in_time(self, receive: Receive, deadline: float) -> Message:
        try:
            async with asyncio.timeout_at(deadline):
                return await receive()
        except TimeoutError:
            message = f"The body did not come within {self._seconds:g} seconds: send it faster."
            # Closed, for the rest of the body would be waited for before the next request is read.
            raise HTTPException(408, message, headers={"Connection": "close"}) from None

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
