"""The target: the next bar's log return, and which bars may be learned from."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

HORIZON_BARS: Final = 1


def next_log_return(close: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the log return that follows each bar.

    ``y[t] = ln(close[t + 1] / close[t])``, known when bar ``t + 1`` closes. Price levels are never fitted: a tree
    cannot predict a price above those it has seen, and a level's R² of 0.99 is beaten by repeating the last close.

    Args:
        close: Shape ``(n,)``: closing prices on the regular grid, oldest first, > 0.

    Returns:
        Shape ``(n,)``; NaN in the last place, whose next bar is not known.
    """
    result = np.full(len(close), np.nan)
    result[:-1] = np.diff(np.log(close))
    return result


def usable_rows(missing: NDArray[np.bool_], features: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Return which bars may be learned from.

    A bar counts when it, the bar before and the bar that labels it all exist (a filled price is nobody's return), and
    its features are finite.

    Args:
        missing: Shape ``(n,)``: bars of the grid that the exchange does not have.
        features: Shape ``(n, k)``; NaN in the warm-up.

    Returns:
        Shape ``(n,)``; False in the first and the last place.
    """
    usable = np.isfinite(features).all(axis=1) & ~missing
    usable[1:] &= ~missing[:-1]
    usable[:-1] &= ~missing[1:]
    usable[:1] = usable[-1:] = False
    return usable
