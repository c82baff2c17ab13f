"""The figures that a forecast is judged by; a level's R² or error in percent is not among them, because it flatters."""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
import sklearn.metrics
from numpy.typing import NDArray
from statsmodels.stats.proportion import proportion_confint
from statsmodels.tsa.stattools import diebold_mariano_test

from mercado.bitcoin.calibration import INTERVAL_COVERAGE
from mercado.bitcoin.target import BASIS_POINTS

_LEAST_PROBABILITY: Final = 1e-9


@dataclass(frozen=True)
class DirectionScores:
    """How well P(up) and the side it names did.

    Attributes:
        log_loss: Mean of -ln(probability given to what happened), in nats; a coin has 0.6931.
        brier: Mean squared error of P(up); a coin has 0.25.
        auc: Chance that a bar that rose was given more than one that did not; 0.5 where all went one way.
        hit_rate: Share of bars whose side was named; naming none counts a half.
        hit_rate_low: Lower end of its Wilson 95 % interval.
        hit_rate_high: Upper end.
        base_rate: Share of the more frequent side: what always naming it would have hit.

    Labels of a horizon of ``h`` bars overlap, so ``n`` of them count as ``n / h`` in the interval of the hit rate.
    """

    log_loss: float
    brier: float
    auc: float
    hit_rate: float
    hit_rate_low: float
    hit_rate_high: float
    base_rate: float


@dataclass(frozen=True)
class ReturnScores:
    """How well the expected log return did.

    Attributes:
        mae_skill: 1 - mean absolute error / that of the random walk (no change); above 0 is better than it.
        r2: 1 - sum of squared errors / sum of squared returns; against a zero return, not against the mean.
    """

    mae_skill: float
    r2: float


@dataclass(frozen=True)
class IntervalScores:
    """How well the 90 % interval did.

    Attributes:
        coverage: Share of returns inside.
        mean_width_bps: Mean width, in basis points.
        pinball_bps: Mean pinball loss of its two ends as 5 % and 95 % quantiles, in basis points; lower is better.
        winkler_bps: Mean Winkler score, in basis points: the width, and 20 times the miss of a return outside; lower
            is better.
    """

    coverage: float
    mean_width_bps: float
    pinball_bps: float
    winkler_bps: float


@dataclass(frozen=True)
class DieboldMariano:
    """The Diebold-Mariano test of a model's losses against a baseline's.

    Attributes:
        statistic: Below 0 when the model's loss is lower.
        p_value: One-sided: the chance of a statistic so low if the baseline were as good.
    """

    statistic: float
    p_value: float


def log_loss(up: NDArray[np.bool_], probability_up: NDArray[np.float64]) -> float:
    """Return the mean log-loss, in nats."""
    return float(log_losses(up, probability_up).mean())


def skill(loss: float, baseline: float) -> float:
    """Return 1 - loss / baseline; 0 where the baseline has nothing left to improve."""
    return 1 - loss / baseline if baseline > 0 else 0.0


def direction_scores(
    up: NDArray[np.bool_],
    probability_up: NDArray[np.float64],
    side: NDArray[np.float64] | None = None,
    *,
    horizon_bars: int = 1,
) -> DirectionScores:
    """Score probabilities, and the sides they name.

    Args:
        up: Shape ``(n,)``: what happened.
        probability_up: Shape ``(n,)``.
        side: Shape ``(n,)``: 1 up, -1 down, 0 neither; by default up where P(up) > 0.5, else down.
        horizon_bars: How many bars each label spans.
    """
    named = np.where(probability_up > 0.5, 1.0, -1.0) if side is None else side
    hits = float(np.where(named == 0, 0.5, (named > 0) == up).sum())
    low, high = proportion_confint(hits / horizon_bars, len(up) / horizon_bars, alpha=0.05, method="wilson")
    share_up = float(up.mean())
    return DirectionScores(
        log_loss=log_loss(up, probability_up),
        brier=float(np.mean((probability_up - up) ** 2)),
        auc=float(sklearn.metrics.roc_auc_score(up, probability_up)) if 0 < share_up < 1 else 0.5,
        hit_rate=hits / len(up),
        hit_rate_low=float(low),
        hit_rate_high=float(high),
        base_rate=max(share_up, 1 - share_up),
    )


def return_scores(target: NDArray[np.float64], expected: NDArray[np.float64]) -> ReturnScores:
    """Score expected log returns against no change; both arrays have shape ``(n,)``."""
    absolute, squared = float(np.abs(target).sum()), float((target**2).sum())
    errors = target - expected
    if squared == 0:
        return ReturnScores(mae_skill=0.0, r2=0.0)
    return ReturnScores(
        mae_skill=1 - float(np.abs(errors).sum()) / absolute,
        r2=1 - float((errors**2).sum()) / squared,
    )


def interval_scores(
    target: NDArray[np.float64], lower: NDArray[np.float64], upper: NDArray[np.float64]
) -> IntervalScores:
    """Score 90 % intervals of the log return; all arrays have shape ``(n,)``."""
    tail = (1 - INTERVAL_COVERAGE) / 2
    pinball = [
        sklearn.metrics.mean_pinball_loss(target, end, alpha=alpha) for end, alpha in ((lower, tail), (upper, 1 - tail))
    ]
    missed = np.maximum(lower - target, 0) + np.maximum(target - upper, 0)
    return IntervalScores(
        coverage=float(np.mean(missed == 0)),
        mean_width_bps=float(np.mean(upper - lower)) * BASIS_POINTS,
        pinball_bps=float(np.mean(pinball)) * BASIS_POINTS,
        winkler_bps=float(np.mean(upper - lower + missed / tail)) * BASIS_POINTS,
    )


def diebold_mariano(
    model: NDArray[np.float64], baseline: NDArray[np.float64], *, horizon_bars: int = 1
) -> DieboldMariano:
    """Test whether a model's losses are lower than a baseline's on the same rows (Diebold and Mariano 1995).

    The variance is Newey and West's, the small-sample correction that of Harvey, Leybourne and Newbold 1997.

    Args:
        model: Shape ``(n,)``: its loss in each row.
        baseline: Shape ``(n,)``: the baseline's.
        horizon_bars: How many bars each label spans.
    """
    if np.array_equal(model, baseline):
        return DieboldMariano(statistic=0.0, p_value=0.5)
    # Labels that overlap make losses that resemble their neighbours: twice the overlap is looked at.
    lags = max(2 * horizon_bars, math.ceil(len(model) ** (1 / 3)))
    result = diebold_mariano_test(
        np.zeros_like(model),
        model,
        baseline,
        lags=lags,
        criterion=_already_losses,
        harvey_adj=True,
        horizon=horizon_bars,
    )
    statistic = float(result.statistic)
    half = float(result.pvalue) / 2
    return DieboldMariano(statistic, half if statistic < 0 else 1 - half)


def log_losses(up: NDArray[np.bool_], probability_up: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each row's log-loss, in nats."""
    given = np.where(up, probability_up, 1 - probability_up)
    losses: NDArray[np.float64] = -np.log(np.clip(given, _LEAST_PROBABILITY, 1.0))
    return losses


def _already_losses(_: NDArray[np.float64], losses: NDArray[np.float64]) -> NDArray[np.float64]:
    return losses
