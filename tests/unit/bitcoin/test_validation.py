"""Promises of `mercado.bitcoin.validation`: nothing trained on was unknown when a test row was forecast."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercado.bitcoin.validation import split_holdout, walk_forward_folds
from mercado.errors import NotEnoughDataError

HOUR_MS = 3_600_000


@given(
    steps=st.lists(st.integers(1, 30), min_size=40, max_size=120),
    folds=st.integers(1, 8),
    horizon=st.integers(1, 3),
)
def test_every_training_label_is_known_before_the_first_test_bar_closes(
    steps: list[int], folds: int, horizon: int
) -> None:
    times = np.cumsum(steps) * HOUR_MS
    made = walk_forward_folds(times, interval_ms=HOUR_MS, first_test_row=20, folds=folds, horizon_bars=horizon)
    for fold in made:
        label_known = times[fold.train] + (1 + horizon) * HOUR_MS
        assert label_known.max() < times[fold.test][0] + HOUR_MS


@given(rows=st.integers(30, 200), folds=st.integers(1, 9))
def test_test_blocks_follow_each_other_to_the_last_row(rows: int, folds: int) -> None:
    times = np.arange(rows, dtype=np.int64) * HOUR_MS
    made = walk_forward_folds(times, interval_ms=HOUR_MS, first_test_row=20, folds=folds)
    tested = np.concatenate([np.arange(rows)[fold.test] for fold in made])
    assert tested.tolist() == list(range(20, rows))
    sizes = [fold.test.stop - fold.test.start for fold in made]
    assert max(sizes) - min(sizes) <= 1


def test_purging_counts_time_and_not_rows() -> None:
    times = np.array([0, 1, 2, 3, 10, 11, 12]) * HOUR_MS
    after_a_gap = split_holdout(times, interval_ms=HOUR_MS, holdout_bars=3)
    inside = split_holdout(times, interval_ms=HOUR_MS, holdout_bars=2)
    assert after_a_gap.train == slice(0, 4)
    assert inside.train == slice(0, 4)


def test_the_holdout_is_the_last_block() -> None:
    times = np.arange(100, dtype=np.int64) * HOUR_MS
    fold = split_holdout(times, interval_ms=HOUR_MS, holdout_bars=30)
    assert (fold.train, fold.test) == (slice(0, 69), slice(70, 100))


@pytest.mark.parametrize("holdout_bars", [99, 100, 500])
def test_a_holdout_that_leaves_nothing_to_train_on_is_refused(holdout_bars: int) -> None:
    times = np.arange(100, dtype=np.int64) * HOUR_MS
    with pytest.raises(NotEnoughDataError):
        split_holdout(times, interval_ms=HOUR_MS, holdout_bars=holdout_bars)


def test_more_folds_than_rows_are_refused() -> None:
    times = np.arange(100, dtype=np.int64) * HOUR_MS
    with pytest.raises(NotEnoughDataError, match="6 test blocks"):
        walk_forward_folds(times, interval_ms=HOUR_MS, first_test_row=95, folds=6)
