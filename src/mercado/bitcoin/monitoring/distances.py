"""How far a window's values are from a training's: PSI over bins of quantiles, Kolmogorov-Smirnov's distance.

Both compare a window with what was counted in training, so the training's rows are not needed any more.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

# Of a row: a bin that a short window leaves empty would make the index infinite.
_PSEUDO_COUNT: Final = 0.5


def population_stability_index(expected: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the population stability index, ``sum((a - e) · ln(a / e))`` over the bins; 0 when nothing changed.

    Half a row is added to each bin of the window: empty ones have a share, too.

    Args:
        expected: Shape ``(bins,)``: share of the training rows in each bin, > 0.
        counts: Shape ``(..., bins)``: rows of each window.

    Returns:
        Shape ``(...)``, in nats.
    """
    filled = counts + _PSEUDO_COUNT
    actual = filled / filled.sum(axis=-1, keepdims=True)
    return np.asarray(((actual - expected) * np.log(actual / expected)).sum(axis=-1), dtype=np.float64)


def distribution_distance(cumulative: NDArray[np.float64], counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the Kolmogorov-Smirnov distance: the largest difference of two cumulative distributions, 0 to 1.

    It is looked for at the points of the training's quantile grid, so it may be one grid step too small.

    Args:
        cumulative: Shape ``(points,)``: share of the training rows below each point.
        counts: Shape ``(..., points + 1)``: rows of each window below the first point, between two, above the last.

    Returns:
        Shape ``(...)``.
    """
    below = np.cumsum(counts, axis=-1)
    shares = below[..., :-1] / below[..., -1:]
    return np.asarray(np.abs(shares - cumulative).max(axis=-1), dtype=np.float64)


def bin_counts(values: NDArray[np.float32], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return how many values lie below the first edge, between two edges (the lower one included), above the last."""
    return np.bincount(places_of(values, edges), minlength=len(edges) + 1)


def places_of(values: NDArray[np.float32], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the number of each value's bin: 0 below the first edge, ``len(edges)`` from the last one on."""
    return np.searchsorted(edges, values.astype(np.float64), side="right")
