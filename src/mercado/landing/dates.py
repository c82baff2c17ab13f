"""Days, weeks and months in DANE's words. What is no month is never taken for one: the file is refused instead.

Words are compared whole, without case and accents: "mayoristas" contains "mayo", and must not mean May.
"""

import re
from dataclasses import dataclass
from datetime import date
from itertools import product
from typing import Final

from mercado.sipsa.names import simplified
from mercado.sipsa.rows import BrokenRuleError

_MONTHS: Final = (
    ("enero", "ene"),
    ("febrero", "feb"),
    ("marzo", "mar"),
    ("abril", "abr"),
    ("mayo", "may"),
    ("junio", "jun"),
    ("julio", "jul"),
    ("agosto", "ago"),
    ("septiembre", "setiembre", "sept", "sep", "set"),
    ("octubre", "oct"),
    ("noviembre", "nov"),
    ("diciembre", "dic"),
)
_ENGLISH_MONTHS: Final = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_WEEKDAYS: Final = (
    ("lunes", "monday"),
    ("martes", "tuesday"),
    ("miercoles", "wednesday"),
    ("jueves", "thursday"),
    ("viernes", "friday"),
    ("sabado", "saturday"),
    ("domingo", "sunday"),
)
MONTHS: Final = {name: number for number, names in enumerate(_MONTHS, 1) for name in names}
ENGLISH_MONTHS: Final = {name: number for number, name in enumerate(_ENGLISH_MONTHS, 1)}
WEEKDAYS: Final = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}

FIRST_YEAR, LAST_YEAR = 2000, 2099

_DAY_WORDS: Final = r"([0-9]{1,2}) (?:de )?([a-z]+) (?:del? )?([0-9]{4})\b"
_DAY: Final = re.compile(rf"\b{_DAY_WORDS}")
_ENGLISH_DAY: Final = re.compile(r"\b([a-z]+) ([0-9]{1,2}) ([0-9]{4})\b")
_ISO_DAY: Final = re.compile(r"\b([0-9]{4}) ([0-9]{2}) ([0-9]{2})\b")
_PERIOD: Final = re.compile(
    rf"\b([0-9]{{1,2}}) (?:(?:de )?([a-z]+) (?:(?:del? )?([0-9]{{4}}) )?)??(?:al? )?{_DAY_WORDS}"
)
_MONTH: Final = re.compile(r"\b([a-z]+) (?:del? )?([0-9]{4})\b")
_SHORT_WEEK: Final = re.compile(r"([0-9]{1,2})(?: ?(?!al? )([a-z]+))?(?: al?)? ([0-9]{1,2}) ?([a-z]+)")


@dataclass(frozen=True)
class Period:
    """Consecutive days, both ends included."""

    first: date
    last: date

    def __str__(self) -> str:
        return str(self.first) if self.first == self.last else f"{self.first} to {self.last}"

    @property
    def days(self) -> int:
        """Number of days."""
        return (self.last - self.first).days + 1


def period_in(text: str) -> Period | None:
    """Return the period that a title names, such as "28 de diciembre de 2024 al 3 de enero de 2025", if it names one.

    A first day without a month or a year has those of the last day, or the year before: "28 de diciembre al 3 de enero
    de 2025" begins in 2024.

    Raises:
        BrokenRuleError: The text has that form, but a month or a day that does not exist, or ends before it begins.
    """
    found = _PERIOD.search(simplified(text))
    if not found:
        return None
    first_day, first_month, first_year, *last_parts = found.groups()
    last_day, last_month, last_year = last_parts
    last = _date(last_year, _month(last_month), last_day)
    month = _month(first_month) if first_month else last.month
    year = first_year or (last.year if month <= last.month else last.year - 1)
    first = _date(year, month, first_day)
    if first > last:
        raise BrokenRuleError("a period that ends after it begins")
    return Period(first, last)


def day_in(text: str) -> date | None:
    """Return the day that a text names, such as "Viernes 18 de septiembre de 2026", if it names one.

    "Thursday, December 25, 2025", which DANE published once, and a true date's 2025-12-25 are read too.

    Raises:
        BrokenRuleError: The text has that form, but a month or a day that does not exist.
    """
    words = simplified(text)
    if found := _DAY.search(words):
        day, month, year = found.groups()
        return _date(year, _month(month), day)
    if found := _ISO_DAY.search(words):
        return _date(found[1], int(found[2]), found[3])
    found = _ENGLISH_DAY.search(words)
    if found and found[1] in ENGLISH_MONTHS:
        return _date(found[3], ENGLISH_MONTHS[found[1]], found[2])
    return None


def weekday_in(text: str) -> int | None:
    """Return the weekday that a text names, Monday is 0, if it names one."""
    return next((WEEKDAYS[word] for word in simplified(text).split() if word in WEEKDAYS), None)


def month_in(text: str) -> date | None:
    """Return the first day of the month that a text names, such as "Septiembre de 2022", if it names one.

    Raises:
        BrokenRuleError: The text has that form, but the month does not exist.
    """
    found = _MONTH.search(simplified(text))
    return _date(found[2], _month(found[1]), 1) if found else None


def week_of_column(text: str, within: Period) -> Period:
    """Return the week that heads a column of supply, such as "29 sep-5 oct" or "19dic-25dic".

    Args:
        text: The column's head, which has no year.
        within: What the sheet's title says of both weeks; their years are its years.

    Raises:
        BrokenRuleError: It is no such week, or none within the period.
    """
    found = _SHORT_WEEK.fullmatch(simplified(text))
    if not found:
        raise BrokenRuleError('a week such as "29 sep - 5 oct"')
    first_day, first_month, last_day, last_month = found.groups()
    months = _month(first_month or last_month), _month(last_month)
    years = {within.first.year, within.last.year}
    for first_year, last_year in product(years, years):
        week = Period(_date(first_year, months[0], first_day), _date(last_year, months[1], last_day))
        if within.first <= week.first <= week.last <= within.last:
            return week
    raise BrokenRuleError(f"a week within {within}")


def _month(word: str) -> int:
    if word not in MONTHS:
        raise BrokenRuleError(f"a month ({word!r} is none)")
    return MONTHS[word]


def _date(year: str | int, month: int, day: str | int) -> date:
    if not FIRST_YEAR <= int(year) <= LAST_YEAR:
        raise BrokenRuleError(f"a day from {FIRST_YEAR} to {LAST_YEAR}")
    try:
        return date(int(year), month, int(day))
    except ValueError as error:
        raise BrokenRuleError(f"a day of the calendar ({year}-{month:02}-{day} is none)") from error
