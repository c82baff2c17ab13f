"""The control routes under ``/_simulator/sipsa``: revisions, rows and days, changes of the contract."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mercado.sipsa.contract import OPERATIONS
from tests.simulators.control import PREFIX, refusal
from tests.simulators.sipsa.drift import Drift
from tests.simulators.sipsa.fault_answers import MOVED_PATH, html_page
from tests.simulators.sipsa.revisions import Revision
from tests.simulators.sipsa.source import SipsaSource


class NewWindow(BaseModel):
    """How far the data reach: the calendar day, the number of rows, or both, in that order."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    today: date | None = Field(default=None, description="The calendar day in Bogota, for all operations.")
    rows: int | None = Field(default=None, ge=0, description="Rows of an answer on that day.")
    operation: str | None = Field(default=None, description="Whose rows; null for all operations.")

    @model_validator(mode="after")
    def _makes_sense(self) -> "NewWindow":
        if self.today is None and self.rows is None:
            message = "give today, rows or both"
            raise ValueError(message)
        names = [operation.name for operation in OPERATIONS]
        if self.operation is not None and (self.rows is None or self.operation not in names):
            message = f"operation goes with rows and is one of {', '.join(names)}"
            raise ValueError(message)
        return self


class SipsaControl:
    """Answers the control requests that concern SIPSA only.

    Args:
        source: What they change.
    """

    def __init__(self, source: SipsaSource) -> None:
        self._source = source

    def routes(self) -> list[Route]:
        """Return the control routes."""
        folder = f"{PREFIX}sipsa/"
        return [
            Route(f"{folder}revisions", self._revise, methods=["POST"]),
            Route(f"{folder}revisions", self._clear_revisions, methods=["DELETE"]),
            Route(f"{folder}window", self._show_window, methods=["GET"]),
            Route(f"{folder}window", self._set_window, methods=["POST"]),
            Route(f"{folder}contract", self._change_contract, methods=["POST"]),
            Route(f"{folder}contract", self._restore_contract, methods=["DELETE"]),
            Route(MOVED_PATH, self._moved, methods=["GET", "POST"]),
        ]

    async def _revise(self, request: Request) -> Response:
        try:
            revised = self._source.revise(Revision.model_validate_json(await request.body()))
        except ValidationError as error:
            return refusal(error)
        except IndexError as error:
            return JSONResponse({"detail": str(error)}, 422)
        return JSONResponse(revised, 201)

    async def _clear_revisions(self, request: Request) -> Response:
        self._source.clear_revisions()
        return Response(status_code=204)

    async def _show_window(self, request: Request) -> Response:
        return JSONResponse({"today": self._source.today.isoformat(), "rows": self._source.rows()})

    async def _set_window(self, request: Request) -> Response:
        try:
            window = NewWindow.model_validate_json(await request.body())
        except ValidationError as error:
            return refusal(error)
        if window.today is not None:
            self._source.set_today(window.today)
        if window.rows is not None:
            self._source.set_rows(window.rows, operation=window.operation)
        return await self._show_window(request)

    async def _change_contract(self, request: Request) -> Response:
        try:
            drift = Drift.model_validate_json(await request.body())
        except ValidationError as error:
            return refusal(error)
        self._source.drift(drift)
        return JSONResponse(drift.model_dump(mode="json"), 201)

    async def _restore_contract(self, request: Request) -> Response:
        self._source.clear_drifts()
        return Response(status_code=204)

    async def _moved(self, request: Request) -> Response:
        return html_page("Portal en mantenimiento", 200)
