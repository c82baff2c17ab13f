"""Promises of `mercado.bitcoin.validation`: nothing trained on was unknown when a test row was forecast."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercado.bitcoin.validation import split_holdout, walk_forward_folds
from mercado.errors import NotEnoughDataError

HOUR_MS = 3_600_000
FIRST_TEST_ROW = 30
GAPPY = {
    "steps": st.lists(st.integers(1, 30), min_size=40, max_size=120),
    "folds": st.integers(1, 8),
    "horizon": st.integers(1, 24),
}


@given(**GAPPY)
def test_every_training_label_is_known_before_the_first_test_bar_closes(
    steps: list[int], folds: int, horizon: int
) -> None:
    times = np.cumsum(steps) * HOUR_MS
    made = walk_forward_folds(
        times, interval_ms=HOUR_MS, first_test_row=FIRST_TEST_ROW, folds=folds, horizon_bars=horizon
    )
    for fold in made:
        label_known = times[fold.train] + (1 + horizon) * HOUR_MS
        assert label_known.max() < times[fold.test][0] + HOUR_MS


@given(**GAPPY)
def test_no_training_row_is_labelled_by_a_test_bar_and_none_is_purged_in_vain(
    steps: list[int], folds: int, horizon: int
) -> None:
    times = np.cumsum(steps) * HOUR_MS
    made = walk_forward_folds(
        times, interval_ms=HOUR_MS, first_test_row=FIRST_TEST_ROW, folds=folds, horizon_bars=horizon
    )
    for fold in made:
        label_bar = times + horizon * HOUR_MS
        assert (label_bar[fold.train] < times[fold.test.start]).all()
        assert (label_bar[fold.train.stop :] >= times[fold.test.start]).all()


@given(rows=st.integers(30, 200), folds=st.integers(1, 9))
def test_test_blocks_follow_each_other_to_the_last_row(rows: int, folds: int) -> None:
    times = np.arange(rows, dtype=np.int64) * HOUR_MS
    made = walk_forward_folds(times, interval_ms=HOUR_MS, first_test_row=20, folds=folds, horizon_bars=1)
    tested = np.concatenate([np.arange(rows)[fold.test] for fold in made])
    assert tested.tolist() == list(range(20, rows))
    sizes = [fold.test.stop - fold.test.start for fold in made]
    assert max(sizes) - min(sizes) <= 1


def test_purging_counts_time_and_not_rows() -> None:
    times = np.array([0, 1, 2, 3, 10, 11, 12]) * HOUR_MS
    after_a_gap = split_holdout(times, interval_ms=HOUR_MS, holdout_bars=3, horizon_bars=1)
    inside = split_holdout(times, interval_ms=HOUR_MS, holdout_bars=2, horizon_bars=1)
    far = split_holdout(times, interval_ms=HOUR_MS, holdout_bars=2, horizon_bars=9)
    assert after_a_gap.train == slice(0, 4)
    assert inside.train == slice(0, 4)
    assert far.train == slice(0, 2)


@pytest.mark.parametrize(("horizon_bars", "train_rows"), [(1, 69), (6, 64), (24, 46)])
def test_the_holdout_is_the_last_block(horizon_bars: int, train_rows: int) -> None:
    times = np.arange(100, dtype=np.int64) * HOUR_MS
    fold = split_holdout(times, interval_ms=HOUR_MS, holdout_bars=30, horizon_bars=horizon_bars)
    assert (fold.train, fold.test) == (slice(0, train_rows), slice(70, 100))


@pytest.mark.parametrize("holdout_bars", [99, 100, 500])
def test_a_holdout_that_leaves_nothing_to_train_on_is_refused(holdout_bars: int) -> None:
    times = np.arange(100, dtype=np.int64) * HOUR_MS
    with pytest.raises(NotEnoughDataError):
        split_holdout(times, interval_ms=HOUR_MS, holdout_bars=holdout_bars, horizon_bars=1)


def test_more_folds_than_rows_are_refused() -> None:
    times = np.arange(100, dtype=np.int64) * HOUR_MS
    with pytest.raises(NotEnoughDataError, match="6 test blocks"):
        walk_forward_folds(times, interval_ms=HOUR_MS, first_test_row=95, folds=6, horizon_bars=1)
