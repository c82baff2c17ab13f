"""POST /predict/batch: forecasts of one series as of many instants, computed together.

Each is, bit for bit, what a single request would have answered at that instant.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from pydantic import AwareDatetime, BeforeValidator, Field

from fastapi_app.faults import RefusedRequestError, candle_fault
from fastapi_app.forecast_answer import Direction, PriceInterval
from fastapi_app.forecast_request import CandleColumns, SeriesRequest
from fastapi_app.forecasting import REQUEST_ORIGIN, require_closed, require_served_series
from fastapi_app.model_answers import Answer, ModelReference
from fastapi_app.model_descriptions import reference
from fastapi_app.problems import Fault
from fastapi_app.served_model import ServedModel
from fastapi_app.warehouse import WarehouseReader
from mercado.bitcoin.candle_rules import check_candles
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.features import FEATURE_WINDOW_BARS, feature_matrix
from mercado.bitcoin.forecasts import Forecast, forecast_of_row
from mercado.bitcoin.grid import Grid, instant, to_grid
from mercado.bitcoin.predictions import Kind, StoredPrediction
from mercado.errors import InvalidCandlesError, NotEnoughDataError

MOST_INSTANTS: Final = 1000
LONGEST_SPAN_BARS: Final = 20_000
# Read before the first window, so that a gap at its start is filled with what came before, as in a single forecast.
MARGIN_BARS: Final = 500
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
WRITTEN_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d.*")


def _written(value: Any) -> Any:
    """Refuse numbers, which pydantic would take for seconds or milliseconds, whichever fits."""
    if not isinstance(value, str) or not WRITTEN_INSTANT.fullmatch(value):
        raise ValueError("Expected an instant with its zone, such as 2026-01-01T00:00:00Z")
    return value


Instant = Annotated[AwareDatetime, BeforeValidator(_written)]


class BatchRequest(SeriesRequest):
    """Instants to forecast from, of stored candles or of given ones."""

    as_of_utc: Annotated[list[Instant], Field(min_length=1, max_length=MOST_INSTANTS)] = Field(
        description=f"1 to {MOST_INSTANTS} instants at which a candle closed; each forecast knows nothing later. The "
        f"first and the last are at most {LONGEST_SPAN_BARS} candles apart.",
        examples=[["2025-12-31T23:00:00Z", "2026-01-01T00:00:00Z"]],
    )
    candles: CandleColumns | None = Field(
        default=None,
        description="Closed candles without a gap, oldest first, as columns: from 999 before the first instant on. "
        "Without them the stored ones are used.",
    )


class BatchForecast(Answer):
    """The forecast as of one instant."""

    prediction_id: UUID = Field(
        description="See GET /predictions/{id}.", examples=["0f5c8d1e-6a4b-5a87-9f5e-3d5a0a8a1b2c"]
    )
    as_of_utc: datetime = Field(description="When the last candle closed.", examples=["2026-01-01T00:00:00Z"])
    target_close_utc: datetime = Field(
        description="When the forecast candle closes.", examples=["2026-01-01T01:00:00Z"]
    )
    direction: Direction = Field(description="`up` when probability_up > 0.5.", examples=["up"])
    probability_up: float = Field(ge=0, le=1, description="P(forecast close > last close).", examples=[0.5312])
    expected_log_return: float = Field(description="ln(forecast_price / last_close).", examples=[0.000048])
    last_close: float = Field(gt=0, description="In the quote asset.", examples=[87512.04])
    forecast_price: float = Field(gt=0, description="In the quote asset.", examples=[87516.24])
    price_interval: PriceInterval
    unusual_share: float = Field(
        ge=0, le=1, description="Share of the features outside their range in training.", examples=[0.0]
    )
    filled_candles: int = Field(ge=0, description="Candles among the 1000 that the exchange lacks.", examples=[0])


class BatchAnswer(Answer):
    """Forecasts in the order of the instants asked for."""

    symbol: str = Field(description="Symbol of the candles.", examples=["BTCUSDT"])
    interval: CandleInterval = Field(description="Length of each candle.", examples=["1h"])
    data_origin: str = Field(description="Where the candles came from, as in GET /predict.", examples=["binance"])
    model: ModelReference
    forecasts: list[BatchForecast] = Field(description="One for each instant.")


@dataclass(frozen=True)
class _Source:
    """Bars that cover every instant's window."""

    grid: Grid
    kind: Kind
    origin: str


def forecast_batch(
    request: BatchRequest, reader: WarehouseReader, served: ServedModel, *, now: datetime, request_id: str | None
) -> tuple[BatchAnswer, list[StoredPrediction]]:
    """Return the forecasts that a request asks for, and the same as they are stored.

    Raises:
        RefusedRequestError: The series is not the model's, a candle breaks a rule, or there are no 1000 candles up to
            an instant; names it.
        MercadoError: As `WarehouseReader`, when the candles are to come from there.
    """
    require_served_series(request, served)
    step = request.interval.milliseconds
    # Rounded down: up would be later than what was asked for.
    closes_ms = np.array([(moment - EPOCH) // timedelta(milliseconds=1) for moment in request.as_of_utc], np.int64)
    if int(closes_ms.max() - closes_ms.min()) > LONGEST_SPAN_BARS * step:
        raise _refused(f"The instants are more than {LONGEST_SPAN_BARS} candles apart: ask in several requests.")
    source = _given(request, request.candles, now) if request.candles else _stored(reader, request, closes_ms)
    bars = _bars(source.grid, closes_ms)
    forecasts = served.forecaster.predict_features(feature_matrix(source.grid)[bars])
    predictions, answers = [], []
    for row, bar in enumerate(bars.tolist()):
        window = source.grid[bar + 1 - FEATURE_WINDOW_BARS : bar + 1]
        forecast = forecast_of_row(window.series, forecasts, row)
        prediction = StoredPrediction.of(
            forecast,
            served.forecaster,
            served.version,
            window.series,
            kind=source.kind,
            data_origin=source.origin,
            filled_count=int(window.missing.sum()),
            request_id=request_id,
        )
        predictions.append(prediction)
        answers.append(_answer(forecast, prediction))
    answer = BatchAnswer(
        symbol=request.symbol,
        interval=request.interval,
        data_origin=source.origin,
        model=reference(served),
        forecasts=answers,
    )
    return answer, predictions


def _given(request: BatchRequest, candles: CandleColumns, now: datetime) -> _Source:
    series = candles.series(request.interval)
    try:
        check_candles(series)
        require_closed(series, now)
    except InvalidCandlesError as error:
        raise RefusedRequestError(candle_fault(error, series)) from error
    return _Source(to_grid(series), "given", REQUEST_ORIGIN)


def _stored(reader: WarehouseReader, request: BatchRequest, closes_ms: NDArray[np.int64]) -> _Source:
    before = (FEATURE_WINDOW_BARS + MARGIN_BARS) * request.interval.milliseconds
    start_ms, end_ms = int(closes_ms.min()) - before, int(closes_ms.max())
    try:
        grid, origin = reader.between(request.symbol, request.interval, start_ms=start_ms, end_ms=end_ms)
    except NotEnoughDataError as error:
        raise _refused(str(error)) from error
    return _Source(grid, "as_of", origin)


def _bars(grid: Grid, closes_ms: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the place of the candle that closes at each instant."""
    step, first_ms = grid.series.interval.milliseconds, int(grid.series.open_time_ms[0])
    bars = (closes_ms - first_ms) // step - 1
    for place, (close_ms, bar) in enumerate(zip(closes_ms.tolist(), bars.tolist(), strict=True)):
        when = f"Instant {place} ({instant(close_ms)})"
        if close_ms % step:
            raise _refused(f"{when} is no time at which a candle of {grid.series.interval} closes.")
        if bar >= len(grid) or bar < 0 or grid.missing[bar]:
            raise _refused(f"{when}: there is no candle that closed then.")
        if bar + 1 < FEATURE_WINDOW_BARS:
            raise _refused(f"{when}: a forecast needs {FEATURE_WINDOW_BARS} candles up to then, there are {bar + 1}.")
    return bars


def _refused(message: str) -> RefusedRequestError:
    return RefusedRequestError(Fault(field="as_of_utc", message=message))


def _answer(forecast: Forecast, prediction: StoredPrediction) -> BatchForecast:
    return BatchForecast(
        prediction_id=prediction.prediction_id,
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
        unusual_share=forecast.unusual_share,
        filled_candles=prediction.filled_count,
    )
