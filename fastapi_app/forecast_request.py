"""What POST /predict takes."""

from typing import Annotated, Any, Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Discriminator, FailFast, Field, RootModel, Tag

from mercado.bitcoin.candle_rules import GREATEST_PRICE, GREATEST_VOLUME, LEAST_PRICE
from mercado.bitcoin.candles import PRICE_COLUMNS, CandleInterval, CandleSeries
from mercado.bitcoin.features import FEATURE_WINDOW_BARS

MOST_CANDLES: Final = 5000
LATEST_MS: Final = 253_402_300_799_999  # the last millisecond of the year 9999
VALUE_COLUMNS: Final = (*PRICE_COLUMNS, "volume")

# Strict: neither true nor "1.5" is a number. JSON's NaN and Infinity, which the standard does not know, are refused.
OpenTime = Annotated[
    int,
    Field(
        strict=True,
        ge=0,
        le=LATEST_MS,
        description="When the candle opens: milliseconds since the epoch, UTC; a multiple of the interval.",
    ),
]
Price = Annotated[float, Field(strict=True, ge=LEAST_PRICE, le=GREATEST_PRICE, allow_inf_nan=False)]
Volume = Annotated[float, Field(strict=True, ge=0, le=GREATEST_VOLUME, allow_inf_nan=False)]
_LENGTH: Final = Field(min_length=FEATURE_WINDOW_BARS, max_length=MOST_CANDLES)
OpenTimes = Annotated[list[OpenTime], FailFast(), _LENGTH]
Prices = Annotated[list[Price], FailFast(), _LENGTH]
Volumes = Annotated[list[Volume], FailFast(), _LENGTH]


class CandleColumns(BaseModel):
    """Candles as columns of equal length, oldest first: the compact and fast form."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    open_time_ms: OpenTimes = Field(
        description="When each candle opens: milliseconds since the epoch, UTC, multiples of the interval, ascending "
        "without a gap."
    )
    open: Prices = Field(description="First price, in the quote asset (USDT for BTCUSDT), from low to high.")
    high: Prices = Field(description="Highest price, in the quote asset.")
    low: Prices = Field(description="Lowest price, in the quote asset.")
    close: Prices = Field(description="Last price, in the quote asset, from low to high.")
    volume: Volumes = Field(description="Traded volume, in the base asset (BTC for BTCUSDT).")

    def series(self, interval: CandleInterval) -> CandleSeries:
        """Return the candles as a series."""
        times = np.array(self.open_time_ms, dtype=np.int64)
        return CandleSeries(interval, times, *(np.array(getattr(self, name), np.float64) for name in VALUE_COLUMNS))


class Candle(BaseModel):
    """One closed candle."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    open_time_ms: OpenTime = Field(examples=[1767222000000])
    open: Price = Field(description="First price, in the quote asset (USDT for BTCUSDT).", examples=[87648.21])
    high: Price = Field(description="Highest price, in the quote asset.", examples=[87702.5])
    low: Price = Field(description="Lowest price, in the quote asset.", examples=[87390.0])
    close: Price = Field(description="Last price, in the quote asset.", examples=[87512.04])
    volume: Volume = Field(description="Traded volume, in the base asset (BTC for BTCUSDT).", examples=[412.77])


class CandleObjects(RootModel[Annotated[list[Candle], FailFast(), _LENGTH]]):
    """Candles as a list of objects, oldest first: convenient, and some milliseconds slower."""

    model_config = ConfigDict(frozen=True)

    def series(self, interval: CandleInterval) -> CandleSeries:
        """Return the candles as a series."""
        times = np.array([candle.open_time_ms for candle in self.root], dtype=np.int64)
        columns = (np.array([getattr(candle, name) for candle in self.root], np.float64) for name in VALUE_COLUMNS)
        return CandleSeries(interval, times, *columns)


def _form(candles: Any) -> Literal["columns", "objects"] | None:
    if isinstance(candles, list):
        return "objects"
    return "columns" if isinstance(candles, dict) else None


class SeriesRequest(BaseModel):
    """Names the series that is asked about, whose model answers: one of GET /models."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    symbol: str = Field(
        min_length=1,
        max_length=20,
        pattern=r"^[A-Z0-9]+$",
        description="Symbol of the candles; see GET /models.",
        examples=["BTCUSDT"],
    )
    interval: CandleInterval = Field(description="Length of each candle; see GET /models.", examples=["1h"])


class ForecastRequest(SeriesRequest):
    """Closed candles to forecast from."""

    candles: Annotated[
        Annotated[CandleColumns, Tag("columns")] | Annotated[CandleObjects, Tag("objects")],
        Discriminator(
            _form,
            custom_error_type="candle_form",
            custom_error_message="Expected an object of columns, or a list of candles",
        ),
    ] = Field(
        description=f"{FEATURE_WINDOW_BARS} to {MOST_CANDLES} closed candles without a gap, oldest first, as an object "
        f"of columns or as a list of candles. The last {FEATURE_WINDOW_BARS} are used."
    )

    def series(self) -> CandleSeries:
        """Return the candles as columns of NumPy, not checked yet."""
        return self.candles.series(self.interval)
