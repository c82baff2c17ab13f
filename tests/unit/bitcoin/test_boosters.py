"""Promises of `mercado.bitcoin.boosters`: predictions are XGBoost's own, whoever asks from whichever thread."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import xgboost
from numpy.typing import NDArray

from mercado.bitcoin.boosters import LEAST_SCALE, fit_direction, fit_spread, predict_probability_up, predict_scale
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.target import BASIS_POINTS
from tests.unit.bitcoin.conftest import SMALL_PARAMS


@pytest.fixture(scope="module")
def boosters(training_set: TrainingSet) -> tuple[xgboost.Booster, xgboost.Booster]:
    rows = training_set[:3000]
    return (
        fit_direction(rows.features, rows.up, SMALL_PARAMS, seed=1, threads=1),
        fit_spread(rows.features, rows.target, seed=1, threads=1),
    )


def variants(features: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Return a row, some rows, rows of another order in memory, every other row, and rows with absent values."""
    gaps = features[:50].copy()
    gaps[::7, 3] = np.nan
    return [features[:1], features[:1000], np.asfortranarray(features[:20]), features[:100:2], gaps]


def test_predictions_are_those_of_xgboosts_own_method_bit_for_bit(
    boosters: tuple[xgboost.Booster, xgboost.Booster], training_set: TrainingSet
) -> None:
    direction, spread = boosters
    for features in variants(training_set.features):
        expected = direction.inplace_predict(features, validate_features=False).astype(np.float64)
        assert np.array_equal(predict_probability_up(direction, features), expected)
        size = spread.inplace_predict(features, validate_features=False).astype(np.float64)
        assert np.array_equal(predict_scale(spread, features), np.maximum(size / BASIS_POINTS, LEAST_SCALE))


def test_threads_do_not_see_each_others_results(
    boosters: tuple[xgboost.Booster, xgboost.Booster], training_set: TrainingSet
) -> None:
    direction, _ = boosters
    rows = [training_set.features[place : place + 1] for place in range(200)]
    alone = [float(predict_probability_up(direction, row)[0]) for row in rows]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda row: float(predict_probability_up(direction, row)[0]), rows * 10))
    assert together == alone * 10
