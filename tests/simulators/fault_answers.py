"""The answers of planted faults, in the shapes that Binance and the servers in front of it give."""

import re
import time

from starlette.responses import HTMLResponse, JSONResponse, Response

from tests.simulators.faults import Fault
from tests.simulators.rest import too_many_requests
from tests.simulators.weights import WEIGHT_LIMIT

_RESTRICTED = (
    "Service unavailable from a restricted location according to 'b. Eligibility' in https://www.binance.com/en/terms. "
    "Please contact customer service if you believe you received this message in error."
)
_JSON_ERRORS = {
    451: (0, _RESTRICTED),
    500: (-1000, "An unknown error occurred while processing the request."),
    503: (-1008, "Server is currently overloaded with other requests. Please try again in a few minutes."),
}
_HTML_TITLES = {403: "403 Forbidden", 404: "404 Not Found", 415: "415 Unsupported Media Type", 502: "502 Bad Gateway"}
_DIGEST = re.compile(rb"[0-9a-f]{64}")


def status_answer(fault: Fault) -> Response:
    """Return the answer of a ``status`` fault: JSON where Binance itself answers, HTML where a proxy does."""
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    if fault.status in _HTML_TITLES:
        return HTMLResponse(_page(_HTML_TITLES[fault.status]), fault.status, headers=headers)
    if fault.status in _JSON_ERRORS:
        code, text = _JSON_ERRORS[fault.status]
        return JSONResponse({"code": code, "msg": text}, fault.status, headers=headers)
    until_ms = int((time.time() + (fault.retry_after or 0)) * 1_000)
    body = too_many_requests(fault.status, limit=WEIGHT_LIMIT, until_ms=until_ms)
    return JSONResponse(body, fault.status, headers=headers)


def garbage_answer() -> Response:
    """Return HTML with status 200, as a captive portal or a tired proxy would."""
    return HTMLResponse(_page("Scheduled maintenance"))


def with_wrong_digest(body: bytes) -> bytes:
    """Return the text of a checksum file with another digest, of the same length."""
    return _DIGEST.sub(
        lambda found: bytes(found[0]).translate(bytes.maketrans(b"0123456789abcdef", b"123456789abcdef0")), body
    )


def _page(title: str) -> str:
    return f"<html>\n<head><title>{title}</title></head>\n<body><center><h1>{title}</h1></center></body>\n</html>\n"
