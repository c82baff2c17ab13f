"""GET /predictions/{id}: a prediction's passport, from the answer back to the raw bytes that the candles came in."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pydantic import Field

from fastapi_app.faults import NotFoundError
from fastapi_app.forecast_answer import PriceInterval
from fastapi_app.model_answers import Answer
from fastapi_app.prediction_log import PredictionLog
from fastapi_app.warehouse import Row, WarehouseReader
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.predictions import Kind
from mercado.errors import NotEnoughDataError


class PredictedPrice(Answer):
    """What was answered."""

    probability_up: float = Field(ge=0, le=1, description="P(forecast close > last close).", examples=[0.5312])
    expected_log_return: float = Field(description="ln(forecast_price / last_close).", examples=[0.000048])
    last_close: float = Field(gt=0, description="In the quote asset.", examples=[87512.04])
    forecast_price: float = Field(gt=0, description="In the quote asset.", examples=[87516.24])
    price_interval: PriceInterval
    unusual_share: float = Field(
        ge=0, le=1, description="Share of the features outside their range in training.", examples=[0.0]
    )


class TrainedModel(Answer):
    """Which model answered."""

    name: str = Field(description="Name in MLflow's registry.", examples=["bitcoin-forecaster"])
    version: int = Field(ge=1, description="Version in MLflow's registry.", examples=[3])
    run_id: str = Field(
        description="The MLflow run that trained it: its inputs name the training set, `mercado bitcoin rebuild` makes "
        "that again.",
        examples=["0f6f2d1c9f2b4c6c8f2f3a1f5b7d9e11"],
    )
    dataset_sha256: str = Field(description="Digest of its training set.", examples=["9f86d081884c7d65"])
    url: str = Field(
        description="The version in MLflow's UI.",
        examples=["http://localhost:5000/#/models/bitcoin-forecaster/versions/3"],
    )


class RawAnswer(Answer):
    """One answer of a source, as it came."""

    url: str = Field(
        description="Where it was asked for.",
        examples=["https://data.binance.vision/data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2025-12.zip"],
    )
    sha256: str = Field(description="Digest of its bytes.", examples=["9f86d081884c7d65"])
    byte_count: int = Field(ge=0, description="Its size in bytes.", examples=[41231])
    received_at_utc: datetime = Field(description="When it had come.", examples=["2026-01-01T00:10:04Z"])


class CandleLoad(Answer):
    """A load that wrote some of the candles."""

    load_id: int = Field(description="Row of `ops.loads`.", examples=[17])
    source: str = Field(description="Short name of the source.", examples=["binance"])
    scope: str = Field(description="Which part of it.", examples=["BTCUSDT 1h"])
    origin: str = Field(description="The exchange, or `simulator: …`.", examples=["binance"])
    status: str = Field(description="How it ended.", examples=["succeeded"])
    started_at_utc: datetime = Field(description="When it began.", examples=["2026-01-01T00:10:00Z"])
    finished_at_utc: datetime | None = Field(
        description="When it ended; null while it runs.", examples=["2026-01-01T00:10:05Z"]
    )
    candles: int = Field(ge=1, description="How many of the candles it wrote.", examples=[1000])
    answers: list[RawAnswer] = Field(description="All answers of the load.")


class UsedCandles(Answer):
    """What the prediction was made from."""

    symbol: str = Field(description="Symbol of the candles.", examples=["BTCUSDT"])
    interval: CandleInterval = Field(description="Length of each candle.", examples=["1h"])
    first_open_utc: datetime = Field(description="When the first one opens.", examples=["2025-11-20T08:00:00Z"])
    as_of_utc: datetime = Field(description="When the last one closed.", examples=["2026-01-01T00:00:00Z"])
    sha256: str = Field(description="Digest of all of them.", examples=["9f86d081884c7d65"])
    filled: int = Field(ge=0, description="How many of them the exchange lacks.", examples=[0])
    data_origin: str = Field(description="Where they came from.", examples=["binance"])
    as_stored: bool = Field(
        description="Whether the warehouse holds the same candles now: false for others that a request brought, and "
        "after a revision.",
        examples=[True],
    )
    loads: list[CandleLoad] = Field(description="The loads that wrote them, oldest first; none unless `as_stored`.")


class Truth(Answer):
    """What came true."""

    actual_close: float = Field(gt=0, description="Close of the forecast candle.", examples=[87498.2])
    log_return: float = Field(description="ln(actual_close / last_close).", examples=[-0.000158])
    hit: bool = Field(description="Whether the direction was right.", examples=[False])
    covered: bool = Field(description="Whether the close was inside the interval.", examples=[True])
    same_candle: bool = Field(
        description="Whether the last close given is the stored one; others are never judged.", examples=[True]
    )
    joined_at_utc: datetime = Field(description="When that was found out.", examples=["2026-01-02T00:20:00Z"])


class Passport(Answer):
    """A prediction with everything that it came from."""

    prediction_id: UUID = Field(description="Its id.", examples=["0f5c8d1e-6a4b-5a87-9f5e-3d5a0a8a1b2c"])
    kind: Kind = Field(
        description="`latest`: from the newest stored candles; `given`: from candles of a request; `as_of`: from "
        "stored ones as of an earlier instant; `replayed`: the same, computed afterwards by prediction_monitoring.",
        examples=["latest"],
    )
    predicted_at_utc: datetime | None = Field(
        description="When it was stored; null while it waits for that.", examples=["2026-01-01T00:05:00Z"]
    )
    request_id: str | None = Field(
        description="X-Request-ID of the first request that it answered; null when none asked for it.",
        examples=["5f0c2b7f9d0e4b8a"],
    )
    target_close_utc: datetime = Field(
        description="When the forecast candle closes.", examples=["2026-01-01T01:00:00Z"]
    )
    prediction: PredictedPrice
    model: TrainedModel
    candles: UsedCandles
    truth: Truth | None = Field(description="Null until the forecast candle has closed and prediction_monitoring ran.")


def passport(prediction_id: UUID, reader: WarehouseReader, log: PredictionLog, *, mlflow_url: str) -> Passport:
    """Return the passport of a prediction.

    Raises:
        NotFoundError: There is none with this id.
        MercadoError: As `WarehouseReader`.
    """
    waiting = log.find(prediction_id)
    row: Row | None = vars(waiting) if waiting else reader.prediction(prediction_id)
    if row is None:
        raise NotFoundError(
            f"There is no prediction {prediction_id}: it was never made here, another replica of the API has yet to "
            f"store it (ask again in a second), it was dropped unstored, or was removed by retention "
            f"(MERCADO_RETENTION_PREDICTION_DAYS)."
        )
    price_interval = PriceInterval(
        lower_price=row["lower_price"], upper_price=row["upper_price"], coverage=row["interval_coverage"]
    )
    return Passport(
        prediction_id=prediction_id,
        kind=row["kind"],
        predicted_at_utc=row.get("predicted_at_utc"),
        request_id=row["request_id"],
        target_close_utc=row["target_close_utc"],
        prediction=PredictedPrice(**_part(row, PredictedPrice) | {"price_interval": price_interval}),
        model=TrainedModel(
            name=row["model_name"],
            version=row["model_version"],
            run_id=row["run_id"],
            dataset_sha256=row["dataset_sha256"],
            url=f"{mlflow_url}/#/models/{row['model_name']}/versions/{row['model_version']}",
        ),
        candles=_candles(row, reader),
        truth=Truth(**_part(row, Truth)) if row.get("joined_at_utc") else None,
    )


def _candles(row: Row, reader: WarehouseReader) -> UsedCandles:
    as_stored = _stored_digest(row, reader) == row["candles_sha256"]
    loads = reader.loads_of(row) if as_stored else []
    return UsedCandles(
        symbol=row["symbol"],
        interval=row["interval"],
        first_open_utc=row["first_open_utc"],
        as_of_utc=row["as_of_utc"],
        sha256=row["candles_sha256"],
        filled=row["filled_count"],
        data_origin=row["data_origin"],
        as_stored=as_stored,
        loads=[CandleLoad(**load) for load in loads],
    )


def _stored_digest(row: Row, reader: WarehouseReader) -> str | None:
    """Return the digest of what is stored now in the place of the candles that were read."""
    interval = CandleInterval(row["interval"])
    length = timedelta(milliseconds=interval.milliseconds)
    # A gap at the start of the window is filled with the candle before it.
    start, end = row["first_open_utc"] - FEATURE_WINDOW_BARS * length, row["as_of_utc"]
    try:
        grid, _ = reader.between(row["symbol"], interval, start_ms=_ms(start), end_ms=_ms(end))
    except NotEnoughDataError:
        return None
    return grid.series[max(0, len(grid) - FEATURE_WINDOW_BARS) :].digest


def _ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _part(row: Row, model: type[Answer]) -> dict[str, Any]:
    """Return the columns of a row that are fields of a model."""
    return {name: row[name] for name in model.model_fields if name in row}
