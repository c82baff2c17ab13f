"""Promises of `mercado.bitcoin.grid`."""

from dataclasses import replace

import numpy as np
import pytest

from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.grid import to_grid
from mercado.errors import InvalidCandlesError
from tests.unit.bitcoin.synthetic import FIRST_OPEN_MS, HOUR_MS, synthetic_candles


def _without(series: CandleSeries, places: list[int]) -> CandleSeries:
    kept = np.delete(np.arange(len(series)), places)
    return replace(series, **{name: values[kept] for name, values in vars(series).items() if name != "interval"})


def test_a_complete_series_is_its_own_grid() -> None:
    grid = to_grid(synthetic_candles(50, seed=1))
    assert len(grid) == 50
    assert not grid.missing.any()


def test_a_missing_hour_is_flagged_and_holds_the_last_close_without_volume() -> None:
    series = synthetic_candles(10, seed=1)
    grid = to_grid(_without(series, [4, 5]))
    assert np.flatnonzero(grid.missing).tolist() == [4, 5]
    for column in (grid.series.open, grid.series.high, grid.series.low, grid.series.close):
        assert column[4:6].tolist() == [series.close[3]] * 2
    assert grid.series.volume[4:6].tolist() == [0.0, 0.0]


def test_candles_that_exist_are_never_changed() -> None:
    series = synthetic_candles(10, seed=1)
    grid = to_grid(_without(series, [4, 5]))
    for name in ("open_time_ms", "open", "high", "low", "close", "volume"):
        kept = getattr(grid.series, name)[~grid.missing]
        assert np.array_equal(kept, np.delete(getattr(series, name), [4, 5]))
    assert np.array_equal(grid.series.open_time_ms, series.open_time_ms)


def test_no_candle_at_all_is_refused() -> None:
    with pytest.raises(InvalidCandlesError, match="at least one"):
        to_grid(synthetic_candles(3, seed=1)[:0])


@pytest.mark.parametrize(
    ("place", "open_time_ms", "rule"),
    [
        (2, FIRST_OPEN_MS + 2 * HOUR_MS + 1, "not a multiple of 1h"),
        (2, FIRST_OPEN_MS + HOUR_MS, "not after"),
        (2, FIRST_OPEN_MS, "not after"),
        (2, FIRST_OPEN_MS * 1000 + 1, "not a multiple"),
    ],
)
def test_an_open_time_off_the_grid_or_out_of_order_is_refused_and_named(
    place: int, open_time_ms: int, rule: str
) -> None:
    series = synthetic_candles(5, seed=1)
    series.open_time_ms[place] = open_time_ms
    with pytest.raises(InvalidCandlesError, match=rule) as refusal:
        to_grid(series)
    assert (refusal.value.field, refusal.value.position) == ("open_time_ms", place)
