"""The walk through the untouched last block: refit, calibrate, predict, one segment after the other.

Each segment is predicted by boosters fitted on everything before it (purged), and turned into returns and intervals by
constants learned from out-of-sample rows before it. The first segment's constants come from the last part of the
development rows, predicted by boosters fitted before that part. Every baseline walks the same way.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from mercado.bitcoin.baselines import NaiveForecasts, empirical_interval, joined, naive_forecasts
from mercado.bitcoin.boosters import LEAST_SCALE, fit_direction, fit_spread, predict_probability_up, predict_scale
from mercado.bitcoin.calibration import CALIBRATION_ROWS, INTERVAL_COVERAGE, ScoredRows, rolling_forecasts
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.plan import BoosterParams, TrainingPlan
from mercado.bitcoin.validation import Fold, split_holdout, walk_forward_folds

LARGEST_CALIBRATION_SHARE: Final = 0.25
EWMA_SPAN_BARS: Final = 48

SegmentCallback = Callable[[int, int], None]


@dataclass(frozen=True)
class WalkedRows:
    """Out-of-sample forecasts of consecutive rows; every array has shape ``(n,)``.

    Attributes:
        scored: When, what came true, P(up) and scale.
        expected: Expected log return.
        lower: Lower end of its 90 % interval.
        upper: Upper end.
    """

    scored: ScoredRows
    expected: NDArray[np.float64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.scored)

    def __getitem__(self, rows: slice) -> "WalkedRows":
        """Return the rows in ``rows``, as views."""
        return WalkedRows(self.scored[rows], self.expected[rows], self.lower[rows], self.upper[rows])


@dataclass(frozen=True)
class BaselineRows:
    """The baselines' forecasts of the same rows; every array has shape ``(n,)``, log returns.

    Attributes:
        naive: Each baseline's direction and expected return.
        empirical: The central 90 % of the year of returns before each segment.
        volatility: No change ± a multiple of recent volatility (EWMA, 48 bars), calibrated like the model's interval.
    """

    naive: Mapping[str, NaiveForecasts]
    empirical: tuple[NDArray[np.float64], NDArray[np.float64]]
    volatility: tuple[NDArray[np.float64], NDArray[np.float64]]


@dataclass(frozen=True)
class Walk:
    """The segments of a walk through the last block, and what comes before it.

    Attributes:
        before: All rows before the block, purged; those that may be tuned on.
        calibration: Their last part, with its purged past: it calibrates the first forecasts of the block.
        segments: Of the block, each with its purged past.
    """

    before: slice
    calibration: Fold
    segments: tuple[Fold, ...]

    @property
    def rows(self) -> slice:
        """Return the last block."""
        return slice(self.segments[0].test.start, self.segments[-1].test.stop)


def walk_of(training_set: TrainingSet, plan: TrainingPlan) -> Walk:
    """Return the walk through the last ``plan.holdout_bars`` rows in ``plan.refits`` segments.

    Raises:
        NotEnoughDataError: Too few rows for the block and for what must come before it.
        ValueError: The plan's horizon is not that of the rows.
    """
    times, interval_ms = training_set.open_time_ms, training_set.interval.milliseconds
    horizon = training_set.horizon_bars
    if plan.horizon_bars != horizon:
        raise ValueError(f"the plan's horizon is {plan.horizon_bars} bars, and the rows' {horizon}")
    holdout = split_holdout(times, interval_ms=interval_ms, holdout_bars=plan.holdout_bars, horizon_bars=horizon)
    segments = walk_forward_folds(
        times,
        interval_ms=interval_ms,
        first_test_row=holdout.test.start,
        folds=plan.refits,
        horizon_bars=horizon,
    )
    return Walk(holdout.train, _calibration_fold(training_set, holdout.train), segments)


def walk_model(
    training_set: TrainingSet, params: BoosterParams, *, plan: TrainingPlan, on_segment: SegmentCallback | None = None
) -> tuple[WalkedRows, ScoredRows]:
    """Walk a model through the last block.

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
    walk = walk_of(training_set, plan)
    known = _score(training_set, walk.calibration, params, plan)
    segments = []
    for done, fold in enumerate(walk.segments, start=1):
        segments.append(_score(training_set, fold, params, plan))
        if on_segment is not None:
            on_segment(done, len(walk.segments))
    scored = segments[0]
    for segment in segments[1:]:
        scored = scored.followed_by(segment)
    expected, half_width = _rolling(training_set, known, scored, plan)
    return WalkedRows(scored, expected, expected - half_width, expected + half_width), known.followed_by(scored)


def walk_baselines(training_set: TrainingSet, *, plan: TrainingPlan) -> BaselineRows:
    """Walk every baseline through the same block, fitted on the same rows as the model."""
    walk = walk_of(training_set, plan)
    naive, lower, upper = [], [], []
    for fold in walk.segments:
        train, test = training_set[fold.train], training_set[fold.test]
        naive.append(naive_forecasts(train, test))
        least, greatest = empirical_interval(train, coverage=INTERVAL_COVERAGE)
        lower.append(np.full(len(test), least))
        upper.append(np.full(len(test), greatest))
    without_opinion = ScoredRows(
        training_set.open_time_ms,
        training_set.target,
        np.full(len(training_set), 0.5),
        _ewma_volatility(training_set),
    )
    block = walk.rows
    _, half_width = _rolling(training_set, without_opinion[: block.start], without_opinion[block], plan)
    return BaselineRows(joined(naive), (np.concatenate(lower), np.concatenate(upper)), (-half_width, half_width))


def _calibration_fold(training_set: TrainingSet, before: slice) -> Fold:
    rows = training_set[before]
    return split_holdout(
        rows.open_time_ms,
        interval_ms=rows.interval.milliseconds,
        holdout_bars=max(1, min(CALIBRATION_ROWS, int(len(rows) * LARGEST_CALIBRATION_SHARE))),
        horizon_bars=rows.horizon_bars,
    )


def _score(training_set: TrainingSet, fold: Fold, params: BoosterParams, plan: TrainingPlan) -> ScoredRows:
    train, test = training_set[fold.train], training_set[fold.test]
    direction = fit_direction(train.features, train.up, params, seed=plan.seed, threads=plan.threads)
    spread = fit_spread(train.features, train.target, seed=plan.seed, threads=plan.threads)
    return ScoredRows(
        test.open_time_ms,
        test.target,
        predict_probability_up(direction, test.features),
        predict_scale(spread, test.features),
    )


def _rolling(
    training_set: TrainingSet, known: ScoredRows, rows: ScoredRows, plan: TrainingPlan
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    label_ms = training_set.horizon_bars * training_set.interval.milliseconds
    return rolling_forecasts(known, rows, label_ms=label_ms, every=plan.recalibrate_bars)


def _ewma_volatility(training_set: TrainingSet) -> NDArray[np.float64]:
    """Return the root of the moving average of squared returns as each bar closes; absent bars are passed over."""
    squared = training_set.previous_return.astype(np.float64) ** 2
    weight = 2 / (EWMA_SPAN_BARS + 1)
    variance: NDArray[np.float64]
    variance, _ = lfilter([weight], [1, weight - 1], squared, zi=[(1 - weight) * squared[:EWMA_SPAN_BARS].mean()])
    return np.sqrt(variance).clip(LEAST_SCALE)
