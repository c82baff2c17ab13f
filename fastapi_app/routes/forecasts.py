"""Forecasts: the newest, from given candles, as of many instants, and scores of features."""

from functools import partial
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Body, Request, Response

from fastapi_app.batch import BatchAnswer, BatchRequest, forecast_batch
from fastapi_app.bodies import JsonRoute
from fastapi_app.dependencies import (
    IntervalQuery,
    NowDep,
    RequestIdDep,
    ServedModelDep,
    ServicesDep,
    SymbolQuery,
    find_served,
    note_model,
)
from fastapi_app.documentation import (
    NO_SUCH_SERIES,
    REFUSED,
    UNAVAILABLE,
    Responses,
    example_batch,
    example_features,
    example_request,
)
from fastapi_app.forecast_answer import ForecastAnswer
from fastapi_app.forecast_request import ForecastRequest
from fastapi_app.forecasting import forecast_given
from fastapi_app.model_answers import Answer
from fastapi_app.scoring import ScoringAnswer, ScoringRequest, score

router = APIRouter(tags=["forecasts"], route_class=JsonRoute)
EXAMPLES = {
    "columns": {
        "summary": "1000 hours as columns",
        "description": "Invented candles. As objects, `candles` is a list of `Candle`.",
        "value": example_request(),
    }
}
BATCH_EXAMPLES = {
    "stored": {"summary": "Two hours", "description": "Of the stored candles.", "value": example_batch()},
}
FEATURE_EXAMPLES = {
    "one": {"summary": "One row", "description": "Invented features.", "value": example_features()},
}
# Read from the request itself: any text is allowed, so there is nothing to validate.
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": "`ETag` of an answer that the client has: 304 while it holds.",
}
NOT_MODIFIED: Responses = {304: {"description": "The answer is still the one that `If-None-Match` names."}}


@router.get(
    "/predict",
    summary="Forecast from the newest stored candles",
    response_model=ForecastAnswer,
    responses=NO_SUCH_SERIES | UNAVAILABLE | NOT_MODIFIED,
    openapi_extra={"parameters": [IF_NONE_MATCH]},
)
async def predict_from_newest_candles(
    request: Request, services: ServicesDep, symbol: SymbolQuery = None, interval: IntervalQuery = None
) -> Response:
    """Forecast the close of the candle after the newest one in the warehouse; `stale` says when that one is old.

    Made once for each new candle and model, then answered from memory.
    """
    # The series is no dependency of its own, which would cost a tenth of the answer's time.
    prepared = (await services.models.find(symbol, interval)).latest.require()
    note_model(request, prepared.answer.model)
    form = prepared.at(services.now())
    headers = {"ETag": form.etag, "Cache-Control": "no-cache"}
    # A proxy that compresses marks the tag as weak; RFC 9110 has such tags compared without the mark.
    known = {tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")}
    if {form.etag, "*"} & known:
        return Response(status_code=304, headers=headers)
    return Response(form.body, headers=headers, media_type="application/json")


@router.post(
    "/predict", summary="Forecast from given candles", response_model=ForecastAnswer, responses=REFUSED | UNAVAILABLE
)
async def predict_from_given_candles(
    asked: Annotated[ForecastRequest, Body(openapi_examples=EXAMPLES)],
    request: Request,
    services: ServicesDep,
    now: NowDep,
    request_id: RequestIdDep,
) -> Response:
    """Forecast the close of the candle after the last one given, with the model of the series that the body names."""
    served = await find_served(services, request, asked)
    # A coroutine, though it computes: a millisecond is less than what ten threads lose on the interpreter's lock.
    answer, prediction = forecast_given(asked, served, now=now, request_id=request_id)
    services.log.record([prediction])
    return _json(answer)


@router.post(
    "/predict/batch",
    summary="Forecast as of many instants",
    response_model=BatchAnswer,
    responses=REFUSED | UNAVAILABLE,
)
async def predict_batch(
    asked: Annotated[BatchRequest, Body(openapi_examples=BATCH_EXAMPLES)],
    request: Request,
    services: ServicesDep,
    now: NowDep,
    request_id: RequestIdDep,
) -> Response:
    """Forecast as of each instant what the present model of the series would have forecast then.

    From stored candles, or from given ones.
    """
    served = await find_served(services, request, asked)
    work = partial(forecast_batch, asked, services.reader, served, now=now, request_id=request_id)
    limiter = None if asked.candles else services.warehouse_threads
    answer, predictions = await to_thread.run_sync(work, limiter=limiter)
    services.log.record(predictions)
    return _json(answer)


@router.post(
    "/predict/features", summary="Score feature rows", response_model=ScoringAnswer, responses=REFUSED | UNAVAILABLE
)
async def score_features(
    asked: Annotated[ScoringRequest, Body(openapi_examples=FEATURE_EXAMPLES)], served: ServedModelDep
) -> Response:
    """Score ready-made feature rows; what they were made from is the caller's affair, so nothing is stored.

    Rows belong to no series, so the parameters name the one whose model scores them.
    """
    return _json(score(asked, served))


def _json(answer: Answer) -> Response:
    """Return an answer that is valid already, without validating it once more."""
    return Response(answer.model_dump_json(), media_type="application/json")
