"""What both ways to ask for a forecast answer."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import Field

from fastapi_app.model_answers import Answer, ModelReference
from mercado.bitcoin.candles import CandleInterval

Direction = Literal["up", "down"]


class PriceInterval(Answer):
    """Where the next close is expected to be."""

    lower_price: float = Field(gt=0, description="Lower end, in the quote asset.", examples=[87190.38])
    upper_price: float = Field(gt=0, description="Upper end, in the quote asset.", examples=[87842.9])
    coverage: float = Field(
        gt=0, lt=1, description="Share of next closes that such intervals are calibrated to contain.", examples=[0.9]
    )


class ForecastAnswer(Answer):
    """A forecast of the close of the candle after the last one."""

    prediction_id: UUID = Field(
        description="Made from model and candles, so equal predictions have equal ids. See GET /predictions/{id}.",
        examples=["0f5c8d1e-6a4b-5a87-9f5e-3d5a0a8a1b2c"],
    )
    symbol: str = Field(description="Symbol of the candles.", examples=["BTCUSDT"])
    interval: CandleInterval = Field(description="Length of each candle.", examples=["1h"])
    as_of_utc: datetime = Field(
        description="When the last candle closed (its open time + interval): nothing later was known.",
        examples=["2026-01-01T00:00:00Z"],
    )
    target_close_utc: datetime = Field(
        description="When the forecast candle closes: as_of_utc + the model's horizon.",
        examples=["2026-01-01T01:00:00Z"],
    )
    direction: Direction = Field(description="`up` when probability_up > 0.5.", examples=["up"])
    probability_up: float = Field(
        ge=0, le=1, description="Probability that the next close is above the last.", examples=[0.5312]
    )
    expected_log_return: float = Field(
        description="ln(forecast_price / last_close), dimensionless: 0.0001 is one basis point.", examples=[0.000048]
    )
    last_close: float = Field(gt=0, description="The last candle's close, in the quote asset.", examples=[87512.04])
    forecast_price: float = Field(
        gt=0,
        description="The forecast close, in the quote asset: last_close · exp(expected_log_return).",
        examples=[87516.24],
    )
    price_interval: PriceInterval
    unlike_training: bool = Field(
        description="More than a tenth of the features are outside their range in training: trust the forecast less.",
        examples=[False],
    )
    unusual_share: float = Field(
        ge=0,
        le=1,
        description="Share of the features outside their 0.1 % to 99.9 % range in training: 0 is like the training.",
        examples=[0.0],
    )
    filled_candles: int = Field(
        ge=0,
        description="Candles among those used that the exchange lacks (an outage): they repeat the close before them. "
        "Always 0 for POST, which refuses gaps.",
        examples=[0],
    )
    stale_from_utc: datetime = Field(
        description="as_of_utc + 3 intervals: from then on the answer is old news.", examples=["2026-01-01T03:00:00Z"]
    )
    stale: bool = Field(description="Whether stale_from_utc has passed by the server's clock.", examples=[False])
    data_origin: str = Field(
        description="Where the candles came from: `request`, the exchange (`binance`), or `simulator: …` for data "
        "that is not real.",
        examples=["binance"],
    )
    model: ModelReference
