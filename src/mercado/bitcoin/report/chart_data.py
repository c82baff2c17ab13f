"""The numbers behind the charts: pure functions of what the walk measured; nothing here draws."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from statsmodels.stats.proportion import proportion_confint

from mercado.bitcoin.baselines import CLIMATOLOGY, LOGISTIC, REVERSAL
from mercado.bitcoin.calibration import INTERVAL_COVERAGE
from mercado.bitcoin.costs import after_costs, named_side, positions_traded
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.metrics import log_losses
from mercado.bitcoin.months import month_rows
from mercado.bitcoin.target import BASIS_POINTS
from mercado.bitcoin.walk import WalkedRows

MODEL: Final = "model"
_GROUPS: Final = 10
_POINTS: Final = 700


@dataclass(frozen=True)
class Shares:
    """Shares with their Wilson 95 % intervals; every array has shape ``(groups,)``.

    Attributes:
        share: Of the group's rows.
        low: Lower end of its interval.
        high: Upper end.
        rows: How many the group has.
    """

    share: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    rows: NDArray[np.int64]

    @property
    def bars(self) -> NDArray[np.float64]:
        """Return how far the interval reaches below and above, shape ``(2, groups)``."""
        return np.stack([self.share - self.low, self.high - self.share]).clip(0)


def thinned(rows: int) -> NDArray[np.int64]:
    """Return at most 700 row numbers, evenly spread, the first and the last included: no screen shows more points."""
    return np.unique(np.linspace(0, rows - 1, min(rows, _POINTS)).round().astype(np.int64))


def cumulative_gains(evaluation: Evaluation) -> dict[str, NDArray[np.float64]]:
    """Return how much log-loss has been saved against climatology after each row, in nats.

    Returns:
        Of the model, the logistic regression and the reversal, each of shape ``(n,)``.
    """
    scored, naive = evaluation.walked.scored, evaluation.baselines.naive
    up = scored.target > 0
    rivals = {name: naive[name].probability_up for name in (LOGISTIC, REVERSAL)}
    reference = log_losses(up, naive[CLIMATOLOGY].probability_up)
    probabilities = {MODEL: scored.probability_up, **rivals}
    return {name: np.cumsum(reference - log_losses(up, given)) for name, given in probabilities.items()}


def wilson(hits: Iterable[float], rows: Iterable[int], *, horizon_bars: int = 1) -> Shares:
    """Return shares with Wilson's 95 % interval; ``n`` labels of ``h`` bars overlap and count as ``n / h`` in it."""
    happened, counted = np.array(list(hits), dtype=np.float64), np.array(list(rows), dtype=np.int64)
    low, high = proportion_confint(happened / horizon_bars, counted / horizon_bars, alpha=0.05, method="wilson")
    return Shares(happened / counted, np.asarray(low), np.asarray(high), counted)


def reliability(
    probability_up: NDArray[np.float64], up: NDArray[np.bool_], *, horizon_bars: int = 1
) -> tuple[NDArray[np.float64], Shares]:
    """Return the mean P(up) of each tenth of the rows, and the share of them that rose.

    Equal probabilities stay together, so there are fewer than ten groups where many are equal.

    Args:
        probability_up: Shape ``(n,)``, n >= 1.
        up: Shape ``(n,)``: what happened.
        horizon_bars: How many bars each label spans.
    """
    edges = np.unique(np.quantile(probability_up, np.linspace(0, 1, _GROUPS + 1)[1:-1]))
    group = np.searchsorted(edges, probability_up, side="left")
    rows = np.bincount(group)
    filled = rows > 0
    predicted = np.bincount(group, weights=probability_up)[filled] / rows[filled]
    return predicted, wilson(np.bincount(group, weights=up)[filled], rows[filled], horizon_bars=horizon_bars)


def coverage_shares(
    walked: WalkedRows, lower: NDArray[np.float64], upper: NDArray[np.float64], *, horizon_bars: int = 1
) -> Shares:
    """Return the share of each month's returns inside an interval.

    Args:
        walked: What came true, and when.
        lower: Shape ``(n,)``: the interval's lower end, as a log return.
        upper: Shape ``(n,)``: its upper end.
        horizon_bars: How many bars each label spans.
    """
    target = walked.scored.target
    inside = (lower <= target) & (target <= upper)
    spans = [rows for _, rows in month_rows(walked.scored.open_time_ms)]
    hits = [float(inside[rows].sum()) for rows in spans]
    return wilson(hits, [rows.stop - rows.start for rows in spans], horizon_bars=horizon_bars)


def errors_in_sizes(walked: WalkedRows) -> NDArray[np.float64]:
    """Return (return - expected) / predicted size, shape ``(n,)``, dimensionless."""
    return (walked.scored.target - walked.expected) / walked.scored.scale


def shares_outside(walked: WalkedRows) -> tuple[float, float]:
    """Return the shares of returns below and above the interval."""
    target = walked.scored.target
    return float(np.mean(target < walked.lower)), float(np.mean(target > walked.upper))


def interval_factors(walked: WalkedRows) -> NDArray[np.float64]:
    """Return the half width of the interval / predicted size, shape ``(n,)``: the factor in force at each row."""
    return (walked.upper - walked.lower) / 2 / walked.scored.scale


def needed_factors(walked: WalkedRows) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return by month the factor that would have covered 90 %, and the mean of those that were used."""
    errors, factors = np.abs(errors_in_sizes(walked)), interval_factors(walked)
    spans = [rows for _, rows in month_rows(walked.scored.open_time_ms)]
    needed = [float(np.quantile(errors[rows], INTERVAL_COVERAGE)) for rows in spans]
    return np.array(needed), np.array([float(factors[rows].mean()) for rows in spans])


@dataclass(frozen=True)
class Trades:
    """Trading on the forecast's side, before costs; arrays have shape ``(n,)``.

    Attributes:
        gross: Cumulative log return.
        traded: Positions traded so far; a change of side trades two.
    """

    gross: NDArray[np.float64]
    traded: NDArray[np.float64]

    def net(self, cost_bps: float) -> NDArray[np.float64]:
        """Return the cumulative log return after costs in basis points of each position traded."""
        return after_costs(self.gross, self.traded, cost_bps)

    @property
    def break_even_bps(self) -> float:
        """Return the cost at which nothing is left, in basis points a position; below 0 it loses before costs."""
        return float(self.gross[-1] / self.traded[-1]) * BASIS_POINTS


def trades(walked: WalkedRows, *, horizon_bars: int = 1) -> Trades:
    """Return what `mercado.bitcoin.costs.trading_outcomes` sums up, row by row."""
    side = named_side(walked.scored.probability_up)
    # Of a longer horizon as many positions are open at a time, each of that part of the capital.
    gross = np.cumsum(side * walked.scored.target) / horizon_bars
    return Trades(gross, np.cumsum(positions_traded(side, horizon_bars=horizon_bars)) / horizon_bars)


def best_first(importance: Mapping[str, float], *, most: int) -> dict[str, float]:
    """Return the features with the greatest shares, the greatest first."""
    ordered = sorted(importance.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[:most])
