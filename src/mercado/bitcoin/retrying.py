"""Retries of requests to Binance: back off with jitter, honour Retry-After, give up with an error that says why.

Facts from binance-spot-api-docs (rest-api.md): 429 asks to wait, ignoring it brings a 418 ban of minutes to days, both
carry ``Retry-After`` in seconds; a 5xx leaves the outcome unknown, which is harmless for reads. 451, and a 403 from
the firewall, refuse the location: waiting does not help.
"""

import random
import time
from collections.abc import Callable
from typing import TypeVar

import requests
from binance.exceptions import BinanceAPIException, BinanceRequestException
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt

from mercado.errors import (
    ConfigurationError,
    SourceContractError,
    SourceError,
    SourceForbiddenError,
    SourceUnavailableError,
)

FORBIDDEN = (403, 451)
WAIT_STATUSES = (418, 429)
SERVER_FAULT = 500
UNKNOWN_SYMBOL = -1121
FIRST_BACK_OFF_SECONDS = 0.5
LONGEST_BACK_OFF_SECONDS = 30.0

Answer = TypeVar("Answer")
NETWORK_ERRORS = (
    requests.ConnectionError,
    requests.Timeout,
    requests.exceptions.ChunkedEncodingError,
    requests.exceptions.ContentDecodingError,
)
CLIENT_ERRORS = (BinanceAPIException, BinanceRequestException, requests.RequestException)


def retried(
    call: Callable[[], Answer],
    *,
    what: str,
    attempts: int,
    longest_wait_seconds: float,
    when_forbidden: str,
    sleep: Callable[[float], None] = time.sleep,
) -> Answer:
    """Return ``call()``, tried again after what may pass by itself.

    Args:
        call: Makes one request; raises what python-binance or requests raise.
        what: What is asked for and where, for the messages.
        attempts: Requests before giving up, >= 1.
        longest_wait_seconds: Longest ``Retry-After`` that is waited for; a longer one gives up at once.
        when_forbidden: What a person can do when the source refuses this location, for the message.
        sleep: Waits for that many seconds.

    Raises:
        SourceUnavailableError: Still failing after the last attempt, or the wait asked for is too long.
        SourceForbiddenError: The source refuses this location (451, 403).
        SourceContractError: The source answered something that is not its contract.
        ConfigurationError: Binance does not know the symbol.
    """
    policy = Retrying(
        retry=retry_if_exception(lambda error: _may_pass(error, longest_wait_seconds)),
        stop=stop_after_attempt(attempts),
        wait=_wait_seconds,
        sleep=sleep,
        reraise=True,
    )
    try:
        return policy(call)
    except CLIENT_ERRORS as error:
        raise _clear(error, what=what, attempts=attempts, when_forbidden=when_forbidden) from error


def _may_pass(error: BaseException, longest_wait_seconds: float) -> bool:
    if isinstance(error, NETWORK_ERRORS):
        return not isinstance(error, requests.exceptions.SSLError)
    status = _status(error)
    passes = status is not None and (status in WAIT_STATUSES or status >= SERVER_FAULT)
    return passes and _retry_after_seconds(error) <= longest_wait_seconds


def _wait_seconds(state: RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome else None
    asked = _retry_after_seconds(error)
    back_off = min(FIRST_BACK_OFF_SECONDS * 2 ** (state.attempt_number - 1), LONGEST_BACK_OFF_SECONDS)
    return asked or back_off * random.uniform(0.5, 1.0)  # noqa: S311  jitter, not a secret


def _status(error: BaseException | None) -> int | None:
    response = getattr(error, "response", None)
    return getattr(response, "status_code", None)


def _retry_after_seconds(error: BaseException | None) -> float:
    response = getattr(error, "response", None)
    value = response.headers.get("Retry-After", "") if response is not None else ""
    return float(value) if value.isdigit() else 0.0


def _clear(error: Exception, *, what: str, attempts: int, when_forbidden: str) -> SourceError | ConfigurationError:
    status, wait = _status(error), _retry_after_seconds(error)
    if status in FORBIDDEN:
        return SourceForbiddenError(
            f"{what}: refused with HTTP {status}, as Binance does for restricted locations. {when_forbidden}"
        )
    if status in WAIT_STATUSES:
        return SourceUnavailableError(f"{what}: HTTP {status}, too many requests; wait {wait:.0f} s and run again.")
    if status is not None and status >= SERVER_FAULT and wait:
        return SourceUnavailableError(f"{what}: HTTP {status}; it asks to wait {wait:.0f} s, run again then.")
    if isinstance(error, BinanceAPIException) and error.code == UNKNOWN_SYMBOL:
        return ConfigurationError(f"{what}: Binance knows no such symbol. Spell it as Binance does, such as BTCUSDT.")
    if isinstance(error, NETWORK_ERRORS) or (status is not None and status >= SERVER_FAULT):
        return SourceUnavailableError(f"{what}: no answer after {attempts} attempts ({error}). Run again later.")
    return SourceContractError(f"{what}: an answer outside Binance's contract ({error}).")
