"""What a forecaster answers: arrays for many rows, a record for the latest bar."""

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.calibration import INTERVAL_COVERAGE
from mercado.bitcoin.candles import CandleSeries

UNUSUAL_SHARE_LIMIT: Final = 0.10


@dataclass(frozen=True)
class Forecasts:
    """Forecasts for ``n`` rows of features; every array has shape ``(n,)``.

    Attributes:
        probability_up: P(log return of the horizon > 0).
        expected_log_return: Of the horizon: from the bar's close to that of `horizon_bars` later.
        lower_log_return: Lower end of the 90 % interval.
        upper_log_return: Upper end.
        unusual_share: Share of the features outside the 0.1 % to 99.9 % range of their training values.
    """

    probability_up: NDArray[np.float64]
    expected_log_return: NDArray[np.float64]
    lower_log_return: NDArray[np.float64]
    upper_log_return: NDArray[np.float64]
    unusual_share: NDArray[np.float64]


@dataclass(frozen=True)
class Forecast:
    """A forecast of the close of the model's horizon: of one bar, that of the bar that opens at ``as_of_ms``.

    Attributes:
        as_of_ms: When the last candle closed (open time + interval), milliseconds since the epoch, UTC.
        direction: ``up`` when P(up) > 0.5.
        probability_up: P(forecast close > last close).
        expected_log_return: ``ln(forecast_price / last_close)``.
        last_close: In the quote asset, as are the other prices.
        forecast_price: ``last_close · exp(expected_log_return)``.
        lower_price: Lower end of the interval.
        upper_price: Upper end.
        interval_coverage: Share of closes that such intervals are calibrated to contain.
        unusual_share: Share of the features outside the 0.1 % to 99.9 % range of their training values.
    """

    as_of_ms: int
    direction: Literal["up", "down"]
    probability_up: float
    expected_log_return: float
    last_close: float
    forecast_price: float
    lower_price: float
    upper_price: float
    interval_coverage: float
    unusual_share: float

    @property
    def unlike_training(self) -> bool:
        """Return whether more than 10 % of the features are outside their training range: trust it less then."""
        return self.unusual_share > UNUSUAL_SHARE_LIMIT


def forecast_of_row(candles: CandleSeries, forecasts: Forecasts, row: int = 0) -> Forecast:
    """Return one row of ``forecasts`` as prices that follow the last close of ``candles``."""
    last_close = float(candles.close[-1])
    probability_up = float(forecasts.probability_up[row])
    expected = float(forecasts.expected_log_return[row])
    return Forecast(
        as_of_ms=int(candles.open_time_ms[-1]) + candles.interval.milliseconds,
        direction="up" if probability_up > 0.5 else "down",
        probability_up=probability_up,
        expected_log_return=expected,
        last_close=last_close,
        forecast_price=last_close * math.exp(expected),
        lower_price=last_close * math.exp(float(forecasts.lower_log_return[row])),
        upper_price=last_close * math.exp(float(forecasts.upper_log_return[row])),
        interval_coverage=INTERVAL_COVERAGE,
        unusual_share=float(forecasts.unusual_share[row]),
    )
