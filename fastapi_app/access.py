"""Who may ask, and how often: an optional key, and an optional limit on requests a minute. Both are off by default."""

import secrets
from typing import Final

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import SecretStr
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from fastapi_app import problems
from fastapi_app.problems import Kind, problem_response

KEY_HEADER: Final = "X-API-Key"
BEARER: Final = "Bearer "
# A supervisor asks these without a key, and often; the document tells that there is a key; MLflow signs; the page holds
# no data, and asks its reader for the key.
OPEN: Final = ("/health/", "/docs", "/openapi.json", "/hooks/", "/web/")
PAGE: Final = "/"
WINDOW_SECONDS: Final = 60


class Guarded:
    """ASGI middleware that answers 401 without the key, and 429 to a client that asks too often.

    The key is taken from the header ``X-API-Key``, or as a bearer token. A client is its address; the limit holds for
    each process by itself.

    Args:
        app: What is guarded.
        key: Asked for; ``None``: everybody may ask.
        requests_per_minute: Allowed for each client in any 60 seconds; 0: as many as it likes.
    """

    def __init__(self, app: ASGIApp, *, key: SecretStr | None, requests_per_minute: int) -> None:
        self._app = app
        self._key = key.get_secret_value().encode() if key else None
        self._limiter = MovingWindowRateLimiter(MemoryStorage()) if requests_per_minute else None
        self._limit = RateLimitItemPerMinute(requests_per_minute or 1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or let it through."""
        if scope["type"] != "http" or scope["path"].startswith(OPEN) or scope["path"] == PAGE:
            await self._app(scope, receive, send)
        elif not self._knows(Headers(scope=scope)):
            detail = f"This API asks for a key: send it as the header {KEY_HEADER}, or as a bearer token."
            await _refuse(problems.UNAUTHORIZED, detail, {"WWW-Authenticate": "Bearer"}, scope, receive, send)
        elif not self._may_ask_again(scope):
            detail = f"More than {self._limit.amount} requests in a minute came from this address: wait."
            await _refuse(problems.TOO_MANY, detail, {"Retry-After": str(WINDOW_SECONDS)}, scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _knows(self, headers: Headers) -> bool:
        if self._key is None:
            return True
        bearer = headers.get("authorization", "")
        stated = headers.get(KEY_HEADER) or (bearer.removeprefix(BEARER) if bearer.startswith(BEARER) else "")
        return secrets.compare_digest(stated.encode(), self._key)

    def _may_ask_again(self, scope: Scope) -> bool:
        client = scope.get("client")
        return self._limiter is None or self._limiter.hit(self._limit, client[0] if client else "unknown")


async def _refuse(kind: Kind, detail: str, headers: dict[str, str], scope: Scope, receive: Receive, send: Send) -> None:
    await problem_response(kind, detail, headers=headers)(scope, receive, send)
