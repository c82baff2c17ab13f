"""Sparklines: a series of numbers as one line of text."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

BLOCKS: Final = "▁▂▃▄▅▆▇█"
# For what shows nothing but ASCII: the higher, the more ink.
ASCII_LEVELS: Final = "_.:-=+*#"
GAP: Final = " "


def sparkline(values: Sequence[float | None], *, width: int | None = None, ascii_only: bool = False) -> str:
    """Return one character per value, the higher the greater, between the least and the greatest of them.

    A value that is missing is a space. Values that are all equal stand half-way up.

    Args:
        values: Oldest first; ``None``, NaN and infinities are missing.
        width: The most characters, at least 1; a longer series is cut into so many equal parts, each drawn as the mean
            of what it has. ``None``: as many as there are values.
        ascii_only: Draw with ASCII characters.
    """
    drawn = [value if value is not None and math.isfinite(value) else None for value in values]
    if width is not None and len(drawn) > width:
        drawn = _means(drawn, width)
    known = [value for value in drawn if value is not None]
    if not known:
        return GAP * len(drawn)
    levels = ASCII_LEVELS if ascii_only else BLOCKS
    least, greatest = min(known), max(known)
    return "".join(GAP if value is None else levels[_level(value, least, greatest, len(levels))] for value in drawn)


def _level(value: float, least: float, greatest: float, count: int) -> int:
    """Return which of ``count`` equal steps from the least to the greatest a value is on, from 0."""
    if least == greatest:
        return (count - 1) // 2
    # Halved first: the distance of two finite numbers may be infinite.
    share = (value / 2 - least / 2) / (greatest / 2 - least / 2)
    return min(int(share * count), count - 1)


def _means(values: Sequence[float | None], count: int) -> list[float | None]:
    """Return the mean of each of ``count`` equal parts; of a part without any value, ``None``."""
    edges = [part * len(values) // count for part in range(count + 1)]
    parts = ([v for v in values[start:end] if v is not None] for start, end in pairwise(edges))
    return [math.fsum(value / len(part) for value in part) if part else None for part in parts]
