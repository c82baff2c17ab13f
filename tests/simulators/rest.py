"""The REST endpoints under ``/api/v3``: ping, time, exchangeInfo and klines, with their weights and errors."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.clock import SimulatorClock
from tests.simulators.exchange import Exchange
from tests.simulators.exchange_info import exchange_info
from tests.simulators.parameters import BinanceError, kline_query, offered_market, refuse_unread, symbols_asked_for
from tests.simulators.rendering import klines_json
from tests.simulators.weights import Verdict, WeightCounter

Query = Mapping[str, str]
Answer = Callable[[Query, bool], bytes]


def too_many_requests(status: int, *, limit: int, until_ms: int) -> dict[str, Any]:
    """Return the body of a 429, or of the 418 of an address that is banned until ``until_ms``."""
    advice = "Please use WebSocket Streams for live updates to avoid"
    if status == 418:
        return {"code": -1003, "msg": f"Way too much request weight used; IP banned until {until_ms}. {advice} bans."}
    used = f"Too much request weight used; current limit is {limit} request weight per 1 MINUTE."
    return {"code": -1003, "msg": f"{used} {advice} polling the API."}


class RestApi:
    """Answers the REST requests about an exchange.

    Args:
        exchange: What is traded.
        clock: The exchange's clock; weights are counted by the real one.
        weights: The counter of request weights.
    """

    def __init__(self, exchange: Exchange, clock: SimulatorClock, weights: WeightCounter) -> None:
        self._exchange = exchange
        self._clock = clock
        self._weights = weights

    def routes(self) -> list[Route]:
        """Return the routes; the number beside each answer is its weight (spot-api-docs, rest-api.md)."""
        return [
            self._route("/api/v3/ping", self._ping, 1),
            self._route("/api/v3/time", self._time, 1),
            self._route("/api/v3/exchangeInfo", self._exchange_info, 20),
            self._route("/api/v3/klines", self._klines, 2),
        ]

    def _route(self, path: str, answer: Answer, weight: int) -> Route:
        async def endpoint(request: Request) -> Response:
            verdict = self._weights.charge(weight, at_seconds=time.time())
            response = self._refusal(verdict) if verdict.status != 200 else _respond(answer, request)
            response.headers["X-MBX-USED-WEIGHT"] = str(verdict.used)
            response.headers["X-MBX-USED-WEIGHT-1M"] = str(verdict.used)
            return response

        return Route(path, endpoint, methods=["GET"])

    def _refusal(self, verdict: Verdict) -> Response:
        until_ms = int((time.time() + verdict.retry_after_seconds) * 1_000)
        body = too_many_requests(verdict.status, limit=self._weights.limit, until_ms=until_ms)
        return JSONResponse(body, verdict.status, headers={"Retry-After": str(verdict.retry_after_seconds)})

    def _ping(self, query: Query, microseconds: bool) -> bytes:
        refuse_unread(query, ())
        return b"{}"

    def _time(self, query: Query, microseconds: bool) -> bytes:
        refuse_unread(query, ())
        return _json({"serverTime": self._server_time(microseconds)})

    def _exchange_info(self, query: Query, microseconds: bool) -> bytes:
        asked = symbols_asked_for(query)
        markets = [offered_market(symbol, self._exchange) for symbol in asked or self._exchange.markets]
        now = self._server_time(microseconds)
        return _json(exchange_info(markets, now_ms=now, weight_limit=self._weights.limit))

    def _klines(self, query: Query, microseconds: bool) -> bytes:
        asked = kline_query(query, self._exchange)
        snapshot = asked.market.snapshot(asked.interval, self._clock.now_ms())
        candles = snapshot.select(start_ms=asked.start_ms, end_ms=asked.end_ms, limit=asked.limit)
        return klines_json(candles, microseconds=microseconds)

    def _server_time(self, microseconds: bool) -> int:
        return self._clock.now_ms() * (1_000 if microseconds else 1)


def _respond(answer: Answer, request: Request) -> Response:
    microseconds = request.headers.get("X-MBX-TIME-UNIT", "").upper() == "MICROSECOND"
    try:
        return Response(answer(request.query_params, microseconds), media_type="application/json")
    except BinanceError as error:
        return JSONResponse({"code": error.code, "msg": error.text}, 400)


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()
