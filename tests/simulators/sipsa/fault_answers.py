"""The answers of planted faults, in the shapes that the service and the servers in front of it give."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Final
from xml.sax.saxutils import escape

from starlette.concurrency import iterate_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from tests.simulators.faults import Fault, FaultStatus
from tests.simulators.sipsa.answers import Answer, envelope_end, envelope_start
from tests.simulators.sipsa.spoiling import spoilt_pieces

SOAP_TYPE: Final = "application/soap+xml;charset=utf-8"
MOVED_PATH: Final = "/_simulator/sipsa/moved.html"
_REASONS: Final[dict[FaultStatus, str]] = {
    403: "Forbidden",
    404: "Not Found",
    415: "Unsupported Media Type",
    418: "I'm a teapot",
    429: "Too Many Requests",
    451: "Unavailable For Legal Reasons",
    500: "Internal Server Error",
    502: "Bad Gateway",
    503: "Service Unavailable",
}


def faulty_answer(fault: Fault, answer: Answer) -> Response:
    """Return what ``fault`` makes of ``answer``; a ``slow`` one comes whole."""
    match fault.kind:
        case "status":
            return status_page(fault.status, retry_after=fault.retry_after)
        case "garbage":
            return html_page("Mantenimiento programado", 200)
        case "empty":
            return Response(b"", media_type=SOAP_TYPE)
        case "redirect":
            return RedirectResponse(MOVED_PATH, 301)
        case "soap_fault":
            return soap_fault("Receiver", "java.sql.SQLException: ORA-12541: TNS:no listener", fault.soap_status)
        case "cut":
            return CutAnswer(answer, has_length=fault.framing == "content-length")
        case "malformed":
            return soap_stream(_malformed(answer))
        case "stall":
            return StreamingResponse(_stalling(answer, fault.delay_seconds), media_type=SOAP_TYPE)
        case "bad_rows":
            return soap_stream(spoilt_pieces(answer, share=fault.share, defects=fault.defects))
        case _:
            return soap_stream(answer.pieces())


def soap_stream(pieces: Iterator[bytes]) -> StreamingResponse:
    """Return an answer that is sent in chunks while it is made."""
    return StreamingResponse(pieces, media_type=SOAP_TYPE)


def soap_fault(code: str, reason: str, status: int) -> Response:
    """Return a SOAP 1.2 fault; ``code`` is ``Sender``, ``Receiver`` or ``VersionMismatch``."""
    fault = (
        f"<S:Code><S:Value>S:{code}</S:Value></S:Code>"
        f'<S:Reason><S:Text xml:lang="en">{escape(reason)}</S:Text></S:Reason>'
    )
    body = envelope_start("<S:Fault>") + fault.encode() + envelope_end("</S:Fault>")
    return Response(body, status, media_type=SOAP_TYPE)


def status_page(status: FaultStatus, *, retry_after: int | None = None) -> Response:
    """Return the page of an application server for an HTTP error."""
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return html_page(f"Error {status}--{_REASONS[status]}", status, headers)


def html_page(title: str, status: int, headers: dict[str, str] | None = None) -> Response:
    """Return a page with nothing but a title."""
    page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\n"
    return HTMLResponse(page, status, headers=headers)


class CutAnswer(Response):
    """An answer whose connection is dropped in the middle.

    Args:
        answer: The whole one.
        has_length: Whether its length is promised first; otherwise it comes in chunks and the last one is missing.
    """

    def __init__(self, answer: Answer, *, has_length: bool) -> None:
        super().__init__(media_type=SOAP_TYPE)
        self._answer = answer
        self._has_length = has_length

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the first half and return, upon which uvicorn drops the connection."""
        headers = [(b"content-type", SOAP_TYPE.encode())]
        if self._has_length:
            length = await asyncio.to_thread(lambda: sum(map(len, self._answer.pieces())))
            headers.append((b"content-length", str(length).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        async for is_beyond, piece in iterate_in_threadpool(self._answer.pieces_in_halves()):
            if is_beyond:
                return
            await send({"type": "http.response.body", "body": piece, "more_body": True})


def _malformed(answer: Answer) -> Iterator[bytes]:
    """Yield the answer with an ampersand of its own in the middle."""
    was_beyond = False
    for is_beyond, piece in answer.pieces_in_halves():
        yield piece if is_beyond == was_beyond else b"<& " + piece
        was_beyond = is_beyond


async def _stalling(answer: Answer, delay_seconds: float) -> AsyncIterator[bytes]:
    """Yield the answer with a pause in the middle."""
    was_beyond = False
    async for is_beyond, piece in iterate_in_threadpool(answer.pieces_in_halves()):
        if is_beyond and not was_beyond:
            await asyncio.sleep(delay_seconds)
        was_beyond = is_beyond
        yield piece
