"""The target: the log return of the next bars, and which bars may be learned from."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

HORIZON_BARS: Final = 1
"""Unless a plan says otherwise."""
BASIS_POINTS: Final = 1e4
"""In a log return of 1."""


def log_return_ahead(close: NDArray[np.float64], *, horizon_bars: int = HORIZON_BARS) -> NDArray[np.float64]:
    """Return the log return that follows each bar.

    ``y[t] = ln(close[t + h] / close[t])``, known when bar ``t + h`` closes. Price levels are never fitted: a tree
    cannot predict a price above those it has seen, and a level's R² of 0.99 is beaten by repeating the last close.

    Args:
        close: Shape ``(n,)``: closing prices on the regular grid, oldest first, > 0.
        horizon_bars: ``h``, >= 1.

    Returns:
        Shape ``(n,)``; NaN in the last ``h`` places, whose later bar is not known.
    """
    log_close = np.log(close)
    result = np.full(len(close), np.nan)
    result[:-horizon_bars] = log_close[horizon_bars:] - log_close[:-horizon_bars]
    return result


def usable_rows(
    missing: NDArray[np.bool_], features: NDArray[np.float32], *, look_back_bars: int, horizon_bars: int = HORIZON_BARS
) -> NDArray[np.bool_]:
    """Return which bars may be learned from.

    A bar counts when it, the ``look_back_bars`` before it and the ``horizon_bars`` after it all exist (a filled price
    is nobody's return), and its features are finite.

    Args:
        missing: Shape ``(n,)``: bars of the grid that the exchange does not have.
        features: Shape ``(n, k)``; NaN in the warm-up.
        look_back_bars: Earlier bars that the features of a bar read.
        horizon_bars: Later bars that its label reads.

    Returns:
        Shape ``(n,)``; False in the first ``look_back_bars`` and the last ``horizon_bars`` places.
    """
    bars = len(missing)
    usable = np.zeros(bars, dtype=np.bool_)
    places = np.arange(look_back_bars, bars - horizon_bars)
    missing_before = np.concatenate([[0], np.cumsum(missing)])
    whole = missing_before[places + horizon_bars + 1] == missing_before[places - look_back_bars]
    usable[places] = whole & np.isfinite(features[places]).all(axis=1)
    return usable
