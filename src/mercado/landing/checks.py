"""Rules that hold in every layout, and how a broken one is told."""

from decimal import Decimal
from functools import lru_cache
from typing import Final

from mercado.errors import RejectedFileError
from mercado.landing.cells import CONTROL, Cell, address, raw_text, tidied
from mercado.landing.document import Problem
from mercado.sipsa.rows import GREATEST_AMOUNT, BrokenRuleError

# Real workbooks have 38,000; a million filled ones take 250 MB and two seconds.
MOST_CELLS: Final = 1_000_000
# Names and prices come again and again; the bound only keeps nonsense from filling the memory.
REMEMBERED: Final = 32_768


def refusal(problem: Problem, *, advice: str) -> RejectedFileError:
    """Return the error that refuses a whole file for one problem.

    Args:
        problem: What was expected, what came, and where.
        advice: What to do.
    """
    found = f"{problem.place}: expected {problem.rule}, found {problem.raw_text!r}"
    return RejectedFileError(f"{found}. {advice}", problems=[problem])


def cell_problem(sheet: str, row: int, column: int, rule: str, cell: Cell) -> Problem:
    """Return the problem of one cell of a sheet."""
    return Problem(place=f"{sheet}!{address(row, column)}", rule=rule, raw_text=raw_text(cell))


@lru_cache(REMEMBERED, typed=True)
def checked_name(cell: Cell, *, what: str) -> str:
    """Return a cell's tidied text.

    Raises:
        BrokenRuleError: The cell holds no text, or control characters.
    """
    text = tidied(cell)
    if not text or CONTROL.search(text):
        raise BrokenRuleError(f"{what}, a text")
    return text


def checked_price(price: Decimal) -> Decimal:
    """Return a price, COP, that can be one.

    Raises:
        BrokenRuleError: It is not above 0, or greater than any price of food.
    """
    if not 0 < price <= GREATEST_AMOUNT:
        raise BrokenRuleError(f"a price above 0 and at most {GREATEST_AMOUNT:,}")
    return price


def require_few_cells(cells: int) -> None:
    """Check that sheets, each from A1 to its last cell, are of a size that fits into memory.

    Raises:
        RejectedFileError: They are not.
    """
    if cells > MOST_CELLS:
        raise refusal(
            Problem("file", f"at most {MOST_CELLS:,} cells from A1 to the last one of each sheet", f"{cells:,}"),
            advice="Look for a stray value far below or to the right, delete it and save the file.",
        )
