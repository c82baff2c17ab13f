"""From candles to an answer: the one place where a model, candles and the clock come together."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from fastapi_app.faults import RefusedRequestError, candle_fault
from fastapi_app.forecast_answer import ForecastAnswer, PriceInterval
from fastapi_app.forecast_request import ForecastRequest
from fastapi_app.model_descriptions import reference
from fastapi_app.problems import Fault
from fastapi_app.served_model import ServedModel
from fastapi_app.warehouse import WarehouseReader
from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.forecasts import Forecast
from mercado.bitcoin.grid import instant
from mercado.errors import InvalidCandlesError

STALE_AFTER_INTERVALS: Final = 3
REQUEST_ORIGIN: Final = "request"


def forecast_given(request: ForecastRequest, served: ServedModel, *, now: datetime) -> ForecastAnswer:
    """Return the forecast from the candles of a request.

    Raises:
        RefusedRequestError: They are not the model's, break a rule of candles, or are not all closed by ``now``.
    """
    _require_served_series(request, served)
    series = request.series()
    try:
        _require_closed(series, now)
        forecast = served.forecaster.forecast(series)
    except InvalidCandlesError as error:
        raise RefusedRequestError(candle_fault(error, series)) from error
    return _answer(forecast, served, now=now, origin=REQUEST_ORIGIN, filled_count=0)


def forecast_latest(reader: WarehouseReader, served: ServedModel, *, now: datetime) -> ForecastAnswer:
    """Return the forecast from the newest stored candles of the served model's series.

    Raises:
        MercadoError: As `WarehouseReader.latest`.
    """
    latest = reader.latest(served.forecaster.symbol, served.forecaster.interval)
    forecast = served.forecaster.forecast(latest.series)
    return _answer(forecast, served, now=now, origin=latest.origin, filled_count=latest.filled_count)


def _require_served_series(request: ForecastRequest, served: ServedModel) -> None:
    for field in ("symbol", "interval"):
        asked, expected = getattr(request, field), getattr(served.forecaster, field)
        if asked != expected:
            raise RefusedRequestError(
                Fault(field=field, message=f"Expected {expected}, the served model's: got {asked}.")
            )


def _require_closed(series: CandleSeries, now: datetime) -> None:
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


def _answer(
    forecast: Forecast, served: ServedModel, *, now: datetime, origin: str, filled_count: int
) -> ForecastAnswer:
    length = timedelta(milliseconds=served.forecaster.interval.milliseconds)
    as_of = datetime.fromtimestamp(forecast.as_of_ms / 1000, tz=UTC)
    return ForecastAnswer(
        symbol=served.forecaster.symbol,
        interval=served.forecaster.interval,
        as_of_utc=as_of,
        target_close_utc=as_of + served.forecaster.horizon_bars * length,
        direction=forecast.direction,
        probability_up=forecast.probability_up,
        expected_log_return=forecast.expected_log_return,
        last_close=forecast.last_close,
        forecast_price=forecast.forecast_price,
        price_interval=PriceInterval(
            lower_price=forecast.lower_price, upper_price=forecast.upper_price, coverage=forecast.interval_coverage
        ),
        unlike_training=forecast.unlike_training,
        filled_candles=filled_count,
        candle_age_seconds=(now - as_of).total_seconds(),
        stale=now - as_of > STALE_AFTER_INTERVALS * length,
        data_origin=origin,
        model=reference(served),
    )
