"""Turns every exception into problem details."""

import logging

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException

from fastapi_app import problems
from fastapi_app.faults import RefusedRequestError, validation_faults
from fastapi_app.problems import Fault, Kind, problem_response
from mercado.errors import (
    ConfigurationError,
    MercadoError,
    ModelNotReadyError,
    NotEnoughDataError,
    SchemaOutdatedError,
    ServiceUnavailableError,
)

logger = logging.getLogger(__name__)
RETRY_AFTER_SECONDS = "5"
# The nearest class in an error's ancestry decides.
UNAVAILABLE: dict[type[MercadoError], Kind] = {
    ModelNotReadyError: problems.MODEL_NOT_READY,
    NotEnoughDataError: problems.NOT_ENOUGH_DATA,
    SchemaOutdatedError: problems.SCHEMA_OUTDATED,
    ServiceUnavailableError: problems.SERVICE_UNAVAILABLE,
    ConfigurationError: problems.NOT_CONFIGURED,
}


def add_error_handlers(app: FastAPI) -> None:
    """Make ``app`` answer every error as problem details."""
    app.exception_handler(RequestValidationError)(_refuse_shape)
    app.exception_handler(RefusedRequestError)(_refuse_content)
    app.exception_handler(StarletteHTTPException)(_http_error)
    app.exception_handler(Exception)(_internal_error)
    for error in UNAVAILABLE:
        app.exception_handler(error)(_unavailable)


def _refuse_shape(_: Request, error: RequestValidationError) -> Response:
    return _refused(validation_faults(error.errors(), error.body))


def _refuse_content(_: Request, error: RefusedRequestError) -> Response:
    return _refused([error.fault])


def _refused(faults: list[Fault]) -> Response:
    more = f" ({len(faults) - 1} more)" if len(faults) > 1 else ""
    first = faults[0]
    where = f"candle {first.candle.position} (opens {first.candle.open_time_utc}), " if first.candle else ""
    detail = f"{where}{first.field}: {first.message}{more}"
    return problem_response(problems.INVALID_REQUEST, detail, faults=faults)


def _http_error(request: Request, error: HTTPException) -> Response:
    said = {
        404: f"There is no {request.url.path}: see /docs.",
        405: f"{request.method} is not allowed here: see /docs.",
    }
    plain = error.detail == problems.http_kind(error.status_code).title
    detail = said.get(error.status_code, error.detail) if plain else error.detail
    return problem_response(problems.http_kind(error.status_code), detail, headers=error.headers)


def _unavailable(_: Request, error: MercadoError) -> Response:
    kind = next(UNAVAILABLE[ancestor] for ancestor in type(error).__mro__ if ancestor in UNAVAILABLE)
    return problem_response(kind, str(error), headers={"Retry-After": RETRY_AFTER_SECONDS})


def _internal_error(request: Request, error: Exception) -> Response:
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
    return problem_response(problems.INTERNAL, "Nothing is wrong with the request; the server's log has the cause.")
