"""Planted faults that make a workbook unusable: nothing of it may be loaded, and the refusal must say why."""

from enum import Enum
from typing import Final


class DailyFault(Enum):
    """What makes a daily workbook unusable; its value is a phrase that the refusal contains, in any case.

    ``UNKNOWN_MONTH`` is a date with a month that does not exist (two public readers take it for January).
    ``UNFILLED_DATE`` is "XX de XXX de 2017", ``NO_YEAR`` a date without its year, both seen.
    ``BAD_CELLS`` has errors of a spreadsheet program where prices should be, in every other row.
    """

    UNKNOWN_MONTH = "brumario"
    UNFILLED_DATE = "XX de XXX"
    NO_YEAR = "date"
    BAD_CELLS = "rejected"


class WeeklyFault(Enum):
    """What makes a weekly workbook unusable; its value is a phrase that the refusal contains, in any case.

    ``UNKNOWN_MONTH`` stands in every title, as a misspelt one does in the index of 5 June 2021.
    ``TWO_WEEKS``: the title of sheet 1.5 says the week after. ``MISSING_SHEET``: there is no 1.6.
    ``BAD_CELLS`` has errors of a spreadsheet program where means should be, in every other row.
    """

    UNKNOWN_MONTH = "brumario"
    TWO_WEEKS = "1.5"
    MISSING_SHEET = "1.6"
    BAD_CELLS = "rejected"


ERROR_TEXT: Final = "#¡VALOR!"
"""What a Spanish spreadsheet program shows where a formula fails."""
