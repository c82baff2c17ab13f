"""From candles to an answer: the one place where a model, candles and the clock come together."""

from datetime import datetime, timedelta
from typing import Final

import numpy as np

from fastapi_app.faults import RefusedRequestError, candle_fault
from fastapi_app.forecast_answer import ForecastAnswer, PriceInterval
from fastapi_app.forecast_request import ForecastRequest, SeriesRequest
from fastapi_app.model_descriptions import reference
from fastapi_app.problems import Fault
from fastapi_app.served_model import ServedModel
from fastapi_app.warehouse import LatestCandles
from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.forecasts import Forecast
from mercado.bitcoin.grid import instant
from mercado.bitcoin.predictions import StoredPrediction
from mercado.errors import InvalidCandlesError

STALE_AFTER_INTERVALS: Final = 3
REQUEST_ORIGIN: Final = "request"
Predicted = tuple[ForecastAnswer, StoredPrediction]


def forecast_given(
    request: ForecastRequest, served: ServedModel, *, now: datetime, request_id: str | None
) -> Predicted:
    """Return the forecast from the candles of a request, and the same as it is stored.

    Raises:
        RefusedRequestError: They are not the model's, break a rule of candles, or are not all closed by ``now``.
    """
    require_served_series(request, served)
    series = request.series()
    try:
        require_closed(series, now)
        forecast = served.forecaster.forecast(series)
    except InvalidCandlesError as error:
        raise RefusedRequestError(candle_fault(error, series)) from error
    prediction = StoredPrediction.of(
        forecast,
        served.forecaster,
        served.version,
        series[len(series) - FEATURE_WINDOW_BARS :],
        kind="given",
        data_origin=REQUEST_ORIGIN,
        request_id=request_id,
    )
    return answer_of(prediction, forecast, served, now=now), prediction


def forecast_latest(latest: LatestCandles, served: ServedModel, *, now: datetime) -> Predicted:
    """Return the forecast from the newest stored candles of the served model's series, and the same as it is stored.

    Raises:
        InvalidCandlesError: A stored candle breaks a rule.
    """
    forecast = served.forecaster.forecast(latest.series)
    prediction = StoredPrediction.of(
        forecast,
        served.forecaster,
        served.version,
        latest.series,
        kind="latest",
        data_origin=latest.origin,
        filled_count=latest.filled_count,
    )
    return answer_of(prediction, forecast, served, now=now), prediction


def require_served_series(request: SeriesRequest, served: ServedModel) -> None:
    """Refuse another symbol or interval than the served model's."""
    for field in ("symbol", "interval"):
        asked, expected = getattr(request, field), getattr(served.forecaster, field)
        if asked != expected:
            raise RefusedRequestError(
                Fault(field=field, message=f"Expected {expected}, the served model's: got {asked}.")
            )


def require_closed(series: CandleSeries, now: datetime) -> None:
    """Refuse candles under way: their close is not known yet, so a forecast from it would be another question."""
    now_ms = int(now.timestamp() * 1000)
    under_way = np.flatnonzero(series.open_time_ms + series.interval.milliseconds > now_ms)
    if under_way.size:
        position = int(under_way[0])
        opens = instant(series.open_time_ms[position])
        message = (
            f"Candle {position} opens at {opens} and is not closed yet: the server's clock says {instant(now_ms)}."
        )
        raise InvalidCandlesError(message, field="open_time_ms", position=position)


def answer_of(
    prediction: StoredPrediction, forecast: Forecast, served: ServedModel, *, now: datetime
) -> ForecastAnswer:
    """Return a prediction as a client gets it."""
    length = timedelta(milliseconds=served.forecaster.interval.milliseconds)
    stale_from = prediction.as_of_utc + STALE_AFTER_INTERVALS * length
    return ForecastAnswer(
        prediction_id=prediction.prediction_id,
        symbol=prediction.symbol,
        interval=served.forecaster.interval,
        as_of_utc=prediction.as_of_utc,
        target_close_utc=prediction.target_close_utc,
        direction=forecast.direction,
        probability_up=forecast.probability_up,
        expected_log_return=forecast.expected_log_return,
        last_close=forecast.last_close,
        forecast_price=forecast.forecast_price,
        price_interval=PriceInterval(
            lower_price=forecast.lower_price, upper_price=forecast.upper_price, coverage=forecast.interval_coverage
        ),
        unlike_training=forecast.unlike_training,
        unusual_share=forecast.unusual_share,
        filled_candles=prediction.filled_count,
        stale_from_utc=stale_from,
        stale=now >= stale_from,
        data_origin=prediction.data_origin,
        model=reference(served),
    )
