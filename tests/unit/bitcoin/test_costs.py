"""Promises of `mercado.bitcoin.costs`: what trading on the forecast's side would have earned, by hand."""

import math
import statistics
from dataclasses import asdict

import numpy as np
import pytest

from mercado.bitcoin.costs import COSTS_BPS, trading_outcomes

DAY_MS = 86_400_000
TARGET = np.array([0.01, -0.02, 0.03, 0.01])
PROBABILITY_UP = np.array([0.6, 0.4, 0.4, 0.7])  # long, short, short, long
EARNED = [0.01, 0.02, -0.03, 0.01]
TRADED = [1, 2, 0, 2]  # positions: the first one is bought too, a change of side trades two


@pytest.mark.parametrize("place", range(len(COSTS_BPS)))
def test_costs_are_paid_for_every_position_traded(place: int) -> None:
    outcome = trading_outcomes(TARGET, PROBABILITY_UP, interval_ms=DAY_MS)[place]
    cost = COSTS_BPS[place]
    earned = [gain - traded * cost / 10_000 for gain, traded in zip(EARNED, TRADED, strict=True)]
    assert outcome.cost_bps == cost
    assert outcome.total_log_return == pytest.approx(math.fsum(earned))
    assert outcome.mean_bps == pytest.approx(statistics.fmean(earned) * 10_000)
    assert outcome.sharpe == pytest.approx(statistics.fmean(earned) / statistics.pstdev(earned) * math.sqrt(365))


def test_10_basis_points_a_side_by_hand() -> None:
    free, *_, dear = trading_outcomes(TARGET, PROBABILITY_UP, interval_ms=DAY_MS)
    assert (free.cost_bps, dear.cost_bps) == (0.0, 10.0)
    assert free.total_log_return == pytest.approx(0.010)
    assert dear.total_log_return == pytest.approx(0.005)  # five positions traded
    assert dear.mean_bps == pytest.approx(12.5)


def test_of_overlapping_rows_every_second_is_traded_from_either_start_by_hand() -> None:
    free, *_, dear = trading_outcomes(TARGET, PROBABILITY_UP, interval_ms=DAY_MS, horizon_bars=2)
    # From the first row 0.01 and -0.03 are earned, from the second 0.02 and 0.01; each trades three positions.
    assert free.total_log_return == pytest.approx((-0.02 + 0.03) / 2)
    assert dear.total_log_return == pytest.approx((-0.023 + 0.027) / 2)
    assert (free.mean_bps, dear.mean_bps) == pytest.approx(((-100 + 150) / 2, (-115 + 135) / 2))
    assert free.sharpe == pytest.approx((-0.01 / 0.02 + 0.015 / 0.005) / 2 * math.sqrt(365 / 2))


@pytest.mark.parametrize("horizon_bars", [2, 3, 7])
def test_overlapping_rows_are_the_mean_over_every_row_to_begin_with(horizon_bars: int) -> None:
    random = np.random.default_rng(3)
    target, probability_up = random.normal(0, 0.01, 40), random.uniform(0.4, 0.6, 40)
    starts = [
        trading_outcomes(
            target[first::horizon_bars], probability_up[first::horizon_bars], interval_ms=horizon_bars * DAY_MS
        )
        for first in range(horizon_bars)
    ]
    outcomes = trading_outcomes(target, probability_up, interval_ms=DAY_MS, horizon_bars=horizon_bars)
    for outcome, *alone in zip(outcomes, *starts, strict=True):
        for figure, value in asdict(outcome).items():
            assert value == pytest.approx(statistics.fmean(getattr(each, figure) for each in alone)), figure


def test_fewer_rows_than_the_horizon_are_one_trade_each() -> None:
    free, *_ = trading_outcomes(TARGET[:2], PROBABILITY_UP[:2], interval_ms=DAY_MS, horizon_bars=24)
    assert (free.total_log_return, free.sharpe) == pytest.approx(((0.01 + 0.02) / 2, 0.0))


def test_a_position_that_is_kept_is_paid_for_once() -> None:
    dear = trading_outcomes(np.zeros(100), np.full(100, 0.9), interval_ms=DAY_MS)[-1]
    assert dear.total_log_return == pytest.approx(-0.001)


def test_a_year_has_8760_hours() -> None:
    hourly, daily = (
        trading_outcomes(TARGET, PROBABILITY_UP, interval_ms=interval_ms)[0] for interval_ms in (DAY_MS // 24, DAY_MS)
    )
    assert hourly.sharpe == pytest.approx(daily.sharpe * math.sqrt(24))


def test_a_coin_is_short_as_the_named_side_is_down() -> None:
    assert trading_outcomes(np.array([0.02]), np.array([0.5]), interval_ms=DAY_MS)[0].total_log_return == -0.02


def test_without_movement_there_is_no_sharpe_ratio() -> None:
    assert trading_outcomes(np.zeros(5), np.full(5, 0.9), interval_ms=DAY_MS)[0].sharpe == 0.0
