"""Promises of `mercado.bitcoin.target` and `mercado.bitcoin.dataset`."""

from dataclasses import replace

import numpy as np
import pytest

from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.features import FEATURE_NAMES
from mercado.bitcoin.target import next_log_return, usable_rows
from mercado.errors import NotEnoughDataError
from tests.unit.bitcoin.synthetic import HOUR_MS, synthetic_candles


def _without(series: CandleSeries, places: list[int]) -> CandleSeries:
    return replace(
        series, **{name: np.delete(values, places) for name, values in vars(series).items() if name != "interval"}
    )


def test_the_target_is_the_return_of_the_next_bar() -> None:
    target = next_log_return(np.array([1.0, 2.0, 1.0]))
    assert target[:2].tolist() == [np.log(2), -np.log(2)]
    assert np.isnan(target[2])


def test_a_bar_beside_a_missing_one_is_not_learned_from() -> None:
    missing = np.array([False, False, False, True, False, False, False])
    features = np.zeros((7, 2), dtype=np.float32)
    assert np.flatnonzero(usable_rows(missing, features)).tolist() == [1, 5]


def test_a_bar_without_features_is_not_learned_from() -> None:
    features = np.zeros((5, 2), dtype=np.float32)
    features[2, 1] = np.nan
    assert np.flatnonzero(usable_rows(np.zeros(5, dtype=bool), features)).tolist() == [1, 3]


def test_every_row_is_labelled_by_the_bar_that_follows_it(candles: CandleSeries, training_set: TrainingSet) -> None:
    place = (training_set.open_time_ms - candles.open_time_ms[0]) // HOUR_MS
    np.testing.assert_array_equal(training_set.target, np.log(candles.close)[place + 1] - np.log(candles.close)[place])
    np.testing.assert_array_equal(training_set.up, candles.close[place + 1] > candles.close[place])
    assert training_set.last_open_time_ms == candles.open_time_ms[-2]


def test_a_gap_costs_its_neighbours_and_is_counted() -> None:
    whole = build_training_set(synthetic_candles(2000, seed=2), symbol="BTCUSDT")
    broken = build_training_set(_without(synthetic_candles(2000, seed=2), [1500, 1501, 1700]), symbol="BTCUSDT")
    assert (whole.gap_count, broken.gap_count) == (0, 2)
    assert len(whole) - len(broken) == 3 + 2 * 2
    assert np.isfinite(broken.features).all()
    assert np.isfinite(broken.target).all()


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
        first[1:],
    )
    assert len({first.digest, *(other.digest for other in others)}) == 5


def test_too_few_candles_are_refused_with_the_number_that_is_needed() -> None:
    with pytest.raises(NotEnoughDataError, match="400 candles given, more than 1000"):
        build_training_set(synthetic_candles(400, seed=2), symbol="BTCUSDT")
