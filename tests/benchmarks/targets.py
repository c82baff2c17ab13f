"""Targets as a person writes them, ``>= 8``, ``< 250``, ``0.53 to 0.57``, and whether a figure meets its own."""

import operator
from collections.abc import Callable
from typing import Any

RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def is_met(value: float, target: str) -> bool:
    """Return whether a figure meets a target."""
    if " to " in target:
        least, greatest = map(float, target.split(" to "))
        return least <= value <= greatest
    relation, limit = target.split()
    return RELATIONS[relation](value, float(limit))


def unmet(figures: dict[str, Any]) -> set[str]:
    """Return the names of a benchmark's figures that do not meet their target."""
    values = figures["ours"] | figures.get("ratio", {}) | figures.get("quality", {})
    return {name for name, target in figures["target"].items() if not is_met(values[name], target)}
