"""The daily workbook, with all the dirt that its readers tell of."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from mercado.errors import RejectedFileError
from mercado.landing.document import Document, LayoutName, Problem
from mercado.landing.reading import read_workbook
from mercado.landing.tables import DAILY_PRICES
from tests.unit.landing.builders import Range, Rows, daily, xls, xlsx

NAME = "anex-SIPSADiario-18sep2026.xlsx"
SHEET = "Boletín diario"
DAY = date(2026, 9, 18)
ARMENIA, BOGOTA, IBAGUE = "Armenia, Mercar", "Bogotá, Corabastos", "Ibagué, La 21"
VEGETABLES = "Verduras y hortalizas"


def read(rows: Rows, *, name: str = NAME, share: float = 1.0, merged: list[Range] | None = None) -> Document:
    content = xlsx({SHEET: rows}, merged={SHEET: merged or []})
    return read_workbook(content, name, greatest_rejected_share=share)


def refusal(rows: Rows, *, name: str = NAME) -> str:
    with pytest.raises(RejectedFileError) as caught:
        read(rows, name=name)
    return str(caught.value)


def prices(document: Document) -> dict[tuple[str, str], Any]:
    """Return price and variation by product and market."""
    return {(row[1], row[2]): (row[4], row[6]) for row in document.rows[DAILY_PRICES]}  # type: ignore[misc]


@pytest.fixture
def rows() -> Rows:
    return daily()[SHEET]


@pytest.mark.parametrize("write", [xlsx, xls])
def test_prices_become_long_rows(write: Callable[[dict[str, Rows]], bytes]) -> None:
    document = read_workbook(write(daily()), NAME)
    assert (document.layout, document.report_date, document.last_day) == (LayoutName.DAILY, DAY, DAY)
    assert document.rows[DAILY_PRICES] == [
        (VEGETABLES, "Ahuyama", ARMENIA, DAY, Decimal(1300), "kg", Decimal(3)),
        (VEGETABLES, "Ahuyama", IBAGUE, DAY, Decimal(1350), "kg", Decimal(0)),
        (VEGETABLES, "Tomate*", ARMENIA, DAY, Decimal(2100), "kg", Decimal(-5)),
        (VEGETABLES, "Tomate*", BOGOTA, DAY, Decimal(2300), "kg", Decimal(0)),
        ("Frutas", "Papa  negra*", ARMENIA, DAY, Decimal(1850), "kg", Decimal(0)),
        ("Frutas", "Papa  negra*", BOGOTA, DAY, Decimal(2600), "kg", Decimal("1.9")),
        ("Frutas", "Papa  negra*", IBAGUE, DAY, Decimal(1950), "kg", Decimal(2)),
    ]
    assert document.read == {DAILY_PRICES: 7}
    assert (document.rejected, document.notes) == ([], [])


@pytest.mark.parametrize("day", [date(2026, 9, 18), "Friday, September 18, 2026", "18 de SEPT. de 2026"])
def test_the_day_may_be_a_true_date_or_another_form(rows: Rows, day: object) -> None:
    rows[0], rows[1] = [], [day]
    assert read(rows).report_date == DAY


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Viernes 18 de setienbre de 2026", "'setienbre' is none"),
        ("XX de XXX de 2017", "a date: such as"),
        ("Viernes 18 de septiembre", "a date: such as"),
        ("Miércoles 31 de septiembre de 2026", "a day of the calendar"),
        (date(1908, 7, 14), "a day from 2000 to 2099"),
        (None, "found 'Boletín diario de precios mayoristas; Precio $/Kg"),
    ],
)
def test_a_day_is_never_guessed(rows: Rows, text: object, reason: str) -> None:
    rows[1] = [text]
    assert reason in refusal(rows)


def test_two_days_above_one_table_are_refused(rows: Rows) -> None:
    rows[0] = ["Boletín diario", None, date(2026, 9, 17)]
    assert "Boletín diario!A2: expected the date of C1, 2026-09-17, found 'Viernes 18" in refusal(rows)


def test_another_weekday_is_believed_only_when_the_name_confirms_the_day(rows: Rows) -> None:
    rows[1] = ["Jueves 18 de septiembre de 2026"]
    assert "has another weekday" in read(rows).notes[0]
    assert "Boletín diario!A2: expected the weekday of 2026-09-18" in refusal(rows, name="libro1.xls")
    assert "expected the weekday" in refusal(rows, name="anex-SIPSADiario-17sep2026.xlsx")


def test_the_day_inside_counts_when_the_name_tells_another(rows: Rows) -> None:
    document = read(rows, name="anex-SIPSADiario-19sep2026.xlsx")
    assert document.report_date == DAY
    assert document.notes == ["the file's name tells 2026-09-19, its sheets 2026-09-18, which counts"]
    assert read(rows, name="libro1.xlsx").notes == []


def test_cities_and_markets_may_stand_in_two_rows(rows: Rows) -> None:
    rows[2:3] = [
        ["Precio $/Kg", "Bogotá", None, None, None, "Tunja", None],
        [None, "Corabastos", None, "Paloquemao", None, None, None],
    ]
    found = read(rows, merged=[(2, 1, 2, 4), (3, 1, 3, 2), (3, 3, 3, 4), (2, 5, 3, 6)])
    assert [row[2] for row in found.rows[DAILY_PRICES][-3:]] == ["Bogotá, Corabastos", "Bogotá, Paloquemao", "Tunja"]


def test_a_title_merged_over_all_columns_names_no_market(rows: Rows) -> None:
    rows[0], rows[1] = [rows[1][0]], ["Boletín diario de precios mayoristas"]
    assert prices(read(rows, merged=[(0, 0, 0, 6), (1, 0, 1, 6)])).keys() == prices(read(daily()[SHEET])).keys()


def test_prices_without_a_market_are_rejected_one_by_one(rows: Rows) -> None:
    rows[2][3] = None
    document = read(rows)
    rule = "a market's name above the price"
    assert document.rejected == [Problem(f"{SHEET}!D7", rule, "2300"), Problem(f"{SHEET}!D9", rule, "2600")]
    assert document.read == {DAILY_PRICES: 7}
    assert len(document.rows[DAILY_PRICES]) == 5


def test_a_market_that_is_there_twice_with_equal_prices_is_read_once(rows: Rows) -> None:
    rows[2][5], rows[5][5], rows[8][5] = ARMENIA, 1300, 1850
    document = read(rows)
    assert len(document.rows[DAILY_PRICES]) == 5
    assert document.rejected == []
    assert document.notes == [f"{SHEET}: 2 rows are there again with equal amounts, loaded once: B6, B9"]


def test_of_a_market_with_two_prices_the_last_is_kept_and_the_other_listed(rows: Rows) -> None:
    rows[2][5] = ARMENIA
    document = read(rows)
    assert prices(document)["Ahuyama", ARMENIA] == (Decimal(1350), Decimal(0))
    rule = "one row for Ahuyama, Armenia, Mercar; the last is kept, with 1350 in F6"
    assert document.rejected[0] == Problem(f"{SHEET}!B6", rule, "1300")
    assert len(document.rejected) == 2
    assert document.notes[0] == f"{SHEET}!B6: {rule}, found 1300"


@pytest.mark.parametrize(
    ("cell", "rule"),
    [
        (0, "a price above 0"),
        (-1300, "a price above 0"),
        (100_000_001, "at most 100,000,000"),
        ("1.300", "thousands or three decimals"),
        ("#¡VALOR!", "a number"),
        (True, "a number"),
        (date(2026, 9, 18), "a number"),
    ],
)
def test_a_price_that_is_none_is_rejected_with_its_cell(rows: Rows, cell: object, rule: str) -> None:
    rows[5][1] = cell
    document = read(rows)
    (problem,) = document.rejected
    assert problem.place == f"{SHEET}!B6"
    assert rule in problem.rule
    assert len(document.rows[DAILY_PRICES]) == 6


@pytest.mark.parametrize("garbage", ["subió", -1, "-100 %"])
def test_a_variation_that_is_none_costs_no_price(rows: Rows, garbage: object) -> None:
    rows[5][2] = garbage
    document = read(rows)
    assert prices(document)["Ahuyama", ARMENIA] == (Decimal(1300), None)
    assert [problem.place for problem in document.rejected] == [f"{SHEET}!C6"]


def test_decimal_commas_and_points_are_read(rows: Rows) -> None:
    rows[5][1:3], rows[6][1:3] = ["1300,5", "0,03"], ["2100.25", "-0.05"]
    found = prices(read(rows))
    assert found["Ahuyama", ARMENIA] == (Decimal("1300.5"), Decimal(3))
    assert found["Tomate*", ARMENIA] == (Decimal("2100.25"), Decimal(-5))


def test_columns_of_numbers_without_a_head_are_noted_and_not_read(rows: Rows) -> None:
    for row in rows[5:7]:
        row += [None] * (9 - len(row)) + [17]
    document = read(rows)
    assert document.notes == [f"{SHEET}, column J: 2 numbers without a head were not read"]
    assert document.read == {DAILY_PRICES: 7}


def test_a_price_below_the_footnotes_belongs_to_nothing(rows: Rows) -> None:
    rows.append(["Ahuyama", 1300, 0])
    assert read(rows).rejected == [Problem(f"{SHEET}!B15", "nothing below the footnotes", "1300")]


def test_prices_without_a_product_are_rejected(rows: Rows) -> None:
    rows[5][0] = None
    assert {problem.place for problem in read(rows).rejected} == {f"{SHEET}!A6"}
    assert len(read(rows).rejected) == 2


def test_a_known_product_that_nobody_sold_is_no_group(rows: Rows) -> None:
    rows.insert(5, ["Acelga"])
    assert {row[0] for row in read(rows).rows[DAILY_PRICES]} == {VEGETABLES, "Frutas"}


def test_a_product_above_any_group_has_none(rows: Rows) -> None:
    del rows[4]
    assert read(rows).rows[DAILY_PRICES][0][:2] == (None, "Ahuyama")


def test_a_sheet_may_begin_further_right(rows: Rows) -> None:
    moved = read([[None, None, *row] for row in rows])
    assert moved.rows == read(rows).rows


def test_prices_of_another_unit_are_refused(rows: Rows) -> None:
    rows[2][0] = "Precio $/arroba"
    assert "expected the unit of the prices, $/Kg" in refusal(rows)


def test_empty_sheets_do_no_harm_and_a_second_bulletin_does() -> None:
    assert read_workbook(xlsx(daily() | {"Hoja1": []}), NAME).notes == []
    with pytest.raises(RejectedFileError, match="one sheet of daily prices, found 'Boletín diario, ayer'"):
        read_workbook(xlsx(daily() | {"ayer": daily()[SHEET]}), NAME)
