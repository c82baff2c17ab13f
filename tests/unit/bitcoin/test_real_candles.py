"""What real candles say, where the samples are at hand: a small honest skill on hours, and none on days.

The file is Binance's BTCUSDT from August 2017 on: 66,684 hours with 28 gaps. The bounds are those that a longer walk
of such models was measured to keep, and not merely what one run gave.
"""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.certificate import certify
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.evaluation import Evaluation, walk_forward
from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.gate import judge
from mercado.bitcoin.grid import to_grid
from mercado.bitcoin.plan import BoosterParams, TrainingPlan
from tests.conftest import SAMPLES

CANDLES = SAMPLES / "bitcoin" / "BTCUSDT-1h-2017-2025.csv"
PARAMS = BoosterParams(max_depth=3, rounds=150, min_child_weight=50)
TWO_YEARS = TrainingPlan(holdout_bars=2 * 365 * 24, refits=4, threads=1)
NINE_MONTHS = 270 * 24
FIRST_DAY_OF_2020_MS = round(datetime(2020, 1, 1, tzinfo=UTC).timestamp() * 1000)

pytestmark = pytest.mark.skipif(not CANDLES.exists(), reason="the real candles are not here")


@pytest.fixture(scope="module")
def hours() -> CandleSeries:
    columns = np.loadtxt(CANDLES, delimiter=",", skiprows=1, unpack=True)
    return CandleSeries(CandleInterval.ONE_HOUR, columns[0].astype(np.int64), *columns[1:6])


@pytest.fixture(scope="module")
def days(hours: CandleSeries) -> CandleSeries:
    """Return the hours as days of UTC; a day in which hours are missing is made of the others."""
    day_ms = CandleInterval.ONE_DAY.milliseconds
    days, first = np.unique(hours.open_time_ms // day_ms, return_index=True)
    return CandleSeries(
        interval=CandleInterval.ONE_DAY,
        open_time_ms=days * day_ms,
        open=hours.open[first],
        high=np.maximum.reduceat(hours.high, first),
        low=np.minimum.reduceat(hours.low, first),
        close=hours.close[np.append(first[1:], len(hours)) - 1],
        volume=np.add.reduceat(hours.volume, first),
    )


@pytest.fixture(scope="module")
def hourly_rows(hours: CandleSeries) -> TrainingSet:
    return build_training_set(hours, symbol="BTCUSDT")


@pytest.fixture(scope="module")
def hourly(hourly_rows: TrainingSet) -> Evaluation:
    return walk_forward(hourly_rows, PARAMS, plan=TWO_YEARS)


def test_the_candles_are_those_that_the_bounds_were_measured_on(hours: CandleSeries) -> None:
    assert len(hours) == 66_684
    assert (np.diff(hours.open_time_ms) > CandleInterval.ONE_HOUR.milliseconds).sum() == 28
    assert to_grid(hours).missing.sum() == 128


def test_every_row_is_one_that_no_outage_touches(hours: CandleSeries, hourly_rows: TrainingSet) -> None:
    assert len(hours) - len(hourly_rows) < FEATURE_WINDOW_BARS + 28 * 171
    assert np.isfinite(hourly_rows.features).all()
    assert np.abs(hourly_rows.target).max() < 0.25  # the largest move of an hour, in March 2020, was 20 %


def test_the_features_hold_their_certificate(hours: CandleSeries) -> None:
    certificate = certify(hours, seed=7)
    assert certificate.passed, certificate.sentence


def test_the_direction_of_an_hour_is_forecast_a_little_better_than_by_reversal(hourly: Evaluation) -> None:
    assert 0.53 <= hourly.direction.hit_rate <= 0.57
    assert hourly.direction.hit_rate_low > hourly.naive_direction["reversal"].hit_rate > 0.5
    assert all(test.p_value < 0.01 for test in hourly.against.values()), hourly.against
    assert 0.004 < hourly.log_loss_skill < 0.02
    assert 0 < hourly.returns.r2 < 0.02


def test_the_interval_of_an_hour_keeps_its_promise_and_is_narrower_than_the_last_years(hourly: Evaluation) -> None:
    assert hourly.interval.coverage == pytest.approx(0.9, abs=0.02)
    assert hourly.pinball_skill >= 0.10
    assert hourly.interval.winkler_bps < hourly.volatility_interval.winkler_bps < hourly.empirical_interval.winkler_bps
    assert hourly.metrics()["months_with_coverage_kept"] > 0.9


def test_costs_eat_the_skill(hourly: Evaluation) -> None:
    sharpe = {outcome.cost_bps: outcome.sharpe for outcome in hourly.outcomes}
    assert sharpe[0.0] > 0 > sharpe[10.0]


def test_returns_of_another_season_are_a_coin(hourly_rows: TrainingSet) -> None:
    rolled = replace(hourly_rows, target=np.roll(hourly_rows.target, NINE_MONTHS))
    evaluation = walk_forward(rolled, PARAMS, plan=replace(TWO_YEARS, refits=2))
    assert evaluation.direction.hit_rate == pytest.approx(0.5, abs=0.015)  # a standard error is 0.38 %
    assert evaluation.against["climatology"].p_value > 0.05


def test_a_model_of_days_is_no_better_than_the_usual_share_and_is_not_promoted(days: CandleSeries) -> None:
    rows = build_training_set(days, symbol="BTCUSDT")
    block = int((rows.open_time_ms >= FIRST_DAY_OF_2020_MS).sum())
    evaluation = walk_forward(rows, PARAMS, plan=TrainingPlan(holdout_bars=block, refits=8, threads=1))
    assert block > 5 * 365
    assert evaluation.against["climatology"].p_value > 0.05
    assert evaluation.log_loss_skill < 0.01
    assert 0.86 <= evaluation.interval.coverage <= 0.94
    verdict = judge(evaluation, certify(days, seed=7))
    assert not verdict.promote
    assert "significant_against_climatology" in {reason.name for reason in verdict.refusals}
    assert {reason.name: reason.passed for reason in verdict.reasons}["leak_certificate"]
