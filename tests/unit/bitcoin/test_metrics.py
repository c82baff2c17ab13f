"""Promises of `mercado.bitcoin.metrics`."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.tsa.stattools import diebold_mariano_test

from mercado.bitcoin.metrics import (
    diebold_mariano,
    direction_scores,
    interval_scores,
    log_loss,
    log_losses,
    return_scores,
    skill,
)

RETURNS = st.floats(-0.3, 0.3)


def test_a_coin_scores_ln_2_and_half_the_hits() -> None:
    up = np.array([True, False, True, True])
    scores = direction_scores(up, np.full(4, 0.5), np.zeros(4))
    assert scores.log_loss == pytest.approx(np.log(2))
    assert (scores.brier, scores.auc, scores.hit_rate, scores.base_rate) == (0.25, 0.5, 0.5, 0.75)


def test_skill_is_the_share_of_the_loss_that_is_saved() -> None:
    assert skill(0.6, 0.8) == pytest.approx(0.25)
    assert skill(0.8, 0.6) == pytest.approx(-1 / 3)
    assert (skill(0.0, 0.0), skill(0.1, 0.0)) == (0.0, 0.0)


def test_the_hit_rate_has_wilsons_interval() -> None:
    up = np.arange(100) < 55
    scores = direction_scores(up, np.full(100, 0.9))
    assert (scores.hit_rate, round(scores.hit_rate_low, 4), round(scores.hit_rate_high, 4)) == (0.55, 0.4524, 0.6439)


@pytest.mark.parametrize("horizon_bars", [1, 6, 24])
def test_overlapping_labels_widen_wilsons_interval_as_if_there_were_n_over_h(horizon_bars: int) -> None:
    random = np.random.default_rng(3)
    up = random.uniform(size=2400) < 0.55
    scores = direction_scores(up, np.full(2400, 0.9), horizon_bars=horizon_bars)
    share, rows, z = float(up.mean()), 2400 / horizon_bars, 1.959964
    middle = (share + z**2 / (2 * rows)) / (1 + z**2 / rows)
    half = z / (1 + z**2 / rows) * math.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    assert scores.hit_rate == pytest.approx(share)
    assert (scores.hit_rate_low, scores.hit_rate_high) == pytest.approx((middle - half, middle + half))


def test_certainty_that_is_wrong_costs_much_but_not_infinity() -> None:
    assert 20 < log_loss(np.array([True]), np.array([0.0])) < 21


def test_one_sided_history_has_no_auc_and_no_warning() -> None:
    assert direction_scores(np.ones(5, dtype=bool), np.linspace(0, 1, 5)).auc == 0.5


def test_the_random_walk_has_no_skill_and_a_perfect_forecast_has_all() -> None:
    random = np.random.default_rng(3)
    target = random.normal(size=50)
    nothing, perfect = return_scores(target, np.zeros(50)), return_scores(target, target)
    assert (nothing.mae_skill, nothing.r2) == (0.0, 0.0)
    assert (perfect.mae_skill, perfect.r2) == (1.0, 1.0)
    assert return_scores(np.zeros(5), np.ones(5)).r2 == 0.0


def test_interval_scores_are_in_basis_points() -> None:
    scores = interval_scores(np.array([0.0, 0.002]), np.full(2, -0.001), np.full(2, 0.001))
    assert scores.coverage == 0.5
    assert scores.mean_width_bps == pytest.approx(20.0)
    assert scores.pinball_bps == pytest.approx(3.0)  # lower end (0.5 + 1.5) / 2, upper end (0.5 + 9.5) / 2
    assert scores.winkler_bps == pytest.approx(120.0)  # 20, and 20 + 20 times a miss of 10


@given(rows=st.lists(st.tuples(RETURNS, RETURNS, RETURNS), min_size=1, max_size=20))
def test_interval_scores_are_their_definitions(rows: list[tuple[float, float, float]]) -> None:
    target, one, other = (np.array(column) for column in zip(*rows, strict=True))
    lower, upper = np.minimum(one, other), np.maximum(one, other)
    scores = interval_scores(target, lower, upper)
    winkler, pinball = [], []
    for y, low, high in zip(target, lower, upper, strict=True):
        winkler.append(high - low + 2 / 0.1 * (max(low - y, 0) + max(y - high, 0)))
        pinball += [max(q * (y - end), (q - 1) * (y - end)) for q, end in ((0.05, low), (0.95, high))]
    assert scores.winkler_bps == pytest.approx(1e4 * np.mean(winkler))
    assert scores.pinball_bps == pytest.approx(1e4 * np.mean(pinball))
    assert scores.coverage == np.mean((lower <= target) & (target <= upper))


def test_the_better_probabilities_have_the_lower_p_value() -> None:
    random = np.random.default_rng(3)
    truth = random.uniform(0.2, 0.8, 3000)
    up = random.uniform(size=3000) < truth
    good, coin = log_losses(up, truth), log_losses(up, np.full(3000, 0.5))
    better, worse = diebold_mariano(good, coin), diebold_mariano(coin, good)
    assert better.statistic < -5
    assert better.p_value < 1e-6
    assert worse.statistic == pytest.approx(-better.statistic)
    assert worse.p_value == pytest.approx(1 - better.p_value)


@pytest.mark.parametrize("horizon_bars", [1, 24])
def test_equal_losses_prove_nothing(horizon_bars: int) -> None:
    random = np.random.default_rng(3)
    losses = random.normal(size=100)
    same = diebold_mariano(losses, losses.copy(), horizon_bars=horizon_bars)
    assert (same.statistic, same.p_value) == (0.0, 0.5)


# The lags: twice the horizon, but at least the cube root of the 800 rows, rounded up.
@pytest.mark.parametrize(("horizon_bars", "lags"), [(1, 10), (5, 10), (6, 12), (24, 48)])
@pytest.mark.parametrize("advantage", [0.1, -0.1])
def test_the_test_is_that_of_statsmodels_one_sided(horizon_bars: int, lags: int, advantage: float) -> None:
    random = np.random.default_rng(3)
    truth = random.normal(size=800)
    noise = random.normal(size=(2, 800))
    model, baseline = truth + noise[0], truth + (1 + advantage) * noise[1]
    ours = diebold_mariano(np.abs(model - truth), np.abs(baseline - truth), horizon_bars=horizon_bars)
    theirs = diebold_mariano_test(
        truth, model, baseline, lags=lags, criterion="mae", harvey_adj=True, horizon=horizon_bars
    )
    assert ours.statistic == pytest.approx(theirs.statistic)
    assert min(ours.p_value, 1 - ours.p_value) == pytest.approx(theirs.pvalue / 2)
    assert (ours.p_value < 0.5) == (ours.statistic < 0)


@pytest.mark.parametrize(("horizon_bars", "lags"), [(1, 4), (3, 6)])  # the cube root of 60, twice the horizon
def test_the_statistic_is_the_mean_over_newey_and_wests_error_with_harveys_correction(
    horizon_bars: int, lags: int
) -> None:
    random = np.random.default_rng(3)
    rows = 60
    model, baseline = random.normal(size=(2, rows))
    difference = model - baseline - np.mean(model - baseline)
    variance = difference @ difference / rows
    for lag in range(1, lags + 1):
        variance += 2 * (1 - lag / (lags + 1)) * (difference[lag:] @ difference[:-lag]) / rows
    harvey = math.sqrt((rows + 1 - 2 * horizon_bars + horizon_bars * (horizon_bars - 1) / rows) / rows)
    by_hand = harvey * np.mean(model - baseline) / math.sqrt(variance / rows)
    assert diebold_mariano(model, baseline, horizon_bars=horizon_bars).statistic == pytest.approx(by_hand)
