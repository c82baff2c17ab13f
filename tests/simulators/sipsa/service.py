"""The service's own address: its page, its WSDL and schema, and its calls."""

import asyncio
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Scope

from mercado.sipsa.contract import SERVICE
from tests.simulators.faults import FaultBook
from tests.simulators.sipsa.calls import CallError, read_call
from tests.simulators.sipsa.fault_answers import faulty_answer, html_page, soap_fault, soap_stream, status_page
from tests.simulators.sipsa.source import SipsaSource
from tests.simulators.sipsa.wsdl import schema_document, wsdl_document

FOLDER: Final = "/sipsaWS/"
SERVICE_PATH: Final = f"{FOLDER}{SERVICE}"
LOG_ENTRY: Final = "simulator_log_entry"
"""Where the server leaves the log's entry of a request in its scope."""
_XML: Final = "text/xml;charset=utf-8"
_SOAP_12_TYPE: Final = "application/soap+xml"


def is_call(scope: Scope) -> bool:
    """Return whether a request is a call, which asks for faults itself once it knows its operation."""
    return bool(scope["path"] == SERVICE_PATH and scope["method"] == "POST")


class SipsaService:
    """Answers what the real service answers.

    Args:
        source: Its data.
        faults: The planted faults.
        address: Where the WSDL says that it is; ``None``: plain http on port 80 of the host that was asked.
    """

    def __init__(self, source: SipsaSource, faults: FaultBook, *, address: str | None) -> None:
        self._source = source
        self._faults = faults
        self._address = address

    def routes(self) -> list[Route]:
        """Return the service's routes."""
        return [
            Route(SERVICE_PATH, self._describe, methods=["GET"]),
            Route(SERVICE_PATH, self._call, methods=["POST"]),
        ]

    async def _describe(self, request: Request) -> Response:
        if "xsd" in request.query_params:
            return Response(schema_document(self._source.fields), media_type=_XML)
        if "wsdl" in {name.lower() for name in request.query_params}:
            address = self._address or f"http://{request.url.hostname}:80{SERVICE_PATH}"
            schema = str(request.url.replace(query="xsd=1"))
            return Response(wsdl_document(address=address, schema_location=schema), media_type=_XML)
        return html_page("Web Services", 200)

    async def _call(self, request: Request) -> Response:
        content_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if content_type != _SOAP_12_TYPE:
            return status_page(415)
        try:
            call = read_call(await request.body())
        except CallError as error:
            return soap_fault(error.code, str(error), 500)
        operation = call.operation.name
        request.scope.get(LOG_ENTRY, {})["operation"] = operation
        fault = self._faults.strike(request.url.path, method="POST", operation=operation)
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.delay_seconds)
        # Cheap but for the first call of an operation, which writes its template.
        answer = await asyncio.to_thread(self._source.answer, operation)
        if not call.has_data:
            answer = answer.without_rows()
        return soap_stream(answer.pieces()) if fault is None else faulty_answer(fault, answer)
