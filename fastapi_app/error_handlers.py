"""Turns every exception into problem details."""

import logging
from http import HTTPStatus

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.routing import Match, Route

from fastapi_app import problems
from fastapi_app.faults import NotFoundError, RefusedRequestError, validation_faults
from fastapi_app.observing import REQUEST_ID
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
    app.exception_handler(NotFoundError)(_not_found)
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


def _not_found(_: Request, error: NotFoundError) -> Response:
    return problem_response(problems.NOT_FOUND, str(error))


def _http_error(request: Request, error: HTTPException) -> Response:
    said = {
        404: f"There is no {request.url.path}: see /docs.",
        405: f"{request.method} is not allowed here: see /docs.",
    }
    plain = error.detail == HTTPStatus(error.status_code).phrase
    detail = said.get(error.status_code, error.detail) if plain else error.detail
    headers = dict(error.headers or {})
    if error.status_code == 405 and (allowed := _allowed(request)):
        headers["Allow"] = ", ".join(allowed)
    return problem_response(problems.http_kind(error.status_code), detail, headers=headers)


def _allowed(request: Request) -> list[str]:
    """Return the methods of all routes of a path: Starlette names those of the first only."""
    routes = (route for route in request.app.routes if isinstance(route, Route))
    here = (route for route in routes if route.matches(request.scope)[0] is not Match.NONE)
    return sorted({method for route in here for method in route.methods or ()})


def _unavailable(_: Request, error: MercadoError) -> Response:
    kind = next(UNAVAILABLE[ancestor] for ancestor in type(error).__mro__ if ancestor in UNAVAILABLE)
    return problem_response(kind, str(error), headers={"Retry-After": RETRY_AFTER_SECONDS})


def _internal_error(request: Request, error: Exception) -> Response:
    request_id = getattr(request.state, "request_id", "")
    logger.error("%s %s failed", request.method, request.url.path, exc_info=error, extra={"request_id": request_id})
    detail = f"Nothing is wrong with the request; the server's log has the cause, under request id {request_id}."
    return problem_response(problems.INTERNAL, detail, headers={REQUEST_ID: request_id})
