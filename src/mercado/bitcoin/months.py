"""Scores by calendar month, UTC: where in time a skill comes from, and whether an interval keeps its promise."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.metrics import log_losses, skill
from mercado.bitcoin.walk import WalkedRows

LEAST_ROWS: Final = 100
KEPT_PROMISE: Final = (0.86, 0.94)


@dataclass(frozen=True)
class Month:
    """Scores of one month.

    Attributes:
        name: Such as ``2024-06``.
        rows: How many.
        hit_rate: Share of rows whose side was named.
        log_loss: Mean, in nats.
        baseline_log_loss: Mean of the baseline's.
        coverage: Share of returns inside the 90 % interval.
    """

    name: str
    rows: int
    hit_rate: float
    log_loss: float
    baseline_log_loss: float
    coverage: float

    @property
    def log_loss_skill(self) -> float:
        """Return 1 - log-loss / the baseline's."""
        return skill(self.log_loss, self.baseline_log_loss)


def month_rows(open_time_ms: NDArray[np.int64]) -> Iterator[tuple[str, slice]]:
    """Yield the name of each calendar month, UTC, that has rows, such as ``2024-06``, and where they are.

    Args:
        open_time_ms: Shape ``(n,)``: milliseconds since the epoch, UTC, ascending.
    """
    months = open_time_ms.astype("datetime64[ms]").astype("datetime64[M]")
    names, starts = np.unique(months, return_index=True)
    for name, start, stop in zip(names, starts, [*starts[1:], len(months)], strict=True):
        yield str(name), slice(int(start), int(stop))


def by_month(walked: WalkedRows, baseline_probability_up: NDArray[np.float64]) -> Iterator[Month]:
    """Yield the scores of each month that has rows.

    Args:
        walked: Out-of-sample forecasts, oldest first.
        baseline_probability_up: Of the same rows.
    """
    for name, rows in month_rows(walked.scored.open_time_ms):
        month = walked[rows]
        target, probability_up = month.scored.target, month.scored.probability_up
        up = target > 0
        yield Month(
            name=name,
            rows=len(month),
            hit_rate=float(np.mean((probability_up > 0.5) == up)),
            log_loss=float(log_losses(up, probability_up).mean()),
            baseline_log_loss=float(log_losses(up, baseline_probability_up[rows]).mean()),
            coverage=float(np.mean((month.lower <= target) & (target <= month.upper))),
        )


def share_of_kept_promises(months: list[Month]) -> float:
    """Return the share of months with at least `LEAST_ROWS` rows whose coverage is within 90 ± 4 %; 1 without any."""
    least, greatest = KEPT_PROMISE
    judged = [least <= month.coverage <= greatest for month in months if month.rows >= LEAST_ROWS]
    return sum(judged) / len(judged) if judged else 1.0
