"""What trading on the forecast's side would have earned, before and after costs: a diagnosis, and no promise.

The position is +1 or -1 for one horizon, as P(up) says; a change of side trades two positions. Fees of 10 basis points
a side are usual on spot markets for whoever is nobody special; spread and slippage come on top.
"""

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.baselines import YEAR_MS
from mercado.bitcoin.target import BASIS_POINTS

COSTS_BPS: Final = (0.0, 1.0, 2.0, 10.0)


@dataclass(frozen=True)
class Outcome:
    """Trading at one level of costs.

    Attributes:
        cost_bps: Per position traded, in basis points of its value.
        mean_bps: Mean log return of a horizon after costs, in basis points.
        sharpe: Mean over standard deviation, of a year; a crypto market has 365 days.
        total_log_return: Over all rows.
    """

    cost_bps: float
    mean_bps: float
    sharpe: float
    total_log_return: float


def trading_outcomes(
    target: NDArray[np.float64], probability_up: NDArray[np.float64], *, interval_ms: int, horizon_bars: int = 1
) -> tuple[Outcome, ...]:
    """Return the outcome at each level of `COSTS_BPS`.

    Args:
        target: Shape ``(n,)``: log returns that came, oldest first.
        probability_up: Shape ``(n,)``: predicted before.
        interval_ms: Length of a bar.
        horizon_bars: Of the target; of overlapping rows every ``horizon_bars``-th is traded, and the figures are the
            means over all rows to begin with.
    """
    year = YEAR_MS / (interval_ms * horizon_bars)
    side = named_side(probability_up)
    gross, traded = side * target, positions_traded(side, horizon_bars=horizon_bars)
    outcomes = []
    for cost in COSTS_BPS:
        net = after_costs(gross, traded, cost)
        earned = [net[first::horizon_bars] for first in range(min(horizon_bars, len(net)))]
        outcomes.append(
            Outcome(
                cost_bps=cost,
                mean_bps=float(np.mean([each.mean() for each in earned])) * BASIS_POINTS,
                sharpe=float(np.mean([_sharpe(each) for each in earned])) * math.sqrt(year),
                total_log_return=float(np.mean([each.sum() for each in earned])),
            )
        )
    return tuple(outcomes)


def named_side(probability_up: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the position that a forecast names: +1 above one half, else -1."""
    return np.where(probability_up > 0.5, 1.0, -1.0)


def positions_traded(side: NDArray[np.float64], *, horizon_bars: int = 1) -> NDArray[np.float64]:
    """Return how many positions each row trades: the first one, and two where the side changes.

    Args:
        side: Shape ``(n,)``: +1 or -1.
        horizon_bars: How long each is held; a row follows on the one so many before it.
    """
    before = np.concatenate([np.zeros(horizon_bars), side])[: len(side)]
    traded: NDArray[np.float64] = np.abs(side - before)
    return traded


def after_costs(gross: NDArray[np.float64], traded: NDArray[np.float64], cost_bps: float) -> NDArray[np.float64]:
    """Return log returns less ``cost_bps`` basis points of each position traded, of rows or of running sums."""
    return gross - traded * cost_bps / BASIS_POINTS


def _sharpe(earned: NDArray[np.float64]) -> float:
    deviation = float(earned.std())
    return float(earned.mean()) / deviation if deviation > 0 else 0.0
