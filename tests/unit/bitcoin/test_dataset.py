"""Promises of `mercado.bitcoin.dataset`."""

from dataclasses import replace

import numpy as np
import pytest

from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.dataset import CandlesRead, TrainingSet, build_training_set
from mercado.bitcoin.features import FEATURE_NAMES, LOOK_BACK_BARS
from mercado.errors import NotEnoughDataError
from tests.unit.bitcoin.synthetic import HOUR_MS, synthetic_candles, without

HORIZONS = (1, 6, 24)


@pytest.fixture(scope="module")
def broken() -> CandleSeries:
    return without(synthetic_candles(2500, seed=2), [1500, 1501, 1900, 2490])


@pytest.mark.parametrize("horizon_bars", HORIZONS)
def test_every_row_is_labelled_by_the_bar_at_the_horizon(candles: CandleSeries, horizon_bars: int) -> None:
    rows = build_training_set(candles, symbol="BTCUSDT", horizon_bars=horizon_bars)
    place = (rows.open_time_ms - candles.open_time_ms[0]) // HOUR_MS
    later = place + horizon_bars
    np.testing.assert_array_equal(rows.target, np.log(candles.close)[later] - np.log(candles.close)[place])
    np.testing.assert_array_equal(rows.up, candles.close[later] > candles.close[place])
    assert rows.last_open_time_ms == candles.open_time_ms[-1 - horizon_bars]
    assert rows.horizon_bars == horizon_bars


@pytest.mark.parametrize("horizon_bars", HORIZONS)
def test_a_gap_costs_the_rows_that_look_back_or_ahead_across_it_and_is_counted(horizon_bars: int) -> None:
    series = synthetic_candles(2500, seed=2)
    whole, broken = (
        build_training_set(each, symbol="BTCUSDT", horizon_bars=horizon_bars)
        for each in (series, without(series, [1500, 1501, 1900]))
    )
    assert (whole.gap_count, broken.gap_count) == (0, 2)
    assert (whole.candles.missing_count, broken.candles.missing_count) == (0, 3)
    assert len(whole) - len(broken) == 3 + 2 * (LOOK_BACK_BARS + horizon_bars)
    assert np.isfinite(broken.features).all()
    assert np.isfinite(broken.target).all()


@pytest.mark.parametrize("horizon_bars", HORIZONS)
def test_outages_that_leave_no_row_between_them_are_counted_one_by_one(horizon_bars: int) -> None:
    candles = without(synthetic_candles(2500, seed=2), [10, 1500, 1501, 1510, 1520, 1521, 1522, 2490])
    rows = build_training_set(candles, symbol="BTCUSDT", horizon_bars=horizon_bars)
    breaks = int((np.diff(rows.open_time_ms) > HOUR_MS).sum())
    read = candles[: int(np.searchsorted(candles.open_time_ms, rows.candles_before_ms))]
    assert (breaks, rows.gap_count) == (1, 4)
    assert rows.candles == CandlesRead(int(candles.open_time_ms[0]), len(read), gap_count=4, missing_count=7)
    assert len(read) + 7 == (rows.candles_before_ms - candles.open_time_ms[0]) // HOUR_MS
    assert rows[100:200].candles == rows.candles


@pytest.mark.parametrize("horizon_bars", HORIZONS)
def test_candles_up_to_the_last_label_give_the_same_rows_again(broken: CandleSeries, horizon_bars: int) -> None:
    rows = build_training_set(broken, symbol="BTCUSDT", horizon_bars=horizon_bars)
    enough = broken[: int(np.searchsorted(broken.open_time_ms, rows.candles_before_ms))]
    assert len(enough) < len(broken)
    again = build_training_set(enough, symbol="BTCUSDT", horizon_bars=horizon_bars)
    assert (again.digest, again.candles) == (rows.digest, rows.candles)
    fewer = build_training_set(enough[:-1], symbol="BTCUSDT", horizon_bars=horizon_bars)
    assert len(fewer) == len(rows) - 1


def test_rows_of_a_slice_keep_their_horizon(broken: CandleSeries) -> None:
    rows = build_training_set(broken, symbol="BTCUSDT", horizon_bars=6)
    assert rows[5:9].horizon_bars == 6
    np.testing.assert_array_equal(rows[5:9].open_time_ms, rows.open_time_ms[5:9])


def test_the_digest_names_the_exact_data() -> None:
    series = synthetic_candles(1600, seed=2)
    first = build_training_set(series, symbol="BTCUSDT")
    assert build_training_set(series, symbol="BTCUSDT").digest == first.digest
    target = first.target.copy()
    target[7] = np.nextafter(target[7], 1)
    names = (*FEATURE_NAMES[:-1], "renamed")
    others = (
        replace(first, symbol="ETHUSDT"),
        replace(first, target=target),
        replace(first, feature_names=names),
        replace(first, horizon_bars=2),
        first[1:],
    )
    assert len({first.digest, *(other.digest for other in others)}) == 6


def test_too_few_candles_are_refused_with_the_number_that_is_needed() -> None:
    with pytest.raises(
        NotEnoughDataError, match="150 candles given; a bar needs 200 to 999 before it, the last 168 without a gap"
    ):
        build_training_set(synthetic_candles(150, seed=2), symbol="BTCUSDT")


def test_the_bars_own_return_is_what_naive_forecasts_read(candles: CandleSeries, training_set: TrainingSet) -> None:
    place = (training_set.open_time_ms - candles.open_time_ms[0]) // HOUR_MS
    own = np.log(candles.close[place] / candles.close[place - 1])
    np.testing.assert_allclose(training_set.previous_return, own, rtol=1e-4, atol=1e-8)
