"""What both ways to ask for a forecast answer."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from fastapi_app.model_answers import Answer, ModelReference
from mercado.bitcoin.candles import CandleInterval


class PriceInterval(Answer):
    """Where the next close is expected to be."""

    lower_price: float = Field(gt=0, description="Lower end, in the quote asset.", examples=[87190.38])
    upper_price: float = Field(gt=0, description="Upper end, in the quote asset.", examples=[87842.9])
    coverage: float = Field(
        gt=0, lt=1, description="Share of next closes that such intervals are calibrated to contain.", examples=[0.9]
    )


class ForecastAnswer(Answer):
    """A forecast of the close of the candle after the last one."""

    symbol: str = Field(description="Symbol of the candles.", examples=["BTCUSDT"])
    interval: CandleInterval = Field(description="Length of each candle.", examples=["1h"])
    as_of_utc: datetime = Field(
        description="When the last candle closed (its open time + interval): nothing later was known.",
        examples=["2026-01-01T00:00:00Z"],
    )
    target_close_utc: datetime = Field(
        description="When the forecast candle closes: as_of_utc + interval.", examples=["2026-01-01T01:00:00Z"]
    )
    direction: Literal["up", "down"] = Field(description="`up` when probability_up > 0.5.", examples=["up"])
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
    filled_candles: int = Field(
        ge=0,
        description="Candles among those used that the exchange lacks (an outage): they repeat the close before them. "
        "Always 0 for POST, which refuses gaps.",
        examples=[0],
    )
    candle_age_seconds: float = Field(
        description="Time since as_of_utc by the server's clock, in seconds; negative when that clock is behind.",
        examples=[312.4],
    )
    stale: bool = Field(description="The last candle closed more than three intervals ago.", examples=[False])
    data_origin: str = Field(
        description="Where the candles came from: `request`, the exchange (`binance`), or `simulator: …` for data "
        "that is not real.",
        examples=["binance"],
    )
    model: ModelReference
