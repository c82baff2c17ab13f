"""Promises of `mercado.bitcoin.baselines`."""

from dataclasses import replace

import numpy as np
import pytest

from mercado.bitcoin.baselines import (
    CLIMATOLOGY,
    LOGISTIC,
    NaiveForecasts,
    empirical_interval,
    joined,
    naive_forecasts,
)
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.metrics import diebold_mariano, direction_scores, log_losses


@pytest.fixture(scope="module")
def halves(training_set: TrainingSet) -> tuple[TrainingSet, TrainingSet]:
    return training_set[:6000], training_set[6000:]


@pytest.fixture(scope="module")
def naive(halves: tuple[TrainingSet, TrainingSet]) -> dict[str, NaiveForecasts]:
    return naive_forecasts(*halves)


def test_baselines_are_fitted_on_training_rows_only(training_set: TrainingSet) -> None:
    train, test = training_set[:4000], training_set[4000:4500]
    other = replace(test, target=-test.target)
    for name, forecasts in naive_forecasts(train, test).items():
        np.testing.assert_array_equal(forecasts.probability_up, naive_forecasts(train, other)[name].probability_up)


def test_a_baseline_of_a_row_reads_no_later_row(
    halves: tuple[TrainingSet, TrainingSet], naive: dict[str, NaiveForecasts]
) -> None:
    train, test = halves
    features = test.features.copy()
    features[500:] = 1000.0
    for name, forecasts in naive_forecasts(train, replace(test, features=features)).items():
        np.testing.assert_allclose(forecasts.probability_up[:500], naive[name].probability_up[:500], rtol=1e-12)
        np.testing.assert_array_equal(forecasts.side[:500], naive[name].side[:500])


def test_reversal_names_the_other_side_and_persistence_the_same(
    halves: tuple[TrainingSet, TrainingSet], naive: dict[str, NaiveForecasts]
) -> None:
    _, test = halves
    previous = np.sign(test.previous_return)
    np.testing.assert_array_equal(naive["reversal"].side, -previous)
    np.testing.assert_array_equal(naive["persistence"].side, previous)
    assert ((naive["reversal"].probability_up > 0.5) == (previous < 0)).all()
    assert direction_scores(test.up, naive["reversal"].probability_up).hit_rate > 0.52


def test_climatology_is_the_training_base_rate(
    halves: tuple[TrainingSet, TrainingSet], naive: dict[str, NaiveForecasts]
) -> None:
    train, _ = halves
    (probability_up,) = set(naive["climatology"].probability_up)
    assert probability_up == pytest.approx(train.up.mean(), abs=1e-4)  # one rise and one fall are added
    assert set(naive["random_walk"].probability_up) == {0.5}
    assert set(naive["drift"].expected_log_return) == {train.target.mean()}


def test_a_logistic_regression_finds_a_planted_reversal(
    halves: tuple[TrainingSet, TrainingSet], naive: dict[str, NaiveForecasts]
) -> None:
    _, test = halves
    learned, usual = (log_losses(test.up, naive[name].probability_up) for name in (LOGISTIC, CLIMATOLOGY))
    assert diebold_mariano(learned, usual).p_value < 0.01
    assert direction_scores(test.up, naive[LOGISTIC].probability_up).hit_rate_low > 0.5
    np.testing.assert_array_equal(naive[LOGISTIC].side > 0, naive[LOGISTIC].probability_up > 0.5)


def test_an_outlier_leads_a_logistic_regression_nowhere(halves: tuple[TrainingSet, TrainingSet]) -> None:
    train, test = halves
    wild = replace(test[:1], features=np.full_like(test.features[:1], 1e9))
    assert 0.05 < naive_forecasts(train, wild)[LOGISTIC].probability_up[0] < 0.95


@pytest.mark.parametrize("target", [-1.0, 1.0])
def test_climatology_is_never_certain(training_set: TrainingSet, target: float) -> None:
    one_way = replace(training_set[:48], target=np.full(48, target))
    (probability_up,) = set(naive_forecasts(one_way, one_way)[CLIMATOLOGY].probability_up)
    assert probability_up == pytest.approx(49 / 50 if target > 0 else 1 / 50)


def test_baselines_stand_an_unchanged_price(training_set: TrainingSet) -> None:
    still = replace(training_set[:50], features=np.zeros_like(training_set.features[:50]), target=np.zeros(50))
    for forecasts in naive_forecasts(still, still).values():
        assert np.isfinite(forecasts.probability_up).all()


def test_baselines_stand_a_feature_that_never_moves(halves: tuple[TrainingSet, TrainingSet]) -> None:
    train, test = halves
    features = train.features.copy()
    features[:, 3] = 0.1
    for forecasts in naive_forecasts(replace(train, features=features), test).values():
        assert np.isfinite(forecasts.probability_up).all()


def test_the_empirical_interval_is_that_of_the_last_year(training_set: TrainingSet) -> None:
    year = 365 * 24
    target = np.where(np.arange(len(training_set)) < len(training_set) - year, 9.0, training_set.target)
    lower, upper = empirical_interval(replace(training_set, target=target), coverage=0.9)
    assert (lower, upper) == pytest.approx(tuple(np.quantile(target[-year:], (0.05, 0.95))))


def test_segments_are_joined_in_order(halves: tuple[TrainingSet, TrainingSet]) -> None:
    train, test = halves
    first, second = naive_forecasts(train, test[:10]), naive_forecasts(train, test[10:30])
    whole = naive_forecasts(train, test[:30])
    for name, forecasts in joined([first, second]).items():
        np.testing.assert_allclose(forecasts.probability_up, whole[name].probability_up, rtol=1e-12)
