"""Every error leaves as problem details (RFC 9457, ``application/problem+json``): one shape for all of them."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import Response
from pydantic import BaseModel, ConfigDict, Field

MEDIA_TYPE: Final = "application/problem+json"
MOST_FAULTS: Final = 20
TYPE_PREFIX: Final = "urn:mercado:problem:"


class CandleAddress(BaseModel):
    """Which candle is at fault."""

    model_config = ConfigDict(extra="forbid")

    position: int = Field(ge=0, description="Place in the request, from 0, the oldest.")
    open_time_utc: str | None = Field(description="When it opens, ISO 8601, UTC; null when its time cannot be read.")


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    model_config = ConfigDict(extra="forbid")

    field: str = Field(description="Name of the field at fault, such as `close`; `body` when it is the body itself.")
    candle: CandleAddress | None = Field(
        default=None, description="The candle at fault; null when it is no single candle."
    )
    message: str = Field(description="What was expected.")


class Problem(BaseModel):
    """Problem details, as in RFC 9457."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(description="Kind of problem, stable: for programs to compare with.")
    title: str = Field(description="The kind in words.")
    status: int = Field(ge=400, le=599, description="The HTTP status code.")
    detail: str = Field(description="What happened this time, and what to do.")
    errors: list[Fault] | None = Field(
        default=None,
        max_length=MOST_FAULTS,
        description="For 422: what is wrong with the request; the first 20 faults. At most one is named per column.",
    )


@dataclass(frozen=True)
class Kind:
    """A kind of problem.

    Attributes:
        name: Last part of its type.
        title: In words.
        status: The HTTP status code.
    """

    name: str
    title: str
    status: int


TOO_LARGE: Final = Kind("body-too-large", "The body is too large", 413)
UNAUTHORIZED: Final = Kind("unauthorized", "A key is needed", 401)
TOO_MANY: Final = Kind("too-many-requests", "Too many requests in a minute", 429)
TOO_SLOW: Final = Kind("body-too-slow", "The body did not come in time", 408)
NOT_FOUND: Final = Kind("not-found", "There is no such thing", 404)
OVERLOADED: Final = Kind("overloaded", "Too many requests at once", 503)
INVALID_REQUEST: Final = Kind("invalid-request", "The request cannot be used", 422)
MODEL_NOT_READY: Final = Kind("model-not-ready", "No model is served now", 503)
NOT_ENOUGH_DATA: Final = Kind("not-enough-data", "Too few candles are stored", 503)
SCHEMA_OUTDATED: Final = Kind("schema-outdated", "The warehouse has another schema", 503)
SERVICE_UNAVAILABLE: Final = Kind("service-unavailable", "A service that is needed does not answer", 503)
NOT_CONFIGURED: Final = Kind("not-configured", "A setting is missing or wrong", 503)
INTERNAL: Final = Kind("internal-error", "The server made a mistake", 500)


def http_kind(status: int) -> Kind:
    """Return the kind of a plain HTTP error, such as 404."""
    # The phrase of 413 is another one from Python 3.13 on.
    for kind in (TOO_LARGE, TOO_SLOW, NOT_FOUND):
        if status == kind.status:
            return kind
    phrase = HTTPStatus(status).phrase
    return Kind(phrase.lower().replace(" ", "-"), phrase, status)


def problem_response(
    kind: Kind, detail: str, *, faults: list[Fault] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the answer that states a problem.

    Args:
        kind: Of the problem.
        detail: What happened this time.
        faults: For a refused request; those beyond `MOST_FAULTS` are left out.
        headers: Sent beside the media type.
    """
    problem = Problem(
        type=TYPE_PREFIX + kind.name,
        title=kind.title,
        status=kind.status,
        detail=detail,
        errors=faults[:MOST_FAULTS] if faults else None,
    )
    body = problem.model_dump_json(exclude={"errors"} if faults is None else set())
    return Response(body, status_code=kind.status, headers=headers, media_type=MEDIA_TYPE)
