"""Numbers keep the digits that Excel shows; texts are numbers only when they can be read in one way."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercado.landing.cells import Cell
from mercado.landing.numbers import amount, percentage
from mercado.sipsa.rows import BrokenRuleError


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (1300, "1300"),
        (1300.0, "1300"),
        (31319.937000000005, "31319.937"),
        (0.1 + 0.2, "0.3"),
        (3666666.6666666665, "3666666.66666667"),
        ("1300", "1300"),
        (" 1666,67 ", "1666.67"),
        ("1666.67", "1666.67"),
        ("0,123", "0.123"),
        ("1300,000", "1300"),
    ],
)
def test_an_amount_has_no_noise(cell: Cell, expected: str) -> None:
    assert amount(cell) == Decimal(expected)


@pytest.mark.parametrize("cell", ["", "  ", "n.d.", "n,d,", "n.d", "N.D.", "nd", "n. d.", "n.d:"])
def test_what_is_not_available_is_none(cell: Cell) -> None:
    assert amount(cell) is None
    assert percentage(cell) is None


@pytest.mark.parametrize(
    "cell",
    [
        "1.300",
        "1,300",
        "1.300,5",
        "1 300",
        "$1300",
        "1300 kg",
        "1e3",
        "#DIV/0!",
        "-",
        True,
        date(2026, 9, 18),
        float("nan"),
        float("inf"),
    ],
)
def test_anything_else_is_no_amount(cell: Cell) -> None:
    with pytest.raises(BrokenRuleError, match="a number"):
        amount(cell)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (0.03, "3"),
        (0, "0"),
        (-0.056, "-5.6"),
        ("0,03", "3"),
        ("-0.03", "-3"),
        ("3 %", "3"),
        ("-1,5%", "-1.5"),
        ("1,234", "123.4"),
        (-1.0, "-100"),
    ],
)
def test_a_variation_is_a_fraction_and_becomes_percent(cell: Cell, expected: str) -> None:
    assert percentage(cell) == Decimal(expected)


def test_a_variation_from_nothing_is_none() -> None:
    assert percentage("-") is None


@pytest.mark.parametrize("cell", ["subió", "3 % *", False])
def test_garbage_is_no_variation(cell: Cell) -> None:
    with pytest.raises(BrokenRuleError, match="a number"):
        percentage(cell)


@given(st.decimals(0, 100_000_000, places=2, allow_nan=False))
def test_any_price_survives_as_a_number_and_as_a_text(price: Decimal) -> None:
    assert amount(float(price)) == price
    assert amount(f"{price}") == amount(f"{price}".replace(".", ",")) == price
