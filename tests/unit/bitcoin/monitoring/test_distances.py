"""Distances between a window and a training, against figures worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from mercado.bitcoin.monitoring.distances import bin_counts, distribution_distance, population_stability_index


def test_the_psi_of_two_bins_is_as_by_hand() -> None:
    # Half a row is added to each bin: 30 and 10 rows become 30.5 / 41 and 10.5 / 41.
    first, second = 30.5 / 41, 10.5 / 41
    by_hand = (first - 0.5) * math.log(first / 0.5) + (second - 0.5) * math.log(second / 0.5)
    assert population_stability_index(np.array([0.5, 0.5]), np.array([30, 10])) == pytest.approx(by_hand)


def test_the_psi_of_an_equal_window_is_0_and_of_an_empty_bin_is_finite() -> None:
    expected = np.array([0.25, 0.75])
    assert population_stability_index(expected, np.array([100_000, 300_000])) == pytest.approx(0, abs=1e-9)
    assert 1 < population_stability_index(expected, np.array([400, 0])) < math.inf


def test_the_distance_is_the_largest_difference_of_the_cumulative_shares() -> None:
    # Below the two points there were 0.2 and 0.6 of the training; of the window 0.5 and 0.7.
    assert distribution_distance(np.array([0.2, 0.6]), np.array([5, 2, 3])) == pytest.approx(0.3)


def test_several_windows_at_once_give_what_each_gives_alone() -> None:
    expected, cumulative = np.array([0.2, 0.5, 0.3]), np.array([0.2, 0.7])
    windows = np.array([[1, 2, 3], [10, 0, 0]])
    assert population_stability_index(expected, windows).tolist() == [
        float(population_stability_index(expected, window)) for window in windows
    ]
    assert distribution_distance(cumulative, windows).tolist() == [
        float(distribution_distance(cumulative, window)) for window in windows
    ]


def test_a_value_on_an_edge_counts_above_it() -> None:
    counts = bin_counts(np.array([0.9, 1.0, 1.5, 2.0, 7.0], dtype=np.float32), np.array([1.0, 2.0]))
    assert counts.tolist() == [1, 2, 2]


@given(st.integers(0, 10_000), st.floats(-2, 2), st.floats(0.2, 5))
def test_on_a_fine_grid_it_is_kolmogorov_smirnovs_statistic(seed: int, shift: float, scale: float) -> None:
    random = np.random.default_rng(seed)
    training = random.normal(size=5000).astype(np.float32)
    window = random.normal(shift, scale, 300).astype(np.float32)
    points = np.unique(np.quantile(training, np.linspace(0, 1, 101))).astype(np.float64)
    below = np.cumsum(bin_counts(training, points))
    found = distribution_distance(below[:-1] / below[-1], bin_counts(window, points))
    assert found == pytest.approx(ks_2samp(training, window).statistic, abs=0.02)
