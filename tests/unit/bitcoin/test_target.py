"""Promises of `mercado.bitcoin.target`: what labels a row, and exactly which rows may not be learned from."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mercado.bitcoin.target import log_return_ahead, usable_rows

HORIZONS = (1, 6, 24)
FEW_GAPS = st.sets(st.integers(0, 119), max_size=4)


def test_the_target_is_the_return_of_the_next_bar() -> None:
    target = log_return_ahead(np.array([1.0, 2.0, 1.0]))
    assert target[:2].tolist() == [np.log(2), -np.log(2)]
    assert np.isnan(target[2])


@pytest.mark.parametrize("horizon_bars", HORIZONS)
def test_the_target_is_the_return_until_the_close_at_the_horizon(horizon_bars: int) -> None:
    close = np.random.default_rng(1).uniform(1.0, 9.0, 60)
    target = log_return_ahead(close, horizon_bars=horizon_bars)
    for bar in range(60 - horizon_bars):
        assert target[bar] == pytest.approx(math.log(close[bar + horizon_bars] / close[bar]))
    assert np.isnan(target[-horizon_bars:]).all()


def test_a_horizon_beyond_the_history_labels_nothing() -> None:
    assert np.isnan(log_return_ahead(np.ones(3), horizon_bars=5)).all()
    assert not usable_rows(np.zeros(3, dtype=bool), _features(3), look_back_bars=0, horizon_bars=5).any()


@given(bars=st.integers(1, 120), gaps=FEW_GAPS, look_back_bars=st.integers(0, 30), horizon=st.sampled_from(HORIZONS))
def test_exactly_the_rows_whose_look_back_or_label_crosses_a_gap_are_left_out(
    bars: int, gaps: set[int], look_back_bars: int, horizon: int
) -> None:
    missing = np.isin(np.arange(bars), list(gaps))
    usable = usable_rows(missing, _features(bars), look_back_bars=look_back_bars, horizon_bars=horizon)
    for bar in range(bars):
        read = range(bar - look_back_bars, bar + horizon + 1)
        assert usable[bar] == all(0 <= each < bars and not missing[each] for each in read)


@given(gaps=FEW_GAPS, horizon=st.sampled_from(HORIZONS))
def test_no_usable_row_is_labelled_by_a_filled_price(gaps: set[int], horizon: int) -> None:
    missing = np.isin(np.arange(120), list(gaps))
    close = np.where(missing, np.nan, 2.0)
    usable = usable_rows(missing, _features(120), look_back_bars=0, horizon_bars=horizon)
    assert np.isfinite(log_return_ahead(close, horizon_bars=horizon)[usable]).all()


def test_a_bar_without_features_is_not_learned_from() -> None:
    features = _features(5)
    features[2, 1] = np.nan
    usable = usable_rows(np.zeros(5, dtype=bool), features, look_back_bars=1)
    assert np.flatnonzero(usable).tolist() == [1, 3]


def _features(bars: int) -> NDArray[np.float32]:
    return np.zeros((bars, 2), dtype=np.float32)
