"""The figures that a training is judged by: which metrics, what they are called, and what is expected of them."""

from collections.abc import Mapping
from typing import Any

# The name of a metric of the run: how the page calls it, and its target on hours, if it has one.
QUALITY: dict[str, tuple[str, str | None]] = {
    "rows": ("rows of the untouched block", None),
    "hit_rate": ("hit rate", "0.53 to 0.57"),
    "hit_rate_low": ("lower end of its 95 % interval", None),
    "hit_rate_high": ("upper end", None),
    "reversal.hit_rate": ("hit rate of the reversal", None),
    "hit_rate_low_above_reversal": ("lower end above the reversal's hit rate by", "> 0"),
    "log_loss": ("log-loss", None),
    "climatology.log_loss": ("log-loss of climatology", None),
    "climatology.dm_p_value": ("p-value, Diebold-Mariano against climatology", "< 0.01"),
    "logistic.hit_rate": ("hit rate of a logistic regression", None),
    "logistic.log_loss": ("log-loss of a logistic regression", None),
    "logistic.dm_p_value": ("p-value, Diebold-Mariano against it", None),
    "coverage": ("coverage of the 90 % interval", "0.88 to 0.92"),
    "months_with_coverage_kept": ("share of months with coverage within 86 to 94 %", ">= 0.9"),
    "pinball_skill": ("pinball skill against the last year's quantiles", ">= 0.1"),
    "pinball_skill_against_volatility": ("pinball skill against volatility scaling", None),
    "mae_skill": ("skill in absolute error against no change", None),
    "r2": ("R² of the return", None),
    "sharpe_at_0_bps": ("Sharpe ratio without costs", None),
    "sharpe_at_1_bps": ("Sharpe ratio at 1 basis point a side", None),
    "sharpe_at_2_bps": ("Sharpe ratio at 2 basis points", None),
    "sharpe_at_10_bps": ("Sharpe ratio at 10 basis points", None),
}
TARGETS = {name: target for name, (_, target) in QUALITY.items() if target}
DIGITS = 5


def quality(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return the figures from a run's metrics, rounded to significant digits.

    A day's block has no month with rows enough to judge its coverage, and no figure for it.
    """
    derived = {"hit_rate_low_above_reversal": metrics["hit_rate_low"] - metrics["reversal.hit_rate"]}
    everything = {**metrics, **derived}
    return {name: float(f"{everything[name]:.{DIGITS}g}") for name in QUALITY if name in everything}


def rounded(seconds: Mapping[str, Any]) -> dict[str, float]:
    """Return seconds rounded to hundredths."""
    return {name: round(taken, 2) for name, taken in seconds.items()}
