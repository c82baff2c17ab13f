"""Numbers of cells as Decimals: without the noise of binary fractions, and never guessed from a text.

A cell's number has 15 significant digits, as Excel keeps them: 31319.937000000005 is 31319.937.
"""

import re
from decimal import Decimal
from math import isfinite
from typing import Final

from mercado.landing.cells import Cell, is_number
from mercado.sipsa.rows import BrokenRuleError

# "n.d.", "n,d,", "n.d", "N.D.", "nd", "n/d"
NOT_AVAILABLE: Final = re.compile(r"n[.,/]?\s?d[.,:]?", re.IGNORECASE)
DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,18}(?:[.,][0-9]{1,15})?")
# 1.300 may be 1300 or 1.3.
THREE_DECIMALS: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
DASHES: Final = ("-", "–", "—")
HUNDRED: Final = Decimal(100)


def is_not_available(cell: Cell) -> bool:
    """Return whether a cell is empty or says that there is nothing: ``n.d.``, however it is spelt."""
    return isinstance(cell, str) and (not cell.strip() or NOT_AVAILABLE.fullmatch(cell.strip()) is not None)


def amount(cell: Cell) -> Decimal | None:
    """Return a cell's amount, or ``None`` where it is not available.

    A text counts as a number when it can be read in one way only: digits, and a comma or a point before decimals.

    Raises:
        BrokenRuleError: The cell holds something else, or a text such as 1.300, which may mean two things.
    """
    if isinstance(cell, float) and isfinite(cell):
        return Decimal(int(cell)) if cell.is_integer() else Decimal(f"{cell:.15g}")
    if isinstance(cell, int) and not isinstance(cell, bool):
        return Decimal(cell)
    if is_not_available(cell):
        return None
    text = cell.strip() if isinstance(cell, str) else ""
    if THREE_DECIMALS.fullmatch(text):
        raise BrokenRuleError("a number, not a text that may mean thousands or three decimals")
    return _of_text(text)


def percentage(cell: Cell) -> Decimal | None:
    """Return a variation in percent, or ``None`` where it is not available or has nothing to be compared with.

    DANE's variations are fractions: 0.03 is 3 %, as a number and as a text; a text may say 3 % itself.

    Raises:
        BrokenRuleError: The cell holds something else.
    """
    if is_number(cell) or is_not_available(cell):
        fraction = amount(cell)
        return None if fraction is None else fraction * HUNDRED
    text = cell.strip() if isinstance(cell, str) else ""
    if text in DASHES:
        return None
    return _of_text(text[:-1].rstrip()) if text.endswith("%") else _of_text(text) * HUNDRED


def _of_text(text: str) -> Decimal:
    if not DECIMAL.fullmatch(text):
        raise BrokenRuleError("a number, with a comma or a point before decimals and nothing between thousands")
    return Decimal(text.replace(",", "."))
