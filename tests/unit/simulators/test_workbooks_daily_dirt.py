"""Each kind of daily dirt is in the workbook as it was seen in DANE's, and each planted fault is one."""

from datetime import date, datetime
from typing import Any

import pytest

from tests.simulators.workbooks.containers import Container
from tests.simulators.workbooks.daily import daily_book
from tests.simulators.workbooks.dirt import DailyDirt, DayForm, TextNumbers, Twin
from tests.simulators.workbooks.faults import DailyFault
from tests.simulators.workbooks.writing import write_daily
from tests.workbook_cells import Rows, cells_of

DAY = date(2026, 9, 18)
DAILY = daily_book(DAY, seed=7, products=6, markets=4)


def daily(**switches: Any) -> Rows:
    return cells_of(write_daily(DAILY, dirt=DailyDirt(**switches)))["Boletín diario"]


def test_a_blank_title_leaves_the_date_where_it_is() -> None:
    rows = daily(blank_title=True)
    assert not any(rows[0])
    assert rows[1][0] == "Viernes 18 de septiembre de 2026"


@pytest.mark.parametrize("container", ["xlsx", "xls"])
def test_a_true_date_is_a_date_in_both_containers(container: Container) -> None:
    cell = cells_of(write_daily(DAILY, container=container, dirt=DailyDirt(day_form=DayForm.EXCEL)))["Boletín diario"][
        1
    ][0]
    assert (cell.date() if isinstance(cell, datetime) else cell) == DAY


def test_a_date_is_english_once() -> None:
    assert daily(day_form=DayForm.ENGLISH)[1][0] == "Friday, September 18, 2026"


def test_a_header_in_two_rows_has_the_city_above_the_market() -> None:
    rows = daily(two_row_header=True, product_label=True)
    assert rows[2][1:8:2] == ["Armenia", "Barranquilla", "Bogotá", "Bucaramanga"]
    assert rows[3][1:8:2] == ["Mercar", "", "Corabastos", "Centroabastos"]
    assert rows[4][:3] == ["Producto", "Precio", "Var %"]


def test_names_of_markets_are_broken_after_the_comma() -> None:
    assert daily(broken_lines=True)[2][1] == "Armenia, \nMercar"


@pytest.mark.parametrize(("twin", "more"), [(Twin.EQUAL, 0), (Twin.CONFLICTING, 1)])
def test_a_market_stands_there_twice(twin: Twin, more: int) -> None:
    rows = daily(twin_market=twin)
    assert rows[2][1] == rows[2][3] == "Armenia, Mercar"
    assert rows[5][3] == rows[5][1] + more


def test_lost_headers_leave_their_prices() -> None:
    rows = daily(missing_headers=2)
    assert rows[2][1:8:2] == ["Armenia, Mercar", "Barranquilla", "", ""]
    assert rows[3][5:9] == ["Precio", "Var %", "Precio", "Var %"]


def test_names_of_products_get_spaces_and_stars() -> None:
    assert [row[0] for row in daily(double_spaces=True, stray_stars=True)[5:7]] == [
        "Ahuyama* ",
        "Arveja  verde  en  vaina*",
    ]


def test_an_empty_sheet_and_columns_without_header() -> None:
    sheets = cells_of(write_daily(DAILY, dirt=DailyDirt(empty_sheet=True, side_columns=2)))
    assert sheets["Hoja1"] == []
    rows = sheets["Boletín diario"]
    assert rows[3][9:] == ["", "", ""]
    assert rows[5][9:] == ["", 1.0, 1.0]


@pytest.mark.parametrize("spelling", ["n.d", "N.D.", ""])
def test_what_is_not_available_is_spelt_in_many_ways(spelling: str) -> None:
    place = next(number for number, product in enumerate(DAILY.products) if None in product.quotes)
    missing = DAILY.products[place].quotes.index(None)
    assert daily(not_available=spelling)[5 + place][1 + 2 * missing : 3 + 2 * missing] == [spelling, spelling]


@pytest.mark.parametrize("sign", TextNumbers)
def test_numbers_can_be_texts(sign: TextNumbers) -> None:
    quote = DAILY.products[0].quotes[0]
    assert quote is not None
    assert quote.variation_pct is not None
    fraction = str(quote.variation_pct / 100).replace(".", sign.value)
    assert daily(text_numbers=sign)[5][1:3] == [str(quote.price), fraction]


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        (DailyFault.UNKNOWN_MONTH, "Viernes 18 de brumario de 2026"),
        (DailyFault.UNFILLED_DATE, "XX de XXX de 2017"),
        (DailyFault.NO_YEAR, "Viernes 18 de septiembre"),
    ],
)
def test_a_daily_date_can_be_none(fault: DailyFault, text: str) -> None:
    assert daily(fault=fault)[1][0] == text


def test_every_other_row_of_a_day_can_be_errors() -> None:
    rows = daily(fault=DailyFault.BAD_CELLS)
    assert [row[1] == "#¡VALOR!" for row in rows[5:11]] == [True, False] * 3
