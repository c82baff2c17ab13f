"""Candles, a forecast and how good forecasts were, as the command line prints them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from mercado.bitcoin.candles import CandleInterval
from mercado.cli.candle_tables import course_lines, forecast_lines, gap_lines, skill_lines

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def candle(hours_ago: int, close: int) -> dict[str, Any]:
    return {
        "open_time_utc": NOON - timedelta(hours=hours_ago),
        "close_price": Decimal(close),
        "base_volume": Decimal(close % 7),
    }


def look(**figure: object) -> dict[str, Any]:
    common = {"model_version": 3, "window_days": 30, "kind": "live", "figure": "hit_rate"}
    return {
        "monitored_at_utc": NOON,
        "model_version": 3,
        "verdict": "healthy",
        "retraining": "not_needed",
        "figures": [common | figure, common | figure | {"kind": "replayed"}, common | figure | {"figure": "coverage"}],
    }


@pytest.fixture
def forecast() -> dict[str, Any]:
    return {
        "prediction_id": "0f5c8d1e",
        "model_version": 3,
        "target_close_utc": NOON + timedelta(hours=1),
        "as_of_utc": NOON,
        "direction": "up",
        "probability_up": 0.61,
        "forecast_price": 101.5,
        "last_close": 100.0,
        "interval_coverage": 0.9,
        "lower_price": 99.0,
        "upper_price": 103.0,
        "actual_close": None,
    }


def test_a_missing_hour_is_a_space_in_the_course_of_the_closes() -> None:
    close, volume = course_lines(
        [candle(0, 300), candle(2, 200), candle(3, 100)], CandleInterval.ONE_HOUR, ascii_only=False
    )
    assert close == "close   ▁▅ █  100.00 to 300.00"
    assert volume.endswith("  3 candles")


def test_gaps_are_counted_with_the_newest_of_them() -> None:
    gap = {"missing_count": 2, "kind": "exchange_outage"}
    gap |= {"first_missing_open_time_utc": NOON, "last_missing_open_time_utc": NOON + timedelta(hours=1)}
    assert gap_lines([]) == ["Gaps: none."]
    assert gap_lines([gap, gap]) == [
        "Gaps: 2 with 4 candles; the newest from 2026-11-26 12:00 to 2026-11-26 13:00 (exchange_outage)."
    ]


def test_a_forecast_says_its_interval_and_what_came_true_once_that_is_known(forecast: dict[str, Any]) -> None:
    first, second = forecast_lines(forecast)
    assert first.endswith("made from candles up to 2026-11-26 12:00: up, P(up) 0.610")
    assert second == "  101.50 after 100.00, 90% between 99.00 and 103.00; id 0f5c8d1e"
    assert "; came true: 102.00; id" in forecast_lines(forecast | {"actual_close": 102.0})[1]


def test_of_all_figures_only_the_live_hit_rates_are_told() -> None:
    assert skill_lines(look(value=0.55, low=0.5, high=0.6, row_count=400)) == [
        "Looked at on 2026-11-26 12:00: version 3 is healthy; retraining not needed",
        "  live hit rate of version 3 in 30 days: 55.0% [50.0%, 60.0%] of 400 forecasts",
    ]


def test_a_hit_rate_that_is_not_known_is_no_number() -> None:
    (_, unknown) = skill_lines(look(value=None, low=None, high=None, row_count=7))
    assert unknown == "  live hit rate of version 3 in 30 days: unknown, 7 forecasts can be judged"
    (_, none) = skill_lines(look(kind="replayed", value=0.5, low=0.4, high=0.6, row_count=7))
    assert none == "  live hit rate: no forecast was judged yet"
