"""The titles of a weekly workbook's sheets; they alone say which week it is."""

from datetime import timedelta
from typing import Final

from tests.simulators.workbooks.dirt import WeeklyDirt
from tests.simulators.workbooks.faults import WeeklyFault
from tests.simulators.workbooks.model import WeeklyBook
from tests.simulators.workbooks.spanish import period, with_unknown_month

BACK_LINK: Final = "Regresar al índice"
SYSTEM: Final = "SISTEMA DE INFORMACIÓN DE PRECIOS Y ABASTECIMIENTO DEL SECTOR AGROPECUARIO"
_ANOTHER_WEEK: Final = "1.5"


def weekly_title(book: WeeklyBook, dirt: WeeklyDirt, *, sheet: str) -> str:
    """Return such as "Boletín semanal precios mayoristas - 25 al 31 de octubre de 2025"."""
    later = timedelta(days=7 if dirt.fault is WeeklyFault.TWO_WEEKS and sheet == _ANOTHER_WEEK else 0)
    week = period(book.first_day + later, book.last_day + later, dirt.period_form)
    text = f"Boletín semanal precios mayoristas - {' ' * dirt.title_double_space}{week}{' *' * dirt.title_star}"
    return dated(text, dirt)


def dated(text: str, dirt: WeeklyDirt) -> str:
    """Return a text with a date in it as the workbook writes it."""
    return with_unknown_month(text) if dirt.fault is WeeklyFault.UNKNOWN_MONTH else text
