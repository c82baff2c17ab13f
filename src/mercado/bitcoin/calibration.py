"""From a probability and a scale to an expected return and an interval, by two constants learned out of sample."""

import math
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from mercado.errors import NotEnoughDataError

INTERVAL_COVERAGE: Final = 0.9
CALIBRATION_ROWS: Final = 1440  # 60 days of hours: monthly coverage then stays within 88 % to 92 % on real candles


@dataclass(frozen=True)
class ScoredRows:
    """Out-of-sample predictions with what came true, oldest first; shapes ``(n,)``.

    Attributes:
        open_time_ms: Of the bar after which it was predicted, milliseconds since the epoch, UTC.
        target: Log return that came.
        probability_up: Predicted P(target > 0).
        scale: Predicted size of the log return, > 0.
    """

    open_time_ms: NDArray[np.int64]
    target: NDArray[np.float64]
    probability_up: NDArray[np.float64]
    scale: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.target)

    def __getitem__(self, rows: slice) -> Self:
        """Return the rows in ``rows``, as views."""
        return type(self)(self.open_time_ms[rows], self.target[rows], self.probability_up[rows], self.scale[rows])

    def followed_by(self, later: Self) -> Self:
        """Return these rows and then ``later``'s."""
        return type(self)(
            np.concatenate([self.open_time_ms, later.open_time_ms]),
            np.concatenate([self.target, later.target]),
            np.concatenate([self.probability_up, later.probability_up]),
            np.concatenate([self.scale, later.scale]),
        )


@dataclass(frozen=True)
class Calibration:
    """Constants that turn a probability and a scale into a forecast.

    Attributes:
        kappa: Expected log return = ``kappa · scale · (2 P(up) - 1)``; >= 0, so that it never contradicts P(up).
        interval_factor: The 90 % interval is the expected log return ± ``interval_factor · scale``; > 0.
    """

    kappa: float
    interval_factor: float

    def expected(
        self, probability_up: NDArray[np.float64], scale: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the expected log return and the half width of its interval."""
        return self.kappa * lean(probability_up, scale), self.interval_factor * scale


def calibrate(rows: ScoredRows) -> Calibration:
    """Learn the constants from the last 1440 out-of-sample rows.

    ``kappa`` is the least-squares slope of the return on ``scale · (2 P(up) - 1)``, through the origin, clipped at 0.
    ``interval_factor`` is split conformal: the ``ceil((n + 1) · 0.9)``-th smallest of ``|return - expected| / scale``,
    which covers at least 90 % of exchangeable new rows, whatever the distribution.

    Raises:
        NotEnoughDataError: Fewer than 9 rows, for which no such rank exists.
    """
    last = rows[-CALIBRATION_ROWS:]
    rank = math.ceil((len(last) + 1) * INTERVAL_COVERAGE)
    if rank > len(last):
        raise NotEnoughDataError(f"A {INTERVAL_COVERAGE:.0%} interval needs at least 9 scored rows, got {len(last)}.")
    leaning = lean(last.probability_up, last.scale)
    power = float(leaning @ leaning)
    kappa = max(0.0, float(leaning @ last.target) / power) if power > 0 else 0.0
    errors = np.abs(last.target - kappa * leaning) / last.scale
    return Calibration(kappa, float(np.partition(errors, rank - 1)[rank - 1]))


def rolling_forecasts(
    known: ScoredRows, rows: ScoredRows, *, label_ms: int, every: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the expected log return of rows, and the half width of its interval, calibrated anew again and again.

    Args:
        known: Out-of-sample rows before ``rows``.
        rows: To forecast, oldest first; they calibrate each other as soon as what came true is known.
        label_ms: How long after a row's bar its label is known, in milliseconds.
        every: After how many rows the constants are learned again.

    Raises:
        NotEnoughDataError: Fewer than 9 rows are known at first.
    """
    everything = known.followed_by(rows)
    expected, half_width = np.empty(len(rows)), np.empty(len(rows))
    for start in range(0, len(rows), every):
        step = slice(start, start + every)
        labelled = np.searchsorted(everything.open_time_ms, rows.open_time_ms[start] - label_ms, side="right")
        calibration = calibrate(everything[: int(labelled)])
        expected[step], half_width[step] = calibration.expected(rows.probability_up[step], rows.scale[step])
    return expected, half_width


def lean(probability_up: NDArray[np.float64], scale: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``scale · (2 P(up) - 1)``: how far, and to which side, the prediction leans."""
    return scale * (2 * probability_up - 1)
