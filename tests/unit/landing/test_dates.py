"""Days, weeks and months in DANE's words; nothing that is no month becomes one."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercado.landing.dates import Period, day_in, month_in, period_in, week_of_column, weekday_in
from mercado.sipsa.rows import BrokenRuleError

MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)
TITLE = "Boletín semanal precios mayoristas - "


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("25 al 31 de octubre de 2025", date(2025, 10, 25), date(2025, 10, 31)),
        ("del 25 al 31 de octubre de 2025 *", date(2025, 10, 25), date(2025, 10, 31)),
        (" 2 al 8 de enero de 2021", date(2021, 1, 2), date(2021, 1, 8)),
        ("de 2 a 8 de Enero del 2021", date(2021, 1, 2), date(2021, 1, 8)),
        ("30 de agosto al 5 de septiembre de 2025", date(2025, 8, 30), date(2025, 9, 5)),
        (" 28 de diciembre de 2024 al 3 de enero de 2025", date(2024, 12, 28), date(2025, 1, 3)),
        ("28 de diciembre al 3 de enero de 2025", date(2024, 12, 28), date(2025, 1, 3)),
        ("30 AGOSTO - 5 SEPTIEMBRE 2025", date(2025, 8, 30), date(2025, 9, 5)),
        ("28 sep al 4 oct de 2024", date(2024, 9, 28), date(2024, 10, 4)),
        ("2 al 8 de setiembre de 2023", date(2023, 9, 2), date(2023, 9, 8)),
    ],
)
def test_a_title_tells_its_period(text: str, first: date, last: date) -> None:
    assert period_in(TITLE + text) == Period(first, last)


@pytest.mark.parametrize(
    "text", ["", "Boletín semanal precios mayoristas", "1.1. Verduras y hortalizas", "octubre de 2025"]
)
def test_a_text_without_a_period_tells_none(text: str) -> None:
    assert period_in(text) is None


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("5 al 11 de juno de 2021", "'juno' is none"),
        ("30 de agsto al 5 de septiembre de 2025", "'agsto' is none"),
        ("25 al 31 de mayoristas de 2025", "'mayoristas' is none"),
        ("25 al 31 de septiembre de 2025", "2025-09-31 is none"),
        ("31 al 25 de octubre de 2025", "ends after it begins"),
        ("25 al 31 de octubre de 1925", "from 2000 to 2099"),
    ],
)
def test_a_month_or_day_that_does_not_exist_is_never_replaced_by_one_that_does(text: str, rule: str) -> None:
    with pytest.raises(BrokenRuleError, match=rule):
        period_in(TITLE + text)


@given(st.dates(date(2000, 1, 10), date(2099, 12, 31)), st.integers(4, 6))
def test_any_week_is_read_as_it_was_written(last: date, days: int) -> None:
    first = last - timedelta(days=days)
    start = f"{first.day} de {MONTHS[first.month - 1]} de {first.year}"
    text = f"{TITLE}{start} al {last.day} de {MONTHS[last.month - 1]} de {last.year}"
    assert period_in(text) == Period(first, last)


@pytest.mark.parametrize(
    "text",
    [
        "Viernes 18 de septiembre de 2026",
        "viernes,  18 de Septiembre del 2026",
        "VIERNES 18 SEPT 2026",
        "Friday, September 18, 2026",
        "Boletín diario de precios mayoristas - 18 de septiembre de 2026",
    ],
)
def test_a_day_is_read_in_each_form(text: str) -> None:
    assert day_in(text) == date(2026, 9, 18)


@pytest.mark.parametrize(
    "text", ["XX de XXX de 2017", "Viernes 18 de septiembre", "Precio 18 2026", "Mayoristas 18, 2026"]
)
def test_an_unfilled_or_incomplete_day_is_none(text: str) -> None:
    assert day_in(text) is None


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))
def test_a_day_has_a_month_that_is_one(word: str) -> None:
    try:
        day = day_in(f"18 de {word} de 2026")
    except BrokenRuleError:
        return
    assert day is None or (day.day, day.year) == (18, 2026)


def test_a_weekday_is_found_without_its_accent() -> None:
    assert weekday_in("Miércoles 16 de septiembre de 2026") == weekday_in("MIERCOLES") == 2
    assert weekday_in("16 de septiembre de 2026") is None


def test_a_month_is_read_on_any_line() -> None:
    assert month_in("Productos y subproductos de arroz en molino\r\nDiciembre de 2020") == date(2020, 12, 1)
    assert month_in("1.9. Arroz y subproductos en molino") is None
    with pytest.raises(BrokenRuleError, match="'septimbre' is none"):
        month_in("Precios de arroz - Septimbre de 2022")


@pytest.mark.parametrize(
    ("head", "first", "last"),
    [
        ("16 - 22 oct", date(2022, 10, 16), date(2022, 10, 22)),
        ("9-15 oct", date(2022, 10, 9), date(2022, 10, 15)),
        ("29 sep-5 oct", date(2022, 9, 29), date(2022, 10, 5)),
        ("29sep-5oct", date(2022, 9, 29), date(2022, 10, 5)),
        ("9 al 15 oct", date(2022, 10, 9), date(2022, 10, 15)),
    ],
)
def test_a_column_of_supply_tells_its_week(head: str, first: date, last: date) -> None:
    assert week_of_column(head, Period(date(2022, 9, 22), date(2022, 10, 31))) == Period(first, last)


def test_a_column_of_supply_has_the_years_of_the_title() -> None:
    turn = Period(date(2024, 12, 19), date(2025, 1, 1))
    assert week_of_column("19dic-25dic", turn) == Period(date(2024, 12, 19), date(2024, 12, 25))
    assert week_of_column("26dic-1ene", turn) == Period(date(2024, 12, 26), date(2025, 1, 1))
    with pytest.raises(BrokenRuleError, match="a week within 2024-12-19 to 2025-01-01"):
        week_of_column("2 - 8 ene", turn)
    with pytest.raises(BrokenRuleError, match="a week such as"):
        week_of_column("octubre", turn)
