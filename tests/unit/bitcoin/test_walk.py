"""Promises of `mercado.bitcoin.walk`: the walk covers the last block, and no forecast reads what comes after it."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mercado.bitcoin.boosters import LEAST_SCALE
from mercado.bitcoin.calibration import CALIBRATION_ROWS, ScoredRows, rolling_forecasts
from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.plan import TrainingPlan
from mercado.bitcoin.validation import Fold
from mercado.bitcoin.walk import EWMA_SPAN_BARS, BaselineRows, WalkedRows, walk_baselines, walk_model, walk_of
from mercado.errors import NotEnoughDataError
from tests.unit.bitcoin.conftest import QUICK_PLAN, SMALL_PARAMS, SMALL_PLAN
from tests.unit.bitcoin.synthetic import HOUR_MS, without

HORIZONS = (1, 6, 24)
FEW_TREES = replace(SMALL_PARAMS, rounds=30)


def _plan(*, horizon_bars: int) -> TrainingPlan:
    return replace(QUICK_PLAN, horizon_bars=horizon_bars)


def _broken(candles: CandleSeries, *, horizon_bars: int) -> TrainingSet:
    few = without(candles[-4000:], [1600, 3200, 3201, 3750])
    return build_training_set(few, symbol="BTCUSDT", horizon_bars=horizon_bars)


def _columns(walked: WalkedRows, baselines: BaselineRows) -> dict[str, NDArray[np.float64]]:
    """Return every forecast of the rows by name."""
    model = {"expected": walked.expected, "lower": walked.lower, "upper": walked.upper, "scale": walked.scored.scale}
    ends = {"empirical": baselines.empirical[0], "volatility": baselines.volatility[1]}
    naive = {name: each.probability_up for name, each in baselines.naive.items()}
    return model | ends | naive | {"probability_up": walked.scored.probability_up}


def test_the_walk_covers_exactly_the_last_block(training_set: TrainingSet, evaluation: Evaluation) -> None:
    scored = evaluation.walked.scored
    np.testing.assert_array_equal(scored.open_time_ms, training_set.open_time_ms[-SMALL_PLAN.holdout_bars :])
    np.testing.assert_array_equal(scored.target, training_set.target[-SMALL_PLAN.holdout_bars :])
    calibration_rows = evaluation.calibration_rows.open_time_ms
    np.testing.assert_array_equal(calibration_rows, training_set.open_time_ms[-CALIBRATION_ROWS:])


@pytest.mark.parametrize("horizon_bars", HORIZONS)
def test_every_fit_of_the_walk_ends_before_what_it_predicts(candles: CandleSeries, horizon_bars: int) -> None:
    rows = _broken(candles, horizon_bars=horizon_bars)
    walk = walk_of(rows, _plan(horizon_bars=horizon_bars))
    assert walk.rows == slice(len(rows) - QUICK_PLAN.holdout_bars, len(rows))
    assert walk.calibration.test.stop <= walk.before.stop
    for fold in (walk.calibration, *walk.segments, Fold(walk.before, walk.rows)):
        label_bar = rows.open_time_ms[fold.train] + horizon_bars * HOUR_MS
        assert (label_bar < rows.open_time_ms[fold.test.start]).all()


# Where the second segment begins, and where the interval is calibrated anew.
@pytest.mark.parametrize("cut", [300, 336])
@pytest.mark.parametrize("horizon_bars", HORIZONS)
def test_no_forecast_reads_a_later_row_or_a_return_that_is_not_known_yet(
    candles: CandleSeries, horizon_bars: int, cut: int
) -> None:
    rows, plan = _broken(candles, horizon_bars=horizon_bars), _plan(horizon_bars=horizon_bars)
    row = walk_of(rows, plan).rows.start + cut
    later = np.arange(len(rows)) > row
    unknown = rows.open_time_ms + horizon_bars * HOUR_MS > rows.open_time_ms[row]
    changed = replace(
        rows,
        features=np.where(later[:, np.newaxis], np.float32(0.5), rows.features),
        target=np.where(unknown, -3 * rows.target, rows.target),
    )
    before, after = (
        _columns(walk_model(each, FEW_TREES, plan=plan)[0], walk_baselines(each, plan=plan)) for each in (rows, changed)
    )
    for name, forecasts in before.items():
        np.testing.assert_array_equal(after[name][: cut + 1], forecasts[: cut + 1], err_msg=name)
    assert (after["probability_up"][cut + 1 :] != before["probability_up"][cut + 1 :]).any()


def test_a_return_that_is_known_changes_later_forecasts(candles: CandleSeries) -> None:
    rows = _broken(candles, horizon_bars=1)
    start = walk_of(rows, QUICK_PLAN).rows.start
    target = rows.target.copy()
    target[start - CALIBRATION_ROWS : start + 100] *= 3
    plan = replace(QUICK_PLAN, recalibrate_bars=50)
    before, after = (walk_model(each, FEW_TREES, plan=plan)[0] for each in (rows, replace(rows, target=target)))
    half_widths = [walked.upper - walked.expected for walked in (before, after)]
    assert half_widths[1][150:].mean() > 2 * half_widths[0][150:].mean()


@pytest.mark.parametrize("horizon_bars", HORIZONS)
def test_the_interval_is_calibrated_by_all_rows_of_the_walk_that_are_known(
    candles: CandleSeries, horizon_bars: int
) -> None:
    plan = _plan(horizon_bars=horizon_bars)
    walked, scored = walk_model(_broken(candles, horizon_bars=horizon_bars), FEW_TREES, plan=plan)
    expected, half_width = rolling_forecasts(
        scored[:-600], scored[-600:], label_ms=horizon_bars * HOUR_MS, every=QUICK_PLAN.recalibrate_bars
    )
    np.testing.assert_array_equal(walked.expected, expected)
    np.testing.assert_array_equal(walked.lower, expected - half_width)
    np.testing.assert_array_equal(walked.upper, expected + half_width)


@pytest.mark.parametrize("horizon_bars", HORIZONS)
@pytest.mark.parametrize("rows_before", [100, 3000])
def test_the_volatility_interval_is_that_of_a_reference(
    training_set: TrainingSet, rows_before: int, horizon_bars: int
) -> None:
    rows = replace(training_set[-rows_before - 600 :], horizon_bars=horizon_bars)
    lower, upper = walk_baselines(rows, plan=_plan(horizon_bars=horizon_bars)).volatility
    squared = pd.Series(rows.previous_return.astype(np.float64) ** 2)
    started = pd.concat([pd.Series([squared[:EWMA_SPAN_BARS].mean()]), squared])
    variance = started.ewm(span=EWMA_SPAN_BARS, adjust=False).mean().to_numpy()[1:]
    scale = np.maximum(np.sqrt(variance), LEAST_SCALE)
    reference = ScoredRows(rows.open_time_ms, rows.target, np.full(len(rows), 0.5), scale)
    _, half_width = rolling_forecasts(
        reference[:-600], reference[-600:], label_ms=horizon_bars * HOUR_MS, every=QUICK_PLAN.recalibrate_bars
    )
    np.testing.assert_allclose(upper, half_width, rtol=1e-9)
    np.testing.assert_array_equal(lower, -upper)


def test_the_volatility_interval_forgets_how_it_started(candles: CandleSeries) -> None:
    rows = _broken(candles, horizon_bars=1)
    upper, of_fewer = (walk_baselines(each, plan=QUICK_PLAN).volatility[1] for each in (rows, rows[500:]))
    np.testing.assert_allclose(of_fewer, upper, rtol=1e-6)


def test_one_refit_walks_the_whole_block_with_one_fit(candles: CandleSeries) -> None:
    rows = _broken(candles, horizon_bars=1)
    plan = replace(QUICK_PLAN, refits=1)
    walked, scored = walk_model(rows, FEW_TREES, plan=plan)
    assert len(walk_of(rows, plan).segments) == 1
    assert (len(walked), len(walk_baselines(rows, plan=plan).empirical[0])) == (600, 600)
    np.testing.assert_array_equal(scored[-600:].probability_up, walked.scored.probability_up)


def test_each_refit_is_told(training_set: TrainingSet) -> None:
    told: list[tuple[int, int]] = []
    walk_model(training_set[-3000:], FEW_TREES, plan=QUICK_PLAN, on_segment=lambda done, of: told.append((done, of)))
    assert told == [(1, 2), (2, 2)]


@pytest.mark.parametrize("left", [0, 1, 30])
def test_too_little_history_for_the_plan_is_refused(training_set: TrainingSet, left: int) -> None:
    plan = replace(QUICK_PLAN, holdout_bars=len(training_set) - left)
    with pytest.raises(NotEnoughDataError):
        walk_model(training_set, FEW_TREES, plan=plan)


@pytest.mark.parametrize(("of_rows", "of_plan"), [(6, 1), (1, 6)])
def test_a_plan_of_another_horizon_than_the_rows_is_refused(candles: CandleSeries, of_rows: int, of_plan: int) -> None:
    rows, plan = _broken(candles, horizon_bars=of_rows), _plan(horizon_bars=of_plan)
    message = f"the plan's horizon is {of_plan} bars, and the rows' {of_rows}"
    with pytest.raises(ValueError, match=message):
        walk_model(rows, FEW_TREES, plan=plan)
    with pytest.raises(ValueError, match=message):
        walk_baselines(rows, plan=plan)
