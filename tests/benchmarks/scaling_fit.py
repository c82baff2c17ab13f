"""How a cost grows with the rows: the exponent of a power law, fitted by least squares to the logarithms."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

import numpy as np

from tests.benchmarks.measuring import Measured


@dataclass(frozen=True)
class Growth:
    """What a way of work takes at several sizes.

    Attributes:
        rows: Of each size, ascending.
        measured: The runs of each size.
    """

    rows: tuple[int, ...]
    measured: tuple[tuple[Measured, ...], ...]

    @property
    def seconds(self) -> list[float]:
        """Return the median time of each size."""
        return [round(median(run.seconds for run in runs), 2) for runs in self.measured]

    @property
    def peak_mb(self) -> list[float]:
        """Return the largest memory of each size."""
        return [max(run.peak_mb for run in runs) for runs in self.measured]

    @property
    def record(self) -> dict[str, Any]:
        """Return what is recorded."""
        return {
            "rows": list(self.rows),
            "seconds": self.seconds,
            "peak_mb": self.peak_mb,
            "exponent": exponent(self.rows, self.seconds),
            "last_doubling": round(math.log2(self.seconds[-1] / self.seconds[-2]), 2),
            "memory": round(self.peak_mb[-1] / self.peak_mb[0], 2),
        }


def exponent(rows: Sequence[float], costs: Sequence[float]) -> float:
    """Return the power of the rows that the costs grow with: 1 is linear.

    Args:
        rows: Two or more sizes.
        costs: Of each size, above 0.
    """
    return round(float(np.polyfit(np.log(rows), np.log(costs), 1)[0]), 2)
