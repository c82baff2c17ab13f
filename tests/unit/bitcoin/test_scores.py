"""Promises of `mercado.bitcoin.calibration`, `metrics` and `baselines`."""

from dataclasses import replace

import numpy as np
import pytest

from mercado.bitcoin.baselines import naive_forecasts
from mercado.bitcoin.calibration import CALIBRATION_ROWS, ScoredRows, calibrate
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.metrics import diebold_mariano, direction_scores, interval_scores, log_loss, return_scores
from mercado.errors import NotEnoughDataError

RANDOM = np.random.default_rng(3)


def _scored(rows: int, *, kappa: float) -> ScoredRows:
    probability_up = RANDOM.uniform(0.3, 0.7, rows)
    scale = RANDOM.uniform(0.001, 0.01, rows)
    target = scale * (kappa * (2 * probability_up - 1) + RANDOM.normal(size=rows))
    return ScoredRows(target, probability_up, scale)


def test_kappa_is_recovered() -> None:
    assert calibrate(_scored(CALIBRATION_ROWS, kappa=2.0)).kappa == pytest.approx(2.0, abs=0.3)


def test_a_probability_that_misleads_gets_kappa_0() -> None:
    assert calibrate(_scored(CALIBRATION_ROWS, kappa=-2.0)).kappa == 0.0


def test_the_interval_covers_90_percent_of_new_rows_whatever_the_tails() -> None:
    heavy = ScoredRows(RANDOM.standard_t(2, 40_000), np.full(40_000, 0.5), np.ones(40_000))
    factor = calibrate(heavy[:CALIBRATION_ROWS]).interval_factor
    assert np.mean(np.abs(heavy.target[CALIBRATION_ROWS:]) <= factor) == pytest.approx(0.9, abs=0.02)


def test_the_conformal_rank_is_that_of_a_finite_sample() -> None:
    rows = ScoredRows(np.arange(1.0, 20.0), np.full(19, 0.5), np.ones(19))
    assert calibrate(rows).interval_factor == 18.0  # ceil(20 · 0.9)-th of 1 to 19


def test_only_the_last_1440_rows_calibrate() -> None:
    rows = _scored(CALIBRATION_ROWS, kappa=1.0)
    assert calibrate(_scored(500, kappa=-9.0).followed_by(rows)) == calibrate(rows)


def test_too_few_rows_to_calibrate_are_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="at least 9"):
        calibrate(_scored(8, kappa=1.0))


def test_a_coin_scores_ln_2_and_half_the_hits() -> None:
    up = np.array([True, False, True, True])
    scores = direction_scores(up, np.full(4, 0.5), np.zeros(4))
    assert scores.log_loss == pytest.approx(np.log(2))
    assert (scores.brier, scores.auc, scores.hit_rate, scores.base_rate) == (0.25, 0.5, 0.5, 0.75)


def test_the_hit_rate_has_wilsons_interval() -> None:
    up = np.arange(100) < 55
    scores = direction_scores(up, np.full(100, 0.9))
    assert (scores.hit_rate, round(scores.hit_rate_low, 4), round(scores.hit_rate_high, 4)) == (0.55, 0.4524, 0.6439)


def test_certainty_that_is_wrong_costs_much_but_not_infinity() -> None:
    assert 20 < log_loss(np.array([True]), np.array([0.0])) < 21


def test_one_sided_history_has_no_auc_and_no_warning() -> None:
    assert direction_scores(np.ones(5, dtype=bool), np.linspace(0, 1, 5)).auc == 0.5


def test_the_random_walk_has_no_skill_and_a_perfect_forecast_has_all() -> None:
    target = RANDOM.normal(size=50)
    nothing, perfect = return_scores(target, np.zeros(50)), return_scores(target, target)
    assert (nothing.mae_skill, nothing.r2) == (0.0, 0.0)
    assert (perfect.mae_skill, perfect.r2) == (1.0, 1.0)
    assert return_scores(np.zeros(5), np.ones(5)).r2 == 0.0


def test_interval_scores_are_in_basis_points() -> None:
    scores = interval_scores(np.array([0.0, 0.002]), np.full(2, -0.001), np.full(2, 0.001))
    assert scores.coverage == 0.5
    assert scores.mean_width_bps == pytest.approx(20.0)
    assert scores.pinball_bps == pytest.approx(3.0)  # lower end (0.5 + 1.5) / 2, upper end (0.5 + 9.5) / 2


def test_the_better_probabilities_have_the_lower_p_value() -> None:
    truth = RANDOM.uniform(0.2, 0.8, 3000)
    up = RANDOM.uniform(size=3000) < truth
    coin = np.full(3000, 0.5)
    better, worse = diebold_mariano(up, truth, coin), diebold_mariano(up, coin, truth)
    assert better.statistic < -5
    assert better.p_value < 1e-6
    assert worse.p_value == pytest.approx(1 - better.p_value)
    assert diebold_mariano(up, coin, coin).p_value == 0.5


def test_baselines_are_fitted_on_training_rows_only(training_set: TrainingSet) -> None:
    train, test = training_set[:4000], training_set[4000:4500]
    other = replace(test, target=-test.target)
    for name, naive in naive_forecasts(train, test).items():
        np.testing.assert_array_equal(naive.probability_up, naive_forecasts(train, other)[name].probability_up)


def test_reversal_names_the_other_side_and_persistence_the_same(training_set: TrainingSet) -> None:
    train, test = training_set[:6000], training_set[6000:]
    naive = naive_forecasts(train, test)
    previous = np.sign(test.previous_return)
    np.testing.assert_array_equal(naive["reversal"].side, -previous)
    np.testing.assert_array_equal(naive["persistence"].side, previous)
    assert ((naive["reversal"].probability_up > 0.5) == (previous < 0)).all()
    assert direction_scores(test.up, naive["reversal"].probability_up).hit_rate > 0.52


def test_climatology_is_the_training_base_rate(training_set: TrainingSet) -> None:
    train, test = training_set[:6000], training_set[6000:]
    naive = naive_forecasts(train, test)
    assert set(naive["climatology"].probability_up) == {train.up.mean()}
    assert set(naive["random_walk"].probability_up) == {0.5}
    assert set(naive["drift"].expected_log_return) == {train.target.mean()}


def test_baselines_stand_an_unchanged_price(training_set: TrainingSet) -> None:
    still = replace(training_set[:50], features=np.zeros_like(training_set.features[:50]), target=np.zeros(50))
    for naive in naive_forecasts(still, still).values():
        assert np.isfinite(naive.probability_up).all()
