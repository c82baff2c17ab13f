"""POST /predict and GET /predict."""

from typing import Annotated

from fastapi import APIRouter, Body

from fastapi_app.bodies import JsonRoute
from fastapi_app.dependencies import NowDep, ServedModelDep, ServicesDep
from fastapi_app.documentation import REFUSED, UNAVAILABLE, example_request
from fastapi_app.forecast_answer import ForecastAnswer
from fastapi_app.forecast_request import ForecastRequest
from fastapi_app.forecasting import forecast_given, forecast_latest

router = APIRouter(tags=["forecasts"], route_class=JsonRoute)
EXAMPLES = {
    "columns": {
        "summary": "1000 hours as columns",
        "description": "Invented candles. As objects, `candles` is a list of `Candle`.",
        "value": example_request(),
    }
}


@router.post("/predict", summary="Forecast from given candles", responses=REFUSED | UNAVAILABLE)
def predict_from_given_candles(
    request: Annotated[ForecastRequest, Body(openapi_examples=EXAMPLES)], served: ServedModelDep, now: NowDep
) -> ForecastAnswer:
    """Forecast the close of the candle after the last one given."""
    return forecast_given(request, served, now=now)


@router.get("/predict", summary="Forecast from the newest stored candles", responses=UNAVAILABLE)
def predict_from_newest_candles(services: ServicesDep, served: ServedModelDep, now: NowDep) -> ForecastAnswer:
    """Forecast the close of the candle after the newest one in the warehouse; `stale` says when that one is old."""
    return forecast_latest(services.reader, served, now=now)
