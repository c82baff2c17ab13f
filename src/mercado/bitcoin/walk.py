"""The walk through the untouched last block: refit, calibrate, predict, one segment after the other.

Each segment is predicted by boosters fitted on everything before it (purged), and turned into returns and intervals by
constants learned from out-of-sample rows before it. The first segment's constants come from the last part of the
development rows, predicted by boosters fitted before that part. Every baseline is refitted for each segment too.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.baselines import NaiveForecasts, empirical_interval, joined, naive_forecasts
from mercado.bitcoin.boosters import fit_direction, fit_spread, predict_probability_up, predict_scale
from mercado.bitcoin.calibration import CALIBRATION_ROWS, INTERVAL_COVERAGE, ScoredRows, calibrate
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.plan import BoosterParams, TrainingPlan
from mercado.bitcoin.validation import Fold, split_holdout, walk_forward_folds

LARGEST_CALIBRATION_SHARE: Final = 0.25

SegmentCallback = Callable[[int, int], None]


@dataclass(frozen=True)
class WalkedRows:
    """Out-of-sample forecasts of consecutive rows; every array has shape ``(n,)``, log returns are of the next bar.

    Attributes:
        open_time_ms: The rows' open times, milliseconds since the epoch, UTC.
        scored: What came true, P(up) and scale.
        expected: Expected log return.
        lower: Lower end of its 90 % interval.
        upper: Upper end.
        empirical_lower: Lower end of the training rows' last year, as the interval's own baseline.
        empirical_upper: Upper end.
        naive: Each baseline's forecasts.
    """

    open_time_ms: NDArray[np.int64]
    scored: ScoredRows
    expected: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]
    empirical_lower: NDArray[np.float64]
    empirical_upper: NDArray[np.float64]
    naive: Mapping[str, NaiveForecasts]

    def __len__(self) -> int:
        return len(self.scored)


def walk_holdout(
    training_set: TrainingSet, params: BoosterParams, *, plan: TrainingPlan, on_segment: SegmentCallback | None = None
) -> tuple[WalkedRows, ScoredRows]:
    """Walk through the last ``plan.holdout_bars`` rows in ``plan.refits`` segments.

    Args:
        training_set: All rows; none of the last block may have been tuned on.
        params: Of the direction booster.
        plan: Sizes, seed, threads.
        on_segment: Called after each segment with how many are done, and of how many.

    Returns:
        The block's forecasts, and every out-of-sample row there is, those before the block included.

    Raises:
        NotEnoughDataError: Too few rows for the block and for what must come before it.
    """
    interval_ms = training_set.interval.milliseconds
    holdout = split_holdout(training_set.open_time_ms, interval_ms=interval_ms, holdout_bars=plan.holdout_bars)
    scored = _score_last_development_rows(training_set[holdout.train], params, plan)
    folds = walk_forward_folds(
        training_set.open_time_ms, interval_ms=interval_ms, first_test_row=holdout.test.start, folds=plan.refits
    )
    segments = []
    for done, fold in enumerate(folds, start=1):
        segment = _walk_segment(training_set, fold, params, plan, known=scored)
        segments.append(segment)
        scored = scored.followed_by(segment.scored)
        if on_segment is not None:
            on_segment(done, len(folds))
    return _pooled(segments), scored


def _score_last_development_rows(development: TrainingSet, params: BoosterParams, plan: TrainingPlan) -> ScoredRows:
    rows = min(CALIBRATION_ROWS, int(len(development) * LARGEST_CALIBRATION_SHARE))
    fold = split_holdout(
        development.open_time_ms, interval_ms=development.interval.milliseconds, holdout_bars=max(1, rows)
    )
    return _score(development, fold, params, plan)


def _score(training_set: TrainingSet, fold: Fold, params: BoosterParams, plan: TrainingPlan) -> ScoredRows:
    train, test = training_set[fold.train], training_set[fold.test]
    direction = fit_direction(train.features, train.up, params, seed=plan.seed, threads=plan.threads)
    spread = fit_spread(train.features, train.target, seed=plan.seed, threads=plan.threads)
    return ScoredRows(
        test.target, predict_probability_up(direction, test.features), predict_scale(spread, test.features)
    )


def _walk_segment(
    training_set: TrainingSet, fold: Fold, params: BoosterParams, plan: TrainingPlan, *, known: ScoredRows
) -> WalkedRows:
    train, test = training_set[fold.train], training_set[fold.test]
    scored = _score(training_set, fold, params, plan)
    expected, half_width = calibrate(known).expected(scored.probability_up, scored.scale)
    empirical_lower, empirical_upper = empirical_interval(train, coverage=INTERVAL_COVERAGE)
    return WalkedRows(
        open_time_ms=test.open_time_ms,
        scored=scored,
        expected=expected,
        lower=expected - half_width,
        upper=expected + half_width,
        empirical_lower=np.full(len(test), empirical_lower),
        empirical_upper=np.full(len(test), empirical_upper),
        naive=naive_forecasts(train, test),
    )


def _pooled(segments: list[WalkedRows]) -> WalkedRows:
    def column(values: Iterator[NDArray[np.float64]]) -> NDArray[np.float64]:
        return np.concatenate(list(values))

    scored = segments[0].scored
    for segment in segments[1:]:
        scored = scored.followed_by(segment.scored)
    return WalkedRows(
        open_time_ms=np.concatenate([segment.open_time_ms for segment in segments]),
        scored=scored,
        expected=column(segment.expected for segment in segments),
        lower=column(segment.lower for segment in segments),
        upper=column(segment.upper for segment in segments),
        empirical_lower=column(segment.empirical_lower for segment in segments),
        empirical_upper=column(segment.empirical_upper for segment in segments),
        naive=joined(segment.naive for segment in segments),
    )
