"""The rules that candles must obey before a forecast is made from them."""

from typing import Final, NoReturn

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.candles import PRICE_COLUMNS, CandleSeries
from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.grid import check_times, instant
from mercado.errors import InvalidCandlesError

LEAST_PRICE: Final = 1e-12
GREATEST_PRICE: Final = 1e12
GREATEST_VOLUME: Final = 1e18


def check_forecast_candles(series: CandleSeries) -> CandleSeries:
    """Return the last 1000 candles, checked as `check_candles` does. Earlier ones are neither used nor checked.

    Raises:
        InvalidCandlesError: The first rule broken, with the field and the candle's position in ``series``.
    """
    _check_lengths(series)
    first_position = len(series) - FEATURE_WINDOW_BARS
    last = series[first_position:]
    _check(last, first_position)
    return last


def check_candles(series: CandleSeries) -> None:
    """Check at least 1000 candles.

    Prices are finite, within 1e-12 to 1e12, and low <= open, close <= high; volumes are finite, within 0 to 1e18; open
    times are multiples of the interval, and each is one interval after the one before.

    Args:
        series: Closed candles, oldest first.

    Raises:
        InvalidCandlesError: The first rule broken, with the field and the candle's position in ``series``.
    """
    _check_lengths(series)
    _check(series, 0)


def _check(series: CandleSeries, first_position: int) -> None:
    check_times(series, first_position=first_position)
    _check_no_gap(series, first_position)
    _check_values(series, first_position)
    _check_order_of_prices(series, first_position)


def _check_lengths(series: CandleSeries) -> None:
    for field in (*PRICE_COLUMNS, "volume"):
        if len(getattr(series, field)) != len(series):
            message = f"Expected {len(series)} values in {field}, one per open time, got {len(getattr(series, field))}."
            raise InvalidCandlesError(message, field=field)
    if len(series) < FEATURE_WINDOW_BARS:
        message = f"Expected at least {FEATURE_WINDOW_BARS} candles, got {len(series)}: give more history."
        raise InvalidCandlesError(message, field="open_time_ms")


def _check_no_gap(series: CandleSeries, first_position: int) -> None:
    step = series.interval.milliseconds
    gaps = np.flatnonzero(np.diff(series.open_time_ms) != step)
    if gaps.size:
        row = int(gaps[0]) + 1
        absent, found = instant(series.open_time_ms[row - 1] + step), instant(series.open_time_ms[row])
        message = f"Candle {row + first_position} opens at {found}, expected {absent}: candles are missing between."
        raise InvalidCandlesError(message, field="open_time_ms", position=row + first_position)


def _check_values(series: CandleSeries, first_position: int) -> None:
    limits = dict.fromkeys(PRICE_COLUMNS, (LEAST_PRICE, GREATEST_PRICE)) | {"volume": (0.0, GREATEST_VOLUME)}
    for field, (least, greatest) in limits.items():
        values: NDArray[np.float64] = getattr(series, field)
        wrong = np.flatnonzero(~((values >= least) & (values <= greatest)))  # NaN fails both comparisons
        if wrong.size:
            _refuse(series, field, int(wrong[0]), first_position, f"expected {least:g} to {greatest:g}")


def _check_order_of_prices(series: CandleSeries, first_position: int) -> None:
    for field in ("open", "close"):
        values: NDArray[np.float64] = getattr(series, field)
        wrong = np.flatnonzero((values < series.low) | (values > series.high))
        if wrong.size:
            row = int(wrong[0])
            rule = f"expected between its low {series.low[row]:g} and its high {series.high[row]:g}"
            _refuse(series, field, row, first_position, rule)


def _refuse(series: CandleSeries, field: str, row: int, first_position: int, rule: str) -> NoReturn:
    position = row + first_position
    value, opens = getattr(series, field)[row], instant(series.open_time_ms[row])
    message = f"The {field} of candle {position} (opens {opens}) is {value:g}: {rule}."
    raise InvalidCandlesError(message, field=field, position=position)
