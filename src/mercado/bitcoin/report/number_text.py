"""Numbers as a person reads them; one that is not a number is said to be missing, never printed."""

import math
from typing import Final

MISSING: Final = "n/a"
_LEAST_P_VALUE: Final = 1e-4


def number(value: float | None, form: str) -> str:
    """Return a value in a format such as ``+.2f``, or ``n/a`` for ``None``, NaN and infinity."""
    return format(value, form) if value is not None and math.isfinite(value) else MISSING


def percent(share: float | None, form: str = ".1f") -> str:
    """Return a share in percent, in a format such as ``+.2f``, with its sign: ``89.9 %``."""
    text = number(None if share is None else share * 100, form)
    return text if text == MISSING else f"{text} %"


def p_value(value: float | None) -> str:
    """Return a p-value with two digits; a tiny one only as tiny, because its digits mean nothing."""
    if value is not None and value < _LEAST_P_VALUE:
        return f"< {_LEAST_P_VALUE}"
    return number(value, ".2g")
