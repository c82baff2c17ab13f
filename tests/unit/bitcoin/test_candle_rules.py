"""Promises of `mercado.bitcoin.candle_rules`: each broken rule is refused with its field and place."""

from dataclasses import replace

import numpy as np
import pytest

from mercado.bitcoin.candle_rules import check_forecast_candles
from mercado.bitcoin.candles import CandleSeries
from mercado.errors import InvalidCandlesError
from tests.unit.bitcoin.synthetic import HOUR_MS, synthetic_candles


@pytest.fixture
def series() -> CandleSeries:
    return synthetic_candles(1100, seed=4)


def test_good_candles_pass_and_the_last_1000_come_back(series: CandleSeries) -> None:
    checked = check_forecast_candles(series)
    assert len(checked) == 1000
    assert checked.open_time_ms[-1] == series.open_time_ms[-1]


def test_999_candles_are_too_few(series: CandleSeries) -> None:
    with pytest.raises(InvalidCandlesError, match="at least 1000 candles, got 999"):
        check_forecast_candles(series[:999])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *((field, value) for field in ("open", "high", "low", "close") for value in (np.nan, np.inf, 0.0, -1.0, 1e13)),
        ("volume", -1.0),
        ("volume", np.nan),
        ("volume", np.inf),
    ],
)
def test_an_impossible_value_is_named(series: CandleSeries, field: str, value: float) -> None:
    getattr(series, field)[700] = value
    with pytest.raises(InvalidCandlesError, match=f"The {field} of candle 700") as refusal:
        check_forecast_candles(series)
    assert (refusal.value.field, refusal.value.position) == (field, 700)


@pytest.mark.parametrize("field", ["open", "close"])
@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_a_price_outside_low_and_high_is_named(series: CandleSeries, field: str, factor: float) -> None:
    getattr(series, field)[1099] *= factor
    with pytest.raises(InvalidCandlesError, match=f"The {field} of candle 1099 .* expected between") as refusal:
        check_forecast_candles(series)
    assert (refusal.value.field, refusal.value.position) == (field, 1099)


def test_a_gap_is_named_with_its_time(series: CandleSeries) -> None:
    series.open_time_ms[600:] += 3 * HOUR_MS
    with pytest.raises(
        InvalidCandlesError, match=r"Candle 600 opens at 2024-01-26T03:00:00Z, expected 2024-"
    ) as refusal:
        check_forecast_candles(series)
    assert (refusal.value.field, refusal.value.position) == ("open_time_ms", 600)


@pytest.mark.parametrize(("shift_ms", "rule"), [(1, "not a multiple"), (-HOUR_MS, "not after")])
def test_times_off_the_grid_or_repeated_are_named(series: CandleSeries, shift_ms: int, rule: str) -> None:
    series.open_time_ms[600] += shift_ms
    with pytest.raises(InvalidCandlesError, match=f"Candle 600 .*{rule}"):
        check_forecast_candles(series)


def test_columns_of_different_lengths_are_refused(series: CandleSeries) -> None:
    with pytest.raises(InvalidCandlesError, match="Expected 1100 values in volume, one per open time, got 1099"):
        check_forecast_candles(replace(series, volume=series.volume[1:]))


def test_candles_before_the_last_1000_are_not_judged(series: CandleSeries) -> None:
    series.close[99] = np.nan
    check_forecast_candles(series)
    series.close[100] = np.nan
    with pytest.raises(InvalidCandlesError, match="candle 100 "):
        check_forecast_candles(series)
