"""Candles, stored forecasts, and what the monitoring found."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from fastapi_app.model_answers import Answer
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.predictions import Kind

GapKind = Literal["exchange_outage", "not_yet_published", "own_hole"]


class Candle(Answer):
    """A closed candle, as the exchange answered it."""

    symbol: str = Field(description="As Binance spells it.", examples=["BTCUSDT"])
    interval: CandleInterval = Field(description="Its length.", examples=["1h"])
    open_time_utc: datetime = Field(description="When it opened.", examples=["2026-01-01T00:00:00Z"])
    open_price: float = Field(gt=0, description="In the quote asset (USDT for BTCUSDT).", examples=[87512.04])
    high_price: float = Field(gt=0, description="In the quote asset.", examples=[87650.0])
    low_price: float = Field(gt=0, description="In the quote asset.", examples=[87401.5])
    close_price: float = Field(gt=0, description="In the quote asset.", examples=[87533.1])
    base_volume: float = Field(ge=0, description="In the base asset (BTC for BTCUSDT).", examples=[412.5])
    close_time_utc: datetime = Field(
        description="As stated by the exchange; an outage truncates it.", examples=["2026-01-01T00:59:59.999Z"]
    )
    quote_volume: float = Field(ge=0, description="In the quote asset.", examples=[36107342.2])
    trade_count: int = Field(ge=0, description="Trades in it.", examples=[70211])
    taker_buy_base_volume: float = Field(ge=0, description="Bought by takers, in the base asset.", examples=[201.3])
    taker_buy_quote_volume: float = Field(ge=0, description="The same in the quote asset.", examples=[17620111.4])
    load_id: int = Field(ge=1, description="The load that wrote it: GET /loads.", examples=[7])


class Gap(Answer):
    """A range of candles that are not there."""

    symbol: str = Field(description="As Binance spells it.", examples=["BTCUSDT"])
    interval: CandleInterval = Field(description="Length of a candle.", examples=["1h"])
    first_missing_open_time_utc: datetime = Field(
        description="When the first missing candle would open.", examples=["2026-01-01T03:00:00Z"]
    )
    last_missing_open_time_utc: datetime = Field(
        description="When the last one would open.", examples=["2026-01-01T05:00:00Z"]
    )
    missing_count: int = Field(ge=1, description="Candles missing in a row.", examples=[3])
    kind: GapKind = Field(
        description="`exchange_outage`: the exchange, asked again, has none; `not_yet_published`; `own_hole`: not "
        "asked again yet.",
        examples=["exchange_outage"],
    )
    confirmation_count: int = Field(ge=0, description="How often the exchange, asked again, had none.", examples=[2])
    confirmed_at_utc: datetime | None = Field(
        description="When it was last asked; null: not yet.", examples=["2026-01-02T00:10:12Z"]
    )


class StoredForecast(Answer):
    """A forecast that was made, with what came true of it."""

    prediction_id: UUID = Field(
        description="Its passport: GET /predictions/{id}.", examples=["0f5c8d1e-6a4b-5a87-9f5e-3d5a0a8a1b2c"]
    )
    kind: Kind = Field(
        description="`latest`: from the newest stored candles; `given`: from candles of a request; `as_of`: from "
        "stored ones as of an earlier instant; `replayed`: the same, by prediction_monitoring.",
        examples=["latest"],
    )
    symbol: str = Field(description="As Binance spells it.", examples=["BTCUSDT"])
    interval: CandleInterval = Field(description="Length of a candle.", examples=["1h"])
    horizon_bars: int = Field(ge=1, description="How many candles ahead.", examples=[1])
    as_of_utc: datetime = Field(description="When the last candle read had closed.", examples=["2026-01-01T00:00:00Z"])
    target_close_utc: datetime = Field(
        description="When the forecast candle closes.", examples=["2026-01-01T01:00:00Z"]
    )
    predicted_at_utc: datetime = Field(description="When it was stored.", examples=["2026-01-01T00:00:03Z"])
    model_name: str = Field(description="Name in MLflow's registry.", examples=["bitcoin-forecaster"])
    model_version: int = Field(ge=1, description="Version in MLflow's registry.", examples=[3])
    run_id: str = Field(description="The MLflow run that trained it.", examples=["0f6f2d1c9f2b4c6c8f2f3a1f5b7d9e11"])
    data_origin: str = Field(
        description="The exchange, `simulator: …`, or `request`.", examples=["https://api.binance.com"]
    )
    probability_up: float = Field(ge=0, le=1, description="P(forecast close > last close).", examples=[0.5312])
    direction: Literal["up", "down"] = Field(description="`up` when probability_up > 0.5.", examples=["up"])
    expected_log_return: float = Field(description="ln(forecast_price / last_close).", examples=[0.000048])
    last_close: float = Field(gt=0, description="In the quote asset.", examples=[87512.04])
    forecast_price: float = Field(gt=0, description="In the quote asset.", examples=[87516.24])
    lower_price: float = Field(gt=0, description="Lower end of the interval, in the quote asset.", examples=[87190.38])
    upper_price: float = Field(gt=0, description="Upper end of the interval, in the quote asset.", examples=[87842.9])
    interval_coverage: float = Field(ge=0, le=1, description="Share that the interval is to hold.", examples=[0.9])
    unusual_share: float = Field(
        ge=0, le=1, description="Share of the features outside their range in training.", examples=[0.0]
    )
    actual_close: float | None = Field(
        description="What came true, in the quote asset; null until then, and of a forecast from other candles.",
        examples=[87498.2],
    )
    hit: bool | None = Field(description="Whether the direction was right; null as above.", examples=[False])
    covered: bool | None = Field(
        description="Whether the close was inside the interval; null as above.", examples=[True]
    )


class Figure(Answer):
    """One measure of how well a version has forecast."""

    model_version: int = Field(ge=1, description="Version in MLflow's registry.", examples=[3])
    window_days: int = Field(ge=1, description="Days before the look.", examples=[30])
    kind: Literal["live", "replayed"] = Field(
        description="`live`: stored before the forecast candle closed; `replayed`: computed afterwards.",
        examples=["live"],
    )
    figure: str = Field(description="Its name.", examples=["hit_rate"])
    value: float | None = Field(description="Null: unknown, because row_count is too small.", examples=[0.531])
    low: float | None = Field(description="Lower end of its 95 % interval; null: it has none.", examples=[0.497])
    high: float | None = Field(description="Upper end.", examples=[0.565])
    row_count: int = Field(ge=0, description="Forecasts that it rests on.", examples=[720])


class MonitoringLook(Answer):
    """What prediction_monitoring found of a champion."""

    monitoring_run_id: int = Field(ge=1, description="Its number.", examples=[4])
    monitored_at_utc: datetime = Field(description="When.", examples=["2026-01-02T00:41:07Z"])
    symbol: str = Field(description="As Binance spells it.", examples=["BTCUSDT"])
    interval: CandleInterval = Field(description="Length of a candle.", examples=["1h"])
    horizon_bars: int = Field(ge=1, description="How many candles ahead is forecast.", examples=[1])
    model_name: str = Field(description="Name in MLflow's registry.", examples=["bitcoin-forecaster"])
    model_version: int | None = Field(description="The champion; null: there was none.", examples=[3])
    verdict: Literal["healthy", "drift", "decay", "unknown"] = Field(
        description="`drift`: the input is unlike the training; `decay`: forecasts are worse than promised.",
        examples=["healthy"],
    )
    reasons: list[str] = Field(
        description="What the verdict rests on, a sentence each.", examples=[["Nothing is wrong."]]
    )
    retraining: Literal["not_needed", "started", "cooling_down", "no_model"] = Field(
        description="Whether a training was started; `cooling_down`: one began lately.", examples=["not_needed"]
    )
    retraining_reason: str = Field(description="Why.", examples=["The verdict is healthy."])
    report: str | None = Field(description="Address of the report in MLflow; null: none.", examples=[None])
    drifted_features: int = Field(ge=0, description="Features that drifted in any window.", examples=[0])
    figures: list[Figure] = Field(description="By version, window and kind.")


class StoredSeries(Answer):
    """A series of which candles are stored."""

    symbol: str = Field(description="As Binance spells it.", examples=["BTCUSDT"])
    interval: str = Field(description="Length of a candle.", examples=["1h"])
