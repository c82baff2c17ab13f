"""Promises of `mercado.bitcoin.evaluation`: skill is found where it is, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from mercado.bitcoin.candles import PRICE_COLUMNS
from mercado.bitcoin.certificate import LeakCertificate
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.evaluation import Evaluation, fit_final, walk_forward
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.gate import judge
from mercado.bitcoin.metrics import diebold_mariano, interval_scores, log_loss, log_losses, return_scores
from mercado.bitcoin.months import LEAST_ROWS
from mercado.bitcoin.plan import TrainingPlan
from mercado.bitcoin.report.text import comparison_table
from mercado.errors import NotEnoughDataError
from tests.unit.bitcoin.conftest import QUICK_PLAN, SMALL_PARAMS, SMALL_PLAN
from tests.unit.bitcoin.synthetic import synthetic_candles


def _failed(evaluation: Evaluation, certificate: LeakCertificate) -> set[str]:
    return {reason.name for reason in judge(evaluation, certificate).refusals}


def test_a_planted_reversal_is_learned_and_promoted(evaluation: Evaluation, certificate: LeakCertificate) -> None:
    verdict = judge(evaluation, certificate)
    assert verdict.promote, [reason.sentence for reason in verdict.refusals]
    assert 0.52 < evaluation.direction.hit_rate < 0.58
    assert evaluation.log_loss_skill > 0.004
    assert evaluation.pinball_skill > 0
    assert 0.87 <= evaluation.interval.coverage <= 0.93


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_volatility_without_a_signal_is_never_promoted(seed: int, certificate: LeakCertificate) -> None:
    martingale = build_training_set(synthetic_candles(8000, seed=seed, reversal=0.0), symbol="BTCUSDT")
    evaluation = walk_forward(martingale, SMALL_PARAMS, plan=replace(SMALL_PLAN, holdout_bars=2000))
    assert "significant_against_climatology" in _failed(evaluation, certificate)
    assert 0.87 <= evaluation.interval.coverage <= 0.93


def test_a_label_planted_among_the_features_is_stopped_as_a_leak(
    training_set: TrainingSet, certificate: LeakCertificate
) -> None:
    few = training_set[-3000:]
    features = few.features.copy()
    features[:, -1] = few.target
    evaluation = walk_forward(replace(few, features=features), SMALL_PARAMS, plan=QUICK_PLAN)
    assert evaluation.direction.hit_rate > 0.9
    assert {"hit_rate_plausible", "r2_plausible"} <= _failed(evaluation, certificate)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_label_of_which_a_third_is_noise_is_stopped_by_the_hit_rate_alone(
    training_set: TrainingSet, certificate: LeakCertificate, seed: int
) -> None:
    few = training_set[-6000:]
    told = np.random.default_rng(seed).random(len(few)) < 0.65
    features = few.features.copy()
    features[:, -1] = np.where(told, np.sign(few.target), -np.sign(few.target))
    evaluation = walk_forward(replace(few, features=features), SMALL_PARAMS, plan=SMALL_PLAN)
    assert evaluation.direction.hit_rate == pytest.approx(0.65, abs=0.03)
    assert "hit_rate_plausible" in _failed(evaluation, certificate) <= {"hit_rate_plausible", "r2_plausible"}


@pytest.fixture(scope="module")
def long_rows() -> TrainingSet:
    return build_training_set(synthetic_candles(20_000, seed=4), symbol="BTCUSDT")


# A share of 12,000 rows has a standard error of sqrt(0.25 / 12,000) = 0.46 %, less than a third of 1.5 %.
@pytest.mark.parametrize("rolled_rows", [2222, 5555, 8888])
def test_a_target_of_another_season_is_a_coin(
    long_rows: TrainingSet, certificate: LeakCertificate, rolled_rows: int
) -> None:
    rolled = replace(long_rows, target=np.roll(long_rows.target, rolled_rows))
    evaluation = walk_forward(rolled, SMALL_PARAMS, plan=replace(SMALL_PLAN, holdout_bars=12_000))
    assert evaluation.direction.hit_rate == pytest.approx(0.5, abs=0.015)
    assert "significant_against_climatology" in _failed(evaluation, certificate)


def test_the_target_of_the_same_season_is_no_coin(long_rows: TrainingSet) -> None:
    evaluation = walk_forward(long_rows, SMALL_PARAMS, plan=replace(SMALL_PLAN, holdout_bars=12_000))
    assert evaluation.direction.hit_rate > 0.53


def test_equal_data_and_seed_give_equal_metrics_to_the_bit(training_set: TrainingSet) -> None:
    few = training_set[-3000:]
    first, second = (walk_forward(few, SMALL_PARAMS, plan=QUICK_PLAN).metrics() for _ in range(2))
    assert first == second
    other = walk_forward(few, SMALL_PARAMS, plan=replace(QUICK_PLAN, seed=8)).metrics()
    assert other != first


def test_every_score_is_that_of_its_own_forecasts(evaluation: Evaluation) -> None:
    walked, baselines = evaluation.walked, evaluation.baselines
    target, up = walked.scored.target, walked.scored.target > 0
    assert evaluation.interval == interval_scores(target, walked.lower, walked.upper)
    assert evaluation.empirical_interval == interval_scores(target, *baselines.empirical)
    assert evaluation.volatility_interval == interval_scores(target, *baselines.volatility)
    assert evaluation.returns == return_scores(target, walked.expected)
    errors = np.abs(target - walked.expected), np.abs(target)
    assert evaluation.against_random_walk == diebold_mariano(*errors)
    losses = log_losses(up, walked.scored.probability_up)
    for name, test in evaluation.against.items():
        naive = baselines.naive[name].probability_up
        assert test == diebold_mariano(losses, log_losses(up, naive))
        assert evaluation.naive_direction[name].log_loss == log_loss(up, naive)


@pytest.mark.parametrize("horizon_bars", [6, 24])
def test_a_longer_horizon_has_wider_doubt(training_set: TrainingSet, horizon_bars: int) -> None:
    few = training_set[-3000:]
    near, far = (
        walk_forward(replace(few, horizon_bars=bars), SMALL_PARAMS, plan=replace(QUICK_PLAN, horizon_bars=bars))
        for bars in (1, horizon_bars)
    )
    widths = [each.direction.hit_rate_high - each.direction.hit_rate_low for each in (near, far)]
    assert widths[1] > 0.8 * np.sqrt(horizon_bars) * widths[0]


def test_each_refit_is_told(training_set: TrainingSet) -> None:
    told: list[tuple[int, int]] = []
    walk_forward(
        training_set[-3000:], SMALL_PARAMS, plan=QUICK_PLAN, on_segment=lambda done, of: told.append((done, of))
    )
    assert told == [(1, 2), (2, 2)]


def test_metrics_are_flat_finite_numbers(evaluation: Evaluation) -> None:
    metrics = evaluation.metrics()
    assert all(type(value) is float and np.isfinite(value) for value in metrics.values())
    assert {"hit_rate", "log_loss", "reversal.log_loss", "climatology.dm_p_value", "coverage", "r2"} <= metrics.keys()


def test_months_too_short_to_be_judged_have_no_figure(evaluation: Evaluation) -> None:
    short = [replace(month, rows=LEAST_ROWS - 1) for month in evaluation.months]
    assert "months_with_coverage_kept" not in replace(evaluation, months=short).metrics()
    one = [*short, replace(short[0], rows=LEAST_ROWS, coverage=0.9)]
    assert replace(evaluation, months=one).metrics()["months_with_coverage_kept"] == 1.0


@pytest.mark.parametrize("horizon_bars", [1, 24])
def test_prices_that_never_move_are_scored_and_refused(certificate: LeakCertificate, horizon_bars: int) -> None:
    moving = synthetic_candles(3600, seed=3)
    still = replace(moving, **dict.fromkeys(PRICE_COLUMNS, np.full(len(moving), 40_000.0)))
    rows = build_training_set(still, symbol="BTCUSDT", horizon_bars=horizon_bars)
    evaluation = walk_forward(rows, SMALL_PARAMS, plan=replace(QUICK_PLAN, horizon_bars=horizon_bars))
    metrics = evaluation.metrics()
    assert all(np.isfinite(value) for value in metrics.values())
    assert (metrics["r2"], metrics["mae_skill"], metrics["pinball_skill"]) == (0.0, 0.0, 0.0)
    assert {"hit_rate_above_majority", "hit_rate_plausible"} <= _failed(evaluation, certificate)


def test_the_table_has_the_model_first_and_every_baseline(evaluation: Evaluation) -> None:
    _, *lines = comparison_table(evaluation.metrics()).splitlines()
    assert [line.split()[0] for line in lines[:-2]] == ["model", *evaluation.naive_direction]


def test_too_little_history_for_the_plan_is_refused(training_set: TrainingSet) -> None:
    with pytest.raises(NotEnoughDataError, match="needs more rows"):
        walk_forward(training_set, SMALL_PARAMS, plan=TrainingPlan(holdout_bars=len(training_set)))


def test_the_final_forecaster_is_fitted_on_all_rows(forecaster: Forecaster, training_set: TrainingSet) -> None:
    assert forecaster.training_digest == training_set.digest
    assert forecaster.training_last_ms == training_set.last_open_time_ms
    outside = forecaster.predict_features(training_set.features).unusual_share
    assert 0 < outside.mean() < 0.004


def test_fitting_twice_gives_the_same_trees(
    forecaster: Forecaster, training_set: TrainingSet, evaluation: Evaluation
) -> None:
    again = fit_final(training_set, SMALL_PARAMS, evaluation, plan=SMALL_PLAN)
    assert again.direction.save_raw() == forecaster.direction.save_raw()
    assert again.spread.save_raw() == forecaster.spread.save_raw()
