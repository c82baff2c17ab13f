"""Promises of `mercado.bitcoin.evaluation` and `gate`: skill is found where it is, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from mercado.bitcoin.baselines import CLIMATOLOGY
from mercado.bitcoin.calibration import CALIBRATION_ROWS
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.evaluation import Evaluation, fit_final, walk_forward
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.gate import GateRules, judge
from mercado.bitcoin.metrics import DieboldMariano
from mercado.bitcoin.plan import TrainingPlan
from mercado.bitcoin.report import comparison_table
from mercado.errors import NotEnoughDataError
from tests.unit.bitcoin.conftest import SMALL_PARAMS, SMALL_PLAN
from tests.unit.bitcoin.synthetic import synthetic_candles

QUICK_PLAN = replace(SMALL_PLAN, holdout_bars=600)


def _failed(evaluation: Evaluation, rules: GateRules | None = None) -> set[str]:
    return {reason.name for reason in judge(evaluation, rules).refusals}


def test_a_planted_reversal_is_learned_and_promoted(evaluation: Evaluation) -> None:
    verdict = judge(evaluation)
    assert verdict.promote, [reason.sentence for reason in verdict.refusals]
    assert 0.52 < evaluation.direction.hit_rate < 0.58
    assert evaluation.log_loss_skill > 0.004
    assert evaluation.pinball_skill > 0
    assert 0.87 <= evaluation.interval.coverage <= 0.93


@pytest.mark.parametrize("seed", [21, 22, 23])
def test_volatility_without_a_signal_is_never_promoted(seed: int) -> None:
    martingale = build_training_set(synthetic_candles(8000, seed=seed, reversal=0.0), symbol="BTCUSDT")
    evaluation = walk_forward(martingale, SMALL_PARAMS, plan=replace(SMALL_PLAN, holdout_bars=2000))
    assert "significant_against_climatology" in _failed(evaluation)
    assert 0.87 <= evaluation.interval.coverage <= 0.93


def test_a_label_planted_among_the_features_is_stopped_as_a_leak(training_set: TrainingSet) -> None:
    few = training_set[-3000:]
    features = few.features.copy()
    features[:, -1] = few.target
    evaluation = walk_forward(replace(few, features=features), SMALL_PARAMS, plan=QUICK_PLAN)
    assert evaluation.direction.hit_rate > 0.9
    assert {"hit_rate_plausible", "r2_plausible"} <= _failed(evaluation)


def test_a_target_of_another_season_is_a_coin(training_set: TrainingSet) -> None:
    rolled = replace(training_set, target=np.roll(training_set.target, 3333))
    evaluation = walk_forward(rolled, SMALL_PARAMS, plan=SMALL_PLAN)
    assert evaluation.direction.hit_rate == pytest.approx(0.5, abs=0.03)
    assert not judge(evaluation).promote


def test_equal_data_and_seed_give_equal_metrics_to_the_bit(training_set: TrainingSet) -> None:
    few = training_set[-3000:]
    first, second = (walk_forward(few, SMALL_PARAMS, plan=QUICK_PLAN).metrics() for _ in range(2))
    assert first == second
    other = walk_forward(few, SMALL_PARAMS, plan=replace(QUICK_PLAN, seed=8)).metrics()
    assert other != first


def test_a_segment_never_sees_what_comes_after_it(training_set: TrainingSet, evaluation: Evaluation) -> None:
    half = SMALL_PLAN.holdout_bars // SMALL_PLAN.refits
    target = training_set.target.copy()
    target[-half:] = -target[-half:]
    changed = walk_forward(replace(training_set, target=target), SMALL_PARAMS, plan=SMALL_PLAN).walked
    for name in ("expected", "lower", "upper", "empirical_lower"):
        np.testing.assert_array_equal(getattr(changed, name)[:half], getattr(evaluation.walked, name)[:half])
    np.testing.assert_array_equal(changed.scored.probability_up, evaluation.walked.scored.probability_up)


def test_the_walk_covers_exactly_the_last_block(training_set: TrainingSet, evaluation: Evaluation) -> None:
    np.testing.assert_array_equal(evaluation.walked.open_time_ms, training_set.open_time_ms[-SMALL_PLAN.holdout_bars :])
    np.testing.assert_array_equal(evaluation.walked.scored.target, training_set.target[-SMALL_PLAN.holdout_bars :])
    assert len(evaluation.calibration_rows) == CALIBRATION_ROWS


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


def test_the_table_has_the_model_first_and_every_baseline(evaluation: Evaluation) -> None:
    lines = comparison_table(evaluation.metrics()).splitlines()[1:-1]
    assert [line.split()[0] for line in lines] == ["model", *evaluation.naive_direction]


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


def test_a_model_no_better_than_a_baseline_is_refused(evaluation: Evaluation) -> None:
    equal = dict(evaluation.naive_direction)
    equal["reversal"] = replace(equal["reversal"], log_loss=evaluation.direction.log_loss)
    assert _failed(replace(evaluation, naive_direction=equal)) == {"log_loss_below_reversal"}


def test_a_better_loss_by_chance_is_refused(evaluation: Evaluation) -> None:
    by_chance = dict(evaluation.against) | {CLIMATOLOGY: DieboldMariano(-1.6, 0.055)}
    assert _failed(replace(evaluation, against=by_chance)) == {"significant_against_climatology"}


@pytest.mark.parametrize(
    ("coverage", "rule"),
    [(0.86, "coverage_high_enough"), (0.94, "coverage_low_enough"), (np.nan, "coverage_low_enough")],
)
def test_an_interval_that_is_not_90_percent_is_refused(evaluation: Evaluation, coverage: float, rule: str) -> None:
    assert rule in _failed(replace(evaluation, interval=replace(evaluation.interval, coverage=coverage)))


def test_each_sanity_limit_refuses_alone(evaluation: Evaluation) -> None:
    hits = replace(evaluation, direction=replace(evaluation.direction, hit_rate=0.61))
    assert _failed(hits) == {"hit_rate_plausible"}
    assert _failed(replace(evaluation, returns=replace(evaluation.returns, r2=0.06))) == {"r2_plausible"}
    assert _failed(evaluation, GateRules(greatest_r2=0.001)) == {"r2_plausible"}


def test_a_reason_says_what_was_measured_and_what_was_expected(evaluation: Evaluation) -> None:
    refused = judge(replace(evaluation, direction=replace(evaluation.direction, hit_rate=0.75))).refusals
    (reason,) = refused
    assert (reason.value, reason.threshold, reason.passed) == (0.75, 0.6, False)
    assert reason.sentence == ("The hit rate 0.75 is not at most 0.6, above which a leak of the future is suspected.")
