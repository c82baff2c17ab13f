"""Days, weeks and months as DANE writes them."""

import re
from datetime import date, timedelta
from enum import Enum
from typing import Final

MONTHS: Final = (
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
)
UNKNOWN_MONTH: Final = "brumario"
_WEEKDAYS: Final = ("Lunes", "Martes", "Miércoles", "Jueves", "Viernes", "Sábado", "Domingo")
# With its boundaries: "mayoristas" contains "mayo".
_ANY_MONTH: Final = re.compile(rf"\b(?:{'|'.join(MONTHS)})\b", re.IGNORECASE)


class PeriodForm(Enum):
    """How a period begins and goes on: "25 al 31 …", "del 25 al 31 …", "de 25 a 31 …"."""

    PLAIN = ("", "al")
    DEL_AL = ("del ", "al")
    DE_A = ("de ", "a")


class WeekForm(Enum):
    """How a column of supply names its week.

    ``SPACED`` is "16 - 22 oct" (2024 on), ``TIGHT`` "22-28 sep" (2022), ``GLUED`` "19dic-25dic" (the turn of 2025).
    """

    SPACED = " - "
    TIGHT = "-"
    GLUED = ""


def long_day(day: date) -> str:
    """Return such as "18 de septiembre de 2026"."""
    return f"{day.day} de {MONTHS[day.month - 1]} de {day.year}"


def weekday_and_day(day: date) -> str:
    """Return such as "Viernes 18 de septiembre de 2026"."""
    return f"{_WEEKDAYS[day.weekday()]} {long_day(day)}"


def month_and_year(day: date) -> str:
    """Return such as "Septiembre de 2022"."""
    return f"{MONTHS[day.month - 1].capitalize()} de {day.year}"


def period(first: date, last: date, form: PeriodForm = PeriodForm.PLAIN) -> str:
    """Return such as "25 al 31 de octubre de 2025"; a month or year that differs is said of both days."""
    before, between = form.value
    if first.year != last.year:
        start = long_day(first)
    elif first.month != last.month:
        start = f"{first.day} de {MONTHS[first.month - 1]}"
    else:
        start = str(first.day)
    return f"{before}{start} {between} {long_day(last)}"


def short_week(first: date, form: WeekForm) -> str:
    """Return the seven days from ``first`` on, such as "16 - 22 oct" or "29 sep - 5 oct"."""
    last = first + timedelta(days=6)
    if form is WeekForm.GLUED:
        return f"{first.day}{short_month(first)}-{last.day}{short_month(last)}"
    start = str(first.day) if first.month == last.month else f"{first.day} {short_month(first)}"
    return f"{start}{form.value}{last.day} {short_month(last)}"


def short_month(day: date) -> str:
    """Return such as "sep"."""
    return MONTHS[day.month - 1][:3]


def with_unknown_month(text: str) -> str:
    """Return a text whose months are none of the twelve."""
    return _ANY_MONTH.sub(UNKNOWN_MONTH, text)
