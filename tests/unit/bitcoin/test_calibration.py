"""Promises of `mercado.bitcoin.calibration`: intervals keep 90 %, learned from nothing that was not known yet."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mercado.bitcoin.calibration import CALIBRATION_ROWS, ScoredRows, calibrate, rolling_forecasts
from mercado.errors import NotEnoughDataError
from tests.unit.bitcoin.synthetic import HOUR_MS


def _hours(rows: int) -> NDArray[np.int64]:
    return np.arange(rows, dtype=np.int64) * HOUR_MS


def _random() -> np.random.Generator:
    return np.random.default_rng(3)


def _scored(rows: int, *, kappa: float) -> ScoredRows:
    random = _random()
    probability_up = random.uniform(0.3, 0.7, rows)
    scale = random.uniform(0.001, 0.01, rows)
    target = scale * (kappa * (2 * probability_up - 1) + random.normal(size=rows))
    return ScoredRows(_hours(rows), target, probability_up, scale)


def _sizes(*targets: float) -> ScoredRows:
    """Return hourly rows without an opinion, of scale 1."""
    rows = len(targets)
    return ScoredRows(_hours(rows), np.array(targets), np.full(rows, 0.5), np.ones(rows))


def test_kappa_is_recovered() -> None:
    assert calibrate(_scored(CALIBRATION_ROWS, kappa=2.0)).kappa == pytest.approx(2.0, abs=0.3)


def test_a_probability_that_misleads_gets_kappa_0() -> None:
    assert calibrate(_scored(CALIBRATION_ROWS, kappa=-2.0)).kappa == 0.0


def test_the_interval_covers_90_percent_of_new_rows_whatever_the_tails() -> None:
    heavy = _sizes(*_random().standard_t(2, 40_000))
    factor = calibrate(heavy[:CALIBRATION_ROWS]).interval_factor
    assert np.mean(np.abs(heavy.target[CALIBRATION_ROWS:]) <= factor) == pytest.approx(0.9, abs=0.02)


def test_the_conformal_rank_is_that_of_a_finite_sample() -> None:
    assert calibrate(_sizes(*range(1, 20))).interval_factor == 18.0  # ceil(20 · 0.9)-th of 1 to 19


def test_only_the_last_1440_rows_calibrate() -> None:
    rows = _scored(CALIBRATION_ROWS, kappa=1.0)
    assert calibrate(_scored(500, kappa=-9.0).followed_by(rows)) == calibrate(rows)


def test_too_few_rows_to_calibrate_are_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="at least 9"):
        calibrate(_scored(8, kappa=1.0))


# The ends are the ceil((n + 1) · 0.9)-th smallest of the n sizes known: 1 to 19 and, two hours later, what came.
@pytest.mark.parametrize(
    ("horizon_bars", "half_widths"),
    [
        (1, [18.0, 18.0, 100.0, 100.0]),  # the 18th of 19, then the 20th of 21
        (2, [18.0, 18.0, 19.0, 19.0]),  # the 18th of 18, then the 19th of 20
    ],
)
def test_a_small_rolling_calibration_by_hand(horizon_bars: int, half_widths: list[float]) -> None:
    rows = _sizes(*range(1, 20), 100, 200, 300, 400)
    expected, half_width = rolling_forecasts(rows[:19], rows[19:], label_ms=horizon_bars * HOUR_MS, every=2)
    assert expected.tolist() == [0.0] * 4
    assert half_width.tolist() == half_widths


@given(
    steps=st.lists(st.integers(1, 5), min_size=80, max_size=80),
    row=st.integers(0, 39),
    every=st.sampled_from([1, 7, 100]),
    horizon_bars=st.sampled_from([1, 6, 24]),
)
def test_what_is_not_known_yet_changes_no_forecast_and_what_is_known_does(
    steps: list[int], row: int, every: int, horizon_bars: int
) -> None:
    everything = replace(_scored(80, kappa=1.0), open_time_ms=np.cumsum(steps) * HOUR_MS)

    def forecasts(target: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        rows = replace(everything, target=target)
        return rolling_forecasts(rows[:40], rows[40:], label_ms=horizon_bars * HOUR_MS, every=every)

    closes = everything.open_time_ms + HOUR_MS
    unknown = closes + horizon_bars * HOUR_MS > closes[40 + row]
    learned = closes + horizon_bars * HOUR_MS <= closes[40 + row - row % every]
    before = forecasts(everything.target)
    for values, others in zip(before, forecasts(np.where(unknown, 9.0, everything.target)), strict=True):
        np.testing.assert_array_equal(others[: row + 1], values[: row + 1])
    assert forecasts(np.where(learned, 3.0, 1.0) * everything.target)[1][row] == pytest.approx(3 * before[1][row])


def test_a_rolling_interval_covers_90_percent_of_exchangeable_rows() -> None:
    heavy = _sizes(*_random().standard_t(3, 21_440))
    _, half_width = rolling_forecasts(heavy[:1440], heavy[1440:], label_ms=HOUR_MS, every=168)
    # One standard error of 20,000 rows is 0.2 %, and that of the 14 windows that they were calibrated by as much.
    assert np.mean(np.abs(heavy.target[1440:]) <= half_width) == pytest.approx(0.9, abs=0.01)


def test_a_rolling_interval_follows_a_change_of_scale() -> None:
    calm, wild = np.split(_random().normal(0, np.repeat([1.0, 5.0], [2000, 4000])), [2000])
    rows = _sizes(*calm, *wild)
    _, half_width = rolling_forecasts(rows[:2000], rows[2000:], label_ms=HOUR_MS, every=24)
    inside = np.abs(wild) <= half_width
    assert inside[:100].mean() < 0.5
    assert inside[2000:].mean() == pytest.approx(0.9, abs=0.03)


def test_rolling_without_enough_known_rows_is_refused() -> None:
    rows = _scored(60, kappa=1.0)
    with pytest.raises(NotEnoughDataError, match="at least 9"):
        rolling_forecasts(rows[:9], rows[9:], label_ms=2 * HOUR_MS, every=10)
