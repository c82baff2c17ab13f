"""Sparklines: a series of numbers as one line of text."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercado.sparkline import ASCII_LEVELS, BLOCKS, sparkline


def test_rising_values_climb_every_step_from_the_lowest_to_the_highest() -> None:
    assert sparkline(range(8)) == "▁▂▃▄▅▆▇█"
    assert sparkline(range(7, -1, -1)) == "█▇▆▅▄▃▂▁"


@pytest.mark.parametrize("missing", [None, math.nan, math.inf, -math.inf])
def test_what_is_missing_is_a_space_and_does_not_move_the_rest(missing: float | None) -> None:
    assert sparkline([0.0, missing, 7.0]) == "▁ █"
    assert sparkline([missing, missing]) == "  "


@pytest.mark.parametrize("value", [0.0, -3.5, 1e300])
def test_a_constant_series_stands_half_way_up(value: float) -> None:
    assert sparkline([value] * 3) == "▄▄▄"


def test_nothing_is_drawn_as_nothing() -> None:
    assert sparkline([]) == ""


def test_in_ascii_a_higher_value_has_more_ink() -> None:
    assert sparkline(range(8), ascii_only=True) == "_.:-=+*#"
    assert sparkline([1, None, 2], ascii_only=True) == "_ #"


def test_a_long_series_is_drawn_by_the_means_of_its_parts() -> None:
    assert sparkline([0, 0, 10, 10, 4, 6], width=3) == "▁█▅"
    assert sparkline([None, None, 1, None, 3, 3], width=3) == " ▁█"
    assert sparkline([1, 2], width=10) == "▁█"


def test_the_farthest_numbers_there_are_have_a_lowest_and_a_highest() -> None:
    assert sparkline([-1.7e308, 0.0, 1.7e308]) == "▁▅█"


@given(st.lists(st.none() | st.floats()), st.integers(1, 60), st.booleans())
def test_any_series_fits_and_holds_only_the_characters_of_its_kind(
    values: list[float | None], width: int, ascii_only: bool
) -> None:
    line = sparkline(values, width=width, ascii_only=ascii_only)
    assert len(line) == min(len(values), width)
    assert set(line) <= {*(ASCII_LEVELS if ascii_only else BLOCKS), " "}


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_a_greater_value_never_stands_lower(values: list[float]) -> None:
    line = sparkline(values)
    steps = [BLOCKS.index(character) for _, character in sorted(zip(values, line, strict=True))]
    assert steps == sorted(steps)
