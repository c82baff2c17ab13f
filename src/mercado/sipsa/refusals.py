"""What a status, or a failure of the network, means: wait, choose another address, or fix the reader."""

import re
from typing import Final

import requests
from urllib3.exceptions import DecodeError, HTTPError, NameResolutionError, ProtocolError, ReadTimeoutError, SSLError

from mercado.errors import (
    ConfigurationError,
    SourceContractError,
    SourceError,
    SourceForbiddenError,
    SourceUnavailableError,
)
from mercado.sipsa.receipt import Receipt
from mercado.sipsa.soap import fault_text

CUT: Final = (
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
    ProtocolError,
    DecodeError,
)
HTML: Final = re.compile(rb"\s*(?:<!doctype\s+html|<html)", re.IGNORECASE)
ITEM: Final = re.compile(rb"<(?:[\w.-]+:)?return[\s/>]")
ENVELOPE: Final = re.compile(rb"<(?:[\w.-]+:)?Envelope\s")
CLOSED: Final = re.compile(rb"</(?:[\w.-]+:)?Envelope\s*>")
# SOAP 1.2's and 1.1's names for the service's own trouble, which may pass.
SERVICE_FAULTS: Final = ("Receiver", "Server")
FORBIDDEN: Final = (401, 403, 451)
WAIT: Final = (408, 425, 429)
NO_SUCH_MEDIA_TYPE: Final = 415
REDIRECTS: Final = range(300, 400)
SERVER_FAULT: Final = 500


def refusal(response: requests.Response, *, kept: str = "") -> SourceError | None:
    """Return the error that a status stands for, or ``None`` for HTTP 200.

    Args:
        response: Only its status and headers are read.
        kept: Where its bytes are, for the message.
    """
    status, what = response.status_code, f"{response.url}: HTTP {response.status_code}"
    if status == requests.codes.ok:
        return None
    if status in REDIRECTS:
        location = response.headers.get("Location", "nowhere")
        return SourceContractError(
            f"{what}, a redirect to {location}, which is never followed. If DANE has moved the service, set "
            f"SIPSA_WSDL_URL to its new address.{kept}"
        )
    if status in FORBIDDEN:
        return SourceForbiddenError(
            f"{what}: the service refuses this address. Waiting does not help: run from another network, or set "
            f"SIPSA_WSDL_URL to an address that serves yours.{kept}"
        )
    if status in WAIT or status >= SERVER_FAULT:
        wait = response.headers.get("Retry-After")
        advice = f"it asks to wait (Retry-After: {wait})" if wait else "DANE's service is down or busy"
        return SourceUnavailableError(f"{what}: {advice}; run again later.{kept}")
    if status == NO_SUCH_MEDIA_TYPE:
        return SourceContractError(
            f"{what}: it does not take SOAP 1.2 (application/soap+xml) any more; compare with `mercado sipsa contract`."
            f"{kept}"
        )
    return SourceContractError(f"{what}, expected 200. Check SIPSA_WSDL_URL, then `mercado sipsa contract`.{kept}")


def failure(
    error: requests.RequestException | HTTPError, url: str, *, silence_seconds: float, kept: str = ""
) -> SourceError | ConfigurationError:
    """Return the clear error for a request that failed without an answer, or in the middle of one.

    Args:
        error: What requests raised, or urllib3 in the middle of an answer.
        url: What was asked.
        silence_seconds: The time-out that was in force.
        kept: Where the bytes are that did come, for the message.
    """
    cause = error.args[0] if error.args and isinstance(error, requests.RequestException) else error
    reason = getattr(cause, "reason", cause)
    if isinstance(error, requests.exceptions.SSLError | SSLError):
        advice = (
            "the certificate is not trusted, or no TLS. DANE's chain has been incomplete at times: run again later. "
            "Behind a proxy with an authority of its own, set REQUESTS_CA_BUNDLE"
        )
    elif isinstance(error, requests.ReadTimeout) or isinstance(reason, ReadTimeoutError):
        advice = f"timed out after {silence_seconds:g} s of silence; run again later"
    elif isinstance(error, requests.exceptions.ProxyError):
        advice = "the proxy does not let it through; see HTTPS_PROXY and NO_PROXY"
    elif isinstance(reason, NameResolutionError):
        advice = "its name is not known here; check SIPSA_WSDL_URL and this machine's network"
    elif isinstance(error, CUT):
        advice = "the answer was cut before its end; run again later"
    elif isinstance(error, requests.ConnectionError | HTTPError):
        advice = "no connection, or closed without an answer; run again later"
    else:
        return ConfigurationError(f"{url}: cannot be asked ({error}). Check SIPSA_WSDL_URL.")
    return SourceUnavailableError(f"{url}: {advice} ({reason}).{kept}")


def answer_fault(response: requests.Response, receipt: Receipt) -> SourceError | None:
    """Return why an answer that came to its end is not one of the contract, after keeping it; else ``None``."""
    item, whole = ITEM.search(receipt.head), CLOSED.search(receipt.tail)
    fault = None if item or HTML.match(receipt.head) else fault_text(receipt.head)
    if response.status_code == requests.codes.ok and item and whole:
        return None
    kept = receipt.keep_failed()
    what = f"{response.url}: HTTP {response.status_code}"
    if fault and (response.status_code == requests.codes.ok or response.status_code >= requests.codes.server_error):
        kind = SourceUnavailableError if fault[0] in SERVICE_FAULTS else SourceContractError
        return kind(f"{what} with a SOAP fault ({fault[0]}): {fault[1]}.{kept}")
    if unwelcome := refusal(response, kept=kept):
        return unwelcome
    if not receipt.head.strip():
        return SourceUnavailableError(f"{what} with an empty answer; run again later.{kept}")
    if HTML.match(receipt.head) or "html" in response.headers.get("Content-Type", ""):
        return SourceContractError(f"{what} with a web page instead of SOAP. Check SIPSA_WSDL_URL.{kept}")
    if not ENVELOPE.search(receipt.head):
        return SourceContractError(f"{what}, expected SOAP, got {receipt.head[:100]!r}. Check SIPSA_WSDL_URL.{kept}")
    if not whole:
        return SourceUnavailableError(
            f"{what}, but the answer was cut: it does not end with </Envelope>; run again later.{kept}"
        )
    return SourceUnavailableError(
        f"{what} without a single <return>: the service has no data now; run again later.{kept}"
    )
