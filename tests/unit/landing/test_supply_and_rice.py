"""Blocks of supply side by side, and prices of rice of a month."""

from datetime import date
from decimal import Decimal

import pytest

from mercado.errors import RejectedFileError
from mercado.landing.document import Problem
from mercado.landing.readings import TableReading
from mercado.landing.rice import read_rice
from mercado.landing.spreadsheet import open_workbook
from mercado.landing.supply import read_supply
from tests.unit.landing.builders import Rows, coded_rice_sheet, rice_sheet, supply_sheet, xlsx

FIRST, LAST = date(2025, 10, 23), date(2025, 10, 29)
IPIALES, MONTERIA, ARMENIA = "Ipiales, Centro de Acopio", "Montería, Mercado del Sur", "Armenia, Mercar"


def supply(rows: Rows) -> TableReading:
    return read_supply(open_workbook(xlsx({"1.9 ": rows})).sheets[0])


def rice(rows: Rows) -> TableReading:
    return read_rice(open_workbook(xlsx({"1.9": rows})).sheets[0])


def test_each_market_and_group_has_a_row_of_the_present_week_without_stars_and_totals() -> None:
    reading = supply(supply_sheet())
    (fruit_ratio,) = {row[-1] for row in reading.rows if row[:2] == ("Frutas", ARMENIA)}
    assert reading.rows == [
        ("Frutas", ARMENIA, FIRST, LAST, Decimal("20.15"), Decimal("20.5"), fruit_ratio),
        ("Otros grupos", ARMENIA, FIRST, LAST, Decimal(5), Decimal(4), Decimal(25)),
        ("Frutas", IPIALES, FIRST, LAST, Decimal(0), Decimal(10), Decimal(-100)),
        ("Frutas", MONTERIA, FIRST, LAST, Decimal("3.1"), Decimal(0), None),
        ("Otros grupos", MONTERIA, FIRST, LAST, Decimal(2), Decimal(2), Decimal(0)),
    ]
    assert fruit_ratio == Decimal("-1.70731707317073")
    assert (reading.read, reading.rejected, reading.notes) == (5, [], [])


def test_sums_that_differ_from_the_totals_are_noted() -> None:
    rows = supply_sheet()
    rows[16][2] = 20.25
    assert supply(rows).notes == [
        "1.9!C19: 'Total' of 'Armenia, Mercar' is 25.15 t, its parts 25.25 t",
        "1.9!C11: 'Frutas' of 'TOTAL MERCADOS' is 23.25 t, its parts 23.35 t",
    ]


def test_a_lost_market_shows_in_the_sum_of_all() -> None:
    rows = supply_sheet()
    rows[14][5] = None
    assert [note[:9] for note in supply(rows).notes] == ["1.9!C11: ", "1.9!C12: "]


@pytest.mark.parametrize(
    ("row", "column", "cell", "places", "rule"),
    [
        (16, 2, -1, ["C17"], "tonnes from 0"),
        (16, 1, "x", ["B17"], "a number"),
        (16, 3, "x", ["D17"], "a number"),
        (13, 5, None, ["H16", "H17"], "a market above its block, a text"),
        (14, 6, "2 - 8 oct", ["H16", "H17"], "a week within 2025-10-16 to 2025-10-29"),
        (14, 7, "16 - 22 oct", ["H16", "H17"], "two weeks that make up"),
        (14, 8, "Total", ["H16", "H17"], "two weeks and 'variacion'"),
    ],
)
def test_what_breaks_a_rule_is_rejected_with_its_cell(
    row: int, column: int, cell: object, places: list[str], rule: str
) -> None:
    rows = supply_sheet()
    rows[row][column] = cell
    reading = supply(rows)
    assert [problem.place for problem in reading.rejected] == [f"1.9!{place}" for place in places]
    assert all(rule in problem.rule for problem in reading.rejected)
    assert reading.read == 5


def test_amounts_that_are_not_available_give_no_row() -> None:
    rows = supply_sheet()
    rows[16][2] = "n.d."
    assert (supply(rows).read, supply(rows).rejected) == (4, [])


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ("1.9. Abastecimiento semanal por grupo de alimentos\ndel 16 al 29 de otubre de 2025", "'otubre' is none"),
        ("1.9. Abastecimiento semanal por grupo de alimentos", "expected a date: two weeks such as"),
    ],
)
def test_supply_of_unknown_weeks_is_refused(title: str, reason: str) -> None:
    rows = supply_sheet()
    rows[4] = [title]
    with pytest.raises(RejectedFileError, match=reason):
        supply(rows)


def test_rice_is_of_a_month_and_per_tonne() -> None:
    month = date(2022, 9, 1)
    assert rice(rice_sheet()).rows == [
        (
            *("Arroz blanco empacado", "Cúcuta (Norte de Santander)", month),
            *(Decimal(3600000), Decimal(3740000), Decimal("3666666.66666667"), "=", "54001"),
        ),
        (
            "Harina de arroz",
            "Yopal (Casanare)",
            month,
            Decimal(1522000),
            Decimal(1650000),
            Decimal(1569400),
            "++",
            "85001",
        ),
    ]


def test_rice_with_codes_and_a_higher_header_is_read_too() -> None:
    month = date(2020, 12, 1)
    reading = rice(coded_rice_sheet())
    assert reading.rows == [
        ("Arroz cristal", "Acacías", month, *[Decimal(1300000)] * 3, "--", "50006"),
        ("Arroz granza", "Planeta Rica", month, *[Decimal(1124000)] * 3, None, "23555"),
    ]
    assert (reading.read, reading.rejected) == (2, [])


@pytest.mark.parametrize(("cell", "code"), [("5001", "05001"), (5001, "05001"), (None, "50006"), ("", "50006")])
def test_a_code_keeps_its_leading_zero_and_a_missing_one_is_the_names(cell: str | float | None, code: str) -> None:
    sheet = coded_rice_sheet()
    sheet[10][3] = cell
    assert rice(sheet).rows[0][-1] == code


@pytest.mark.parametrize("cell", ["500061", "5A006", 500061.0])
def test_a_code_that_is_none_is_rejected_with_its_cell(cell: str | float) -> None:
    sheet = coded_rice_sheet()
    sheet[10][3] = cell
    (problem,) = rice(sheet).rejected
    assert (problem.place, problem.rule) == ("1.9!D11", "a DIVIPOLA code of five digits")


def test_rice_of_an_unknown_month_is_refused() -> None:
    rows = rice_sheet()
    rows[3] = ["Precios de arroz y subproductos en molino - Septimbre de 2022"]
    with pytest.raises(RejectedFileError, match=r"1\.9!A4: expected a month \('septimbre' is none\)"):
        rice(rows)


def test_rice_per_kilogram_is_refused() -> None:
    rows = rice_sheet()
    rows[9][2] = "Pesos por kilogramo"
    with pytest.raises(RejectedFileError, match="expected the heads pesos por tonelada"):
        rice(rows)


def test_rice_that_breaks_a_rule_is_rejected() -> None:
    rows = rice_sheet()
    rows[11][4] = 10
    assert rice(rows).rejected == [Problem("1.9!E12", "minimum <= mean <= maximum (3600000, 10, 3740000)", "10")]
