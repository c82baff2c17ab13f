"""The control routes under ``/_simulator``: faults, the request log, and the clock; no fault ever hits them."""

from collections import deque
from datetime import timedelta
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError, model_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.simulators.clock import RealClockError, SimulatorClock, to_instant, to_milliseconds
from tests.simulators.faults import Fault, FaultBook

PREFIX = "/_simulator/"
_LOGGED_REQUESTS = 20_000


class NewTime(BaseModel):
    """Where to set the clock: to an instant, or so many seconds on from where it stands."""

    model_config = ConfigDict(extra="forbid")

    instant: AwareDatetime | None = None
    offset_seconds: float | None = None

    @model_validator(mode="after")
    def _is_one_of_both(self) -> "NewTime":
        if (self.instant is None) == (self.offset_seconds is None):
            message = "give either instant or offset_seconds"
            raise ValueError(message)
        return self

    def milliseconds(self, now_ms: int) -> int:
        """Return the new time of a clock that stands at ``now_ms``."""
        if self.instant is not None:
            return to_milliseconds(self.instant)
        return now_ms + timedelta(seconds=self.offset_seconds or 0.0) // timedelta(milliseconds=1)


class Control:
    """Answers the control requests.

    Args:
        clock: The exchange's clock.

    Attributes:
        faults: The planted faults.
        requests: The latest requests, in the order of their arrival: method, path, query and status of each; the status
            is ``None`` while a request is unanswered.
    """

    def __init__(self, clock: SimulatorClock) -> None:
        self._clock = clock
        self.faults = FaultBook()
        self.requests: deque[dict[str, Any]] = deque(maxlen=_LOGGED_REQUESTS)

    def routes(self) -> list[Route]:
        """Return the control routes."""
        return [
            Route(f"{PREFIX}faults", self._add_fault, methods=["POST"]),
            Route(f"{PREFIX}faults", self._clear_faults, methods=["DELETE"]),
            Route(f"{PREFIX}requests", self._list_requests, methods=["GET"]),
            Route(f"{PREFIX}requests", self._clear_requests, methods=["DELETE"]),
            Route(f"{PREFIX}now", self._set_time, methods=["POST"]),
        ]

    async def _add_fault(self, request: Request) -> Response:
        try:
            fault = Fault.model_validate_json(await request.body())
        except ValidationError as error:
            return refusal(error)
        self.faults.add(fault)
        return JSONResponse(fault.model_dump(), 201)

    async def _clear_faults(self, request: Request) -> Response:
        self.faults.clear()
        return Response(status_code=204)

    async def _list_requests(self, request: Request) -> Response:
        return JSONResponse(list(self.requests))

    async def _clear_requests(self, request: Request) -> Response:
        self.requests.clear()
        return Response(status_code=204)

    async def _set_time(self, request: Request) -> Response:
        try:
            new_time = NewTime.model_validate_json(await request.body())
            self._clock.set(new_time.milliseconds(self._clock.now_ms()))
        except ValidationError as error:
            return refusal(error)
        except RealClockError as error:
            return JSONResponse({"detail": str(error)}, 409)
        now_ms = self._clock.now_ms()
        return JSONResponse({"now": to_instant(now_ms).isoformat(), "server_time_ms": now_ms})


def refusal(error: ValidationError) -> Response:
    """Return what answers a request whose body is not as expected."""
    details = error.errors(include_url=False, include_context=False, include_input=False)
    return JSONResponse({"detail": details}, 422)
