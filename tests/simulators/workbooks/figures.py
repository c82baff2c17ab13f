"""Figures as people set them: in steps, as Decimals, with the trend that they make."""

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float64]
WEEKLY_THRESHOLDS_PCT = (0.0, 10.0, 20.0)
RICE_THRESHOLDS_PCT = (3.0, 7.0, 12.0)


def in_steps(prices: _Floats) -> _Floats:
    """Return prices rounded to steps: 5 COP below 1,000, 50 below 10,000, and so on; order stays, none becomes 0."""
    steps = 5.0 * 10.0 ** np.maximum(np.floor(np.log10(prices)) - 2.0, 0.0)
    return np.maximum(np.rint(prices / steps), 1.0) * steps


def decimals(values: _Floats) -> list[Decimal]:
    """Return whole numbers as Decimals."""
    return [Decimal(int(value)) for value in values]


def trends(
    now: _Floats, before: _Floats, *, known: NDArray[np.bool_], thresholds_pct: Sequence[float]
) -> list[str | None]:
    """Return where means have gone: ``=`` within the first threshold, a sign for each one that is exceeded.

    Args:
        now: Shape ``(n,)``.
        before: Shape ``(n,)``: a week or a month earlier, > 0.
        known: Shape ``(n,)``: whether there was a mean then.
        thresholds_pct: Three, ascending.
    """
    change = np.round((now / before - 1.0) * 100.0, 9)
    signs = np.sum([np.abs(change) > threshold for threshold in thresholds_pct], axis=0)
    return [
        (("+" if up else "-") * int(count) or "=") if is_known else None
        for up, count, is_known in zip(change > 0.0, signs, known, strict=True)
    ]
