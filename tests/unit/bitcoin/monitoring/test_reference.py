"""The reference that is stored with a model, and the drift that is measured against it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mercado.bitcoin.candles import PRICE_COLUMNS, CandleSeries
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.features import FEATURE_NAMES
from mercado.bitcoin.grid import to_grid
from mercado.bitcoin.monitoring.drift import drift_alarms, drift_unknowns, measure_drift
from mercado.bitcoin.monitoring.reference import (
    FILE_NAME,
    LEAST_DISTANCE_LIMIT,
    LEAST_PSI_LIMIT,
    DriftReference,
    build_reference,
)
from mercado.bitcoin.monitoring.rules import MonitoringRules
from mercado.errors import ModelNotReadyError
from tests.unit.bitcoin.synthetic import synthetic_candles, without

RULES = MonitoringRules()


@pytest.fixture(scope="module")
def reference(training_set: TrainingSet, candles: CandleSeries) -> DriftReference:
    return build_reference(training_set.features, FEATURE_NAMES, to_grid(candles), share_up=0.5)


def test_what_was_written_is_read_again(reference: DriftReference, tmp_path: Path) -> None:
    reference.write(tmp_path)
    assert DriftReference.read(tmp_path) == reference


@pytest.mark.parametrize("content", ["", "{}", '{"format": "another/1"}', "[1]"])
def test_a_reference_that_is_damaged_or_missing_is_named(content: str, tmp_path: Path) -> None:
    if content:
        (tmp_path / FILE_NAME).write_text(content)
    with pytest.raises(ModelNotReadyError, match=r"drift_reference\.json cannot be read .*Train again"):
        DriftReference.read(tmp_path)


def test_shares_sum_to_1_and_no_bin_is_empty(reference: DriftReference) -> None:
    for feature in reference.features:
        assert sum(feature.shares) == pytest.approx(1)
        assert min(feature.shares) > 0
        assert len(feature.shares) == len(feature.edges) + 1
        assert list(feature.cumulative) == sorted(feature.cumulative)


def test_limits_are_never_below_the_conventional_ones(reference: DriftReference) -> None:
    limits = [limit for feature in reference.features for limit in feature.limits.values()]
    assert min(limit.psi for limit in limits) >= LEAST_PSI_LIMIT
    assert min(limit.distance for limit in limits) >= LEAST_DISTANCE_LIMIT


def test_no_window_of_the_history_itself_is_beyond_its_limits(reference: DriftReference, candles: CandleSeries) -> None:
    for stop in range(4000, len(candles), 997):
        windows = measure_drift(reference, to_grid(candles[:stop]))
        assert drift_alarms(windows, RULES) == []


def test_a_slow_feature_has_wider_limits_than_textbooks_give(reference: DriftReference) -> None:
    limits = {feature.name: feature.limits[30].psi for feature in reference.features}
    assert limits["volatility_168"] > 2 * LEAST_PSI_LIMIT
    assert limits["return_lag_0"] < limits["volatility_168"]


def test_functions_of_the_clock_are_left_out_with_the_reason(reference: DriftReference) -> None:
    assert {feature.name for feature in reference.features} | set(reference.left_out) == set(FEATURE_NAMES)
    assert all("clock" in reason for reason in reference.left_out.values())


def test_a_wilder_market_is_found(reference: DriftReference) -> None:
    later = synthetic_candles(2000, seed=9)
    prices = {name: getattr(later, name) / later.close[0] for name in PRICE_COLUMNS}
    wild = replace(later, **{name: values**8 for name, values in prices.items()})
    alarms = drift_alarms(measure_drift(reference, to_grid(wild)), RULES)
    assert any("features are beyond their limits in the last 7 days" in alarm for alarm in alarms)


def test_too_few_whole_bars_are_unknown_and_never_no_drift(reference: DriftReference, candles: CandleSeries) -> None:
    holes = without(candles, range(len(candles) - 700, len(candles) - 1, 100))
    windows = measure_drift(reference, to_grid(holes))
    assert [feature.psi for window in windows for feature in window.features] == [None] * 56
    assert [feature.drifted for window in windows for feature in window.features] == [None] * 56
    assert drift_alarms(windows, RULES) == []
    assert len(drift_unknowns(windows)) == 2
    assert "Drift in 30 days is unknown: only" in drift_unknowns(windows)[1]


def test_more_missing_bars_than_ever_before_are_an_alarm(reference: DriftReference, candles: CandleSeries) -> None:
    holes = without(candles, range(len(candles) - 400, len(candles) - 340))
    (alarm,) = drift_alarms(measure_drift(reference, to_grid(holes)), RULES)
    assert alarm.startswith("8.3% of the bars are missing in the last 30 days, more than 5.0%")


def test_a_history_that_is_too_short_has_no_limits_and_says_so(
    training_set: TrainingSet, candles: CandleSeries
) -> None:
    short = build_reference(training_set.features[-3000:], FEATURE_NAMES, to_grid(candles), share_up=0.5)
    assert short.window_days == (7,)
    none = build_reference(training_set.features[-500:], FEATURE_NAMES, to_grid(candles), share_up=0.5)
    assert none.window_days == ()
    assert drift_unknowns(measure_drift(none, to_grid(candles))) == [
        "Drift is unknown: the training's history was too short to tell how far its features wander."
    ]


def test_a_constant_feature_has_a_reference_too(candles: CandleSeries) -> None:
    rows = np.zeros((5000, 1), dtype=np.float32)
    (feature,) = build_reference(rows, ("mfi_14",), to_grid(candles), share_up=0.5).features
    assert feature.edges == (0.0,)
    assert feature.limits[7].psi >= LEAST_PSI_LIMIT
