"""A prediction as it is stored: from which candles, by which model, with what result; named by all of that.

The same model and the same candles give the same prediction, to the last bit. So its id is made from them, and several
replicas of the API, or a replay afterwards, store it once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, Self
from uuid import UUID, uuid5

import psycopg

from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.forecasts import Forecast
from mercado.registry import ModelVersion
from mercado.warehouse.connection import sql

PACKAGE: Final = "mercado.bitcoin"
# Any fixed value: it keeps these ids apart from other name-based ones.
NAMESPACE: Final = UUID("6f2d6b3e-51a7-4f0e-9d0c-3f2b8a1c7e55")
Kind = Literal["latest", "given", "as_of", "replayed"]


@dataclass(frozen=True)
class StoredPrediction:
    """One row of ``market_data.predictions``; the table's comments say what each column means."""

    prediction_id: UUID
    kind: Kind
    request_id: str | None
    symbol: str
    interval: str
    horizon_bars: int
    first_open_utc: datetime
    as_of_utc: datetime
    target_close_utc: datetime
    model_name: str
    model_version: int
    run_id: str
    dataset_sha256: str
    candles_sha256: str
    filled_count: int
    data_origin: str
    probability_up: float
    expected_log_return: float
    last_close: float
    forecast_price: float
    lower_price: float
    upper_price: float
    interval_coverage: float
    unusual_share: float

    @classmethod
    def of(
        cls,
        forecast: Forecast,
        forecaster: Forecaster,
        version: ModelVersion,
        candles: CandleSeries,
        *,
        kind: Kind,
        data_origin: str,
        filled_count: int = 0,
        request_id: str | None = None,
    ) -> Self:
        """Return a forecast as a row.

        Args:
            forecast: Made from ``candles``.
            forecaster: The model that made it.
            version: Of that model.
            candles: Exactly those that were read, on the grid.
            kind: How it came about.
            data_origin: Of the last candle.
            filled_count: Candles that the exchange lacks.
            request_id: Of the request that asked for it.
        """
        digest = candles.digest
        as_of = utc(forecast.as_of_ms)
        ahead = timedelta(milliseconds=forecaster.horizon_bars * forecaster.interval.milliseconds)
        return cls(
            prediction_id=prediction_id(version, forecaster.symbol, digest),
            kind=kind,
            request_id=request_id,
            symbol=forecaster.symbol,
            interval=forecaster.interval.value,
            horizon_bars=forecaster.horizon_bars,
            first_open_utc=utc(int(candles.open_time_ms[0])),
            as_of_utc=as_of,
            target_close_utc=as_of + ahead,
            model_name=version.name,
            model_version=version.version,
            run_id=version.run_id,
            dataset_sha256=forecaster.training_digest,
            candles_sha256=digest,
            filled_count=filled_count,
            data_origin=data_origin,
            probability_up=forecast.probability_up,
            expected_log_return=forecast.expected_log_return,
            last_close=forecast.last_close,
            forecast_price=forecast.forecast_price,
            lower_price=forecast.lower_price,
            upper_price=forecast.upper_price,
            interval_coverage=forecast.interval_coverage,
            unusual_share=forecast.unusual_share,
        )


def prediction_id(version: ModelVersion, symbol: str, candles_sha256: str) -> UUID:
    """Return the id of what a model predicts for a symbol from candles."""
    return uuid5(NAMESPACE, f"{version.name}/{version.version}/{version.run_id}/{symbol}/{candles_sha256}")


def store_predictions(connection: psycopg.Connection, predictions: Iterable[StoredPrediction]) -> None:
    """Insert predictions in one transaction; those that are stored already stay as they are."""
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(sql(PACKAGE, "insert_prediction"), [vars(prediction) for prediction in predictions])


def utc(time_ms: int) -> datetime:
    """Return milliseconds since the epoch as an instant."""
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC)
