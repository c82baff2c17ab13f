"""The naive forecasts that a model must beat, each fitted on the same training rows as the model.

Half the edge of an hourly model is the reversal of the last hour: always naming the other side hits 53 % of real hours,
so 50 % is not the mark to beat.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from mercado.bitcoin.dataset import TrainingSet

CLIMATOLOGY: Final = "climatology"
REVERSAL: Final = "reversal"
PERSISTENCE: Final = "persistence"
DRIFT: Final = "drift"
RANDOM_WALK: Final = "random_walk"
LOGISTIC: Final = "logistic"
_FEATURE_LIMIT: Final = 5.0
_LOGISTIC_PENALTY: Final = 0.01
YEAR_MS: Final = 365 * 86_400_000


@dataclass(frozen=True)
class NaiveForecasts:
    """Naive forecasts of ``n`` rows; every array has shape ``(n,)``.

    Attributes:
        probability_up: P(next return > 0).
        side: 1 up, -1 down, 0 neither.
        expected_log_return: 0, except for the drift.
    """

    probability_up: NDArray[np.float64]
    side: NDArray[np.float64]
    expected_log_return: NDArray[np.float64]


def naive_forecasts(train: TrainingSet, test: TrainingSet) -> dict[str, NaiveForecasts]:
    """Return every baseline's forecasts of the test rows.

    - ``climatology``: the training rows' share of rises; always names their more frequent side.
    - ``reversal``: P(up | the bar itself fell), P(up | it rose) in training; names the other side.
    - ``persistence``: as often as a side was repeated in training, but at least 0.5; names the same side.
    - ``drift``: a normal return with the training rows' mean and deviation; names the mean's side.
    - ``random_walk``: no change; 0.5; names no side.
    - ``logistic``: a logistic regression on the model's own features. It learns, so it is a rival rather than naive: it
      shows how much of the skill needs no trees.
    """
    rows = len(test)
    share_up = _share(train.up, otherwise=0.5)
    mean, deviation = float(train.target.mean()), float(train.target.std())
    probability = _normal_share_above_zero(mean, deviation)
    return {
        CLIMATOLOGY: _constant(rows, share_up, side=np.sign(share_up - 0.5)),
        REVERSAL: _reversal(train, test, share_up=share_up),
        PERSISTENCE: _persistence(train, test),
        DRIFT: _constant(rows, probability, side=np.sign(mean), expected=mean),
        RANDOM_WALK: _constant(rows, 0.5, side=0.0),
        LOGISTIC: _logistic(train, test),
    }


def empirical_interval(train: TrainingSet, *, coverage: float) -> tuple[float, float]:
    """Return the ends of the central ``coverage`` of the last year's returns, as log returns."""
    tail = (1 - coverage) / 2
    year = train.target[-(YEAR_MS // train.interval.milliseconds) :]
    lower, upper = np.quantile(year, (tail, 1 - tail))
    return float(lower), float(upper)


def joined(segments: Iterable[Mapping[str, NaiveForecasts]]) -> dict[str, NaiveForecasts]:
    """Return each baseline's forecasts of consecutive segments as one."""
    parts = list(segments)
    return {name: _concatenated([part[name] for part in parts]) for name in parts[0]}


def _constant(rows: int, probability_up: float, *, side: float, expected: float = 0.0) -> NaiveForecasts:
    return NaiveForecasts(np.full(rows, probability_up), np.full(rows, float(side)), np.full(rows, expected))


def _reversal(train: TrainingSet, test: TrainingSet, *, share_up: float) -> NaiveForecasts:
    after_fall = _share(train.up[train.previous_return < 0], otherwise=share_up)
    after_rise = _share(train.up[train.previous_return > 0], otherwise=share_up)
    previous = np.sign(test.previous_return).astype(np.float64)
    probability_up = np.select([previous < 0, previous > 0], [after_fall, after_rise], share_up)
    return NaiveForecasts(probability_up, -previous, np.zeros(len(test)))


def _persistence(train: TrainingSet, test: TrainingSet) -> NaiveForecasts:
    moved = train.previous_return != 0
    repeated = _share((train.previous_return > 0)[moved] == train.up[moved], otherwise=0.5)
    previous = np.sign(test.previous_return).astype(np.float64)
    return NaiveForecasts(0.5 + previous * max(0.0, repeated - 0.5), previous, np.zeros(len(test)))


def _logistic(train: TrainingSet, test: TrainingSet) -> NaiveForecasts:
    if train.up.all() or not train.up.any():
        share_up = _share(train.up, otherwise=0.5)
        return _constant(len(test), share_up, side=np.sign(share_up - 0.5))
    # In standard deviations, within ±5: a regression, unlike a tree, follows an outlier wherever it leads.
    mean, deviation = train.features.mean(axis=0, dtype=np.float64), train.features.std(axis=0, dtype=np.float64)
    deviation[deviation == 0] = 1.0

    def standardised(rows: TrainingSet) -> NDArray[np.float64]:
        values: NDArray[np.float64] = (rows.features - mean) / deviation
        return values.clip(-_FEATURE_LIMIT, _FEATURE_LIMIT)

    regression = LogisticRegression(C=_LOGISTIC_PENALTY, max_iter=200).fit(standardised(train), train.up)
    probability_up: NDArray[np.float64] = regression.predict_proba(standardised(test))[:, 1]
    return NaiveForecasts(probability_up, np.where(probability_up > 0.5, 1.0, -1.0), np.zeros(len(test)))


def _share(happened: NDArray[np.bool_], *, otherwise: float) -> float:
    """Return the share that happened, with one success and one failure added, so that it is never 0 or 1."""
    return (float(happened.sum()) + 1) / (len(happened) + 2) if len(happened) else otherwise


def _normal_share_above_zero(mean: float, deviation: float) -> float:
    return 0.5 * (1 + math.erf(mean / deviation / math.sqrt(2))) if deviation > 0 else 0.5


def _concatenated(parts: list[NaiveForecasts]) -> NaiveForecasts:
    return NaiveForecasts(
        np.concatenate([part.probability_up for part in parts]),
        np.concatenate([part.side for part in parts]),
        np.concatenate([part.expected_log_return for part in parts]),
    )
