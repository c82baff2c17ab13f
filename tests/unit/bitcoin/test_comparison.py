"""Promises of `mercado.bitcoin.comparison`: a champion is beaten on the same rows, which it was not tuned on."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mercado.bitcoin.comparison import LEAST_ROWS, Champion, Comparison, compare
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.metrics import diebold_mariano, log_losses
from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.walk import WalkedRows, walk_model
from tests.unit.bitcoin.conftest import QUICK_PLAN, SMALL_PARAMS
from tests.unit.bitcoin.synthetic import synthetic_candles

WILD = BoosterParams(max_depth=6, eta=0.3, min_child_weight=1, reg_lambda=0, rounds=400)
FEWER_TREES = replace(SMALL_PARAMS, rounds=20)


@pytest.fixture(scope="module")
def rows() -> TrainingSet:
    return build_training_set(synthetic_candles(3600, seed=31, reversal=0.0), symbol="BTCUSDT")


@pytest.fixture(scope="module")
def walked(rows: TrainingSet) -> WalkedRows:
    return walk_model(rows, SMALL_PARAMS, plan=QUICK_PLAN)[0]


def _champion(rows: TrainingSet, **changes: Any) -> Champion:
    champion = Champion(
        version=3, params=SMALL_PARAMS, feature_names=rows.feature_names, tuned_before_ms=0, age_days=12.5
    )
    return replace(champion, **changes)


def _compared(champion: Champion, walked: WalkedRows, rows: TrainingSet) -> Comparison:
    comparison = compare(champion, walked, rows, plan=QUICK_PLAN)
    assert comparison is not None
    return comparison


def test_a_champion_of_the_same_parameters_is_as_good(rows: TrainingSet, walked: WalkedRows) -> None:
    comparison = _compared(_champion(rows), walked, rows)
    assert (comparison.test.statistic, comparison.test.p_value) == (0.0, 0.5)
    np.testing.assert_array_equal(comparison.champion_losses, comparison.challenger_losses)
    np.testing.assert_array_equal(comparison.open_time_ms, walked.scored.open_time_ms)


def test_a_champion_that_learned_noise_by_heart_is_beaten(rows: TrainingSet, walked: WalkedRows) -> None:
    beaten = _compared(_champion(rows, params=WILD), walked, rows)
    assert beaten.test.statistic < -5
    assert beaten.test.p_value < 1e-6
    assert beaten.champion_losses.mean() > np.log(2) > 0.98 * beaten.challenger_losses.mean()


def test_a_challenger_that_learned_noise_by_heart_beats_nobody(rows: TrainingSet) -> None:
    wild, _ = walk_model(rows, WILD, plan=QUICK_PLAN)
    assert _compared(_champion(rows), wild, rows).test.p_value > 1 - 1e-6


def test_only_rows_that_the_champion_was_not_tuned_on_are_compared(rows: TrainingSet, walked: WalkedRows) -> None:
    new = walked[60:].scored
    comparison = _compared(_champion(rows, tuned_before_ms=int(new.open_time_ms[0]), params=FEWER_TREES), walked, rows)
    np.testing.assert_array_equal(comparison.open_time_ms, new.open_time_ms)
    theirs = walk_model(rows, FEWER_TREES, plan=QUICK_PLAN)[0].scored[60:]
    losses = [log_losses(each.target > 0, each.probability_up) for each in (new, theirs)]
    np.testing.assert_array_equal(comparison.challenger_losses, losses[0])
    np.testing.assert_array_equal(comparison.champion_losses, losses[1])
    assert comparison.test == diebold_mariano(*losses)


def test_a_row_that_opens_a_moment_before_may_have_been_tuned_on(rows: TrainingSet, walked: WalkedRows) -> None:
    later = int(walked.scored.open_time_ms[60]) + 1
    assert len(_compared(_champion(rows, tuned_before_ms=later), walked, rows).open_time_ms) == len(walked) - 61


@pytest.mark.parametrize("new_rows", [0, 1, LEAST_ROWS - 1])
def test_too_few_new_rows_prove_nothing_either_way(rows: TrainingSet, walked: WalkedRows, new_rows: int) -> None:
    times = np.append(walked.scored.open_time_ms, np.iinfo(np.int64).max)
    champion = _champion(rows, tuned_before_ms=int(times[len(walked) - new_rows]), params=FEWER_TREES)
    comparison = _compared(champion, walked, rows)
    assert len(comparison.open_time_ms) == new_rows
    assert (comparison.test.statistic, comparison.test.p_value) == (0.0, 0.5)
    assert comparison.metrics() == {
        "champion.version": 3.0,
        "champion.age_days": 12.5,
        "champion.rows": float(new_rows),
    }


def test_a_champion_of_other_features_cannot_be_compared(rows: TrainingSet, walked: WalkedRows) -> None:
    for names in (rows.feature_names[1:], tuple(reversed(rows.feature_names)), ()):
        assert compare(_champion(rows, feature_names=names), walked, rows, plan=QUICK_PLAN) is None


def test_the_figures_are_flat_numbers(rows: TrainingSet, walked: WalkedRows) -> None:
    comparison = _compared(_champion(rows, params=FEWER_TREES), walked, rows)
    metrics = comparison.metrics()
    assert (metrics["champion.version"], metrics["champion.age_days"], metrics["champion.rows"]) == (3.0, 12.5, 600.0)
    assert metrics["champion.log_loss"] == comparison.champion_losses.mean()
    assert metrics["champion.challenger_log_loss"] == comparison.challenger_losses.mean()
    assert metrics["champion.dm_p_value"] == comparison.test.p_value
    assert all(type(value) is float for value in metrics.values())


def test_the_test_knows_that_labels_of_a_longer_horizon_overlap(rows: TrainingSet, walked: WalkedRows) -> None:
    champion = _champion(rows, params=FEWER_TREES)
    far = compare(champion, walked, replace(rows, horizon_bars=24), plan=replace(QUICK_PLAN, horizon_bars=24))
    assert far is not None
    assert far.test == diebold_mariano(far.challenger_losses, far.champion_losses, horizon_bars=24)
