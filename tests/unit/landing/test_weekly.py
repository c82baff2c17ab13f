"""The weekly workbook's prices: a sheet per group, found by its heads, all of one week."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from mercado.errors import RejectedFileError
from mercado.landing.document import Document, LayoutName, Problem
from mercado.landing.reading import read_workbook
from mercado.landing.tables import MONTHLY_RICE, WEEKLY_PRICES, WEEKLY_SUPPLY
from tests.unit.landing.builders import LEGEND, Formula, Rows, rice_sheet, supply_sheet, weekly, xls, xlsx

NAME = "anex-SIPSASemanal-25oct31oct-2025.xlsx"
FIRST, LAST = date(2025, 10, 25), date(2025, 10, 31)
TITLE, HEADING, HEADS, SUBHEADS, ACELGA, EGGS = 3, 5, 9, 10, 11, 12


def read(sheets: dict[str, Rows], *, name: str = NAME, share: float = 1.0) -> Document:
    return read_workbook(xlsx(sheets), name, greatest_rejected_share=share)


def refusal(sheets: dict[str, Rows]) -> str:
    with pytest.raises(RejectedFileError) as caught:
        read(sheets)
    return str(caught.value)


@pytest.fixture
def sheets() -> dict[str, Rows]:
    return weekly()


@pytest.mark.parametrize("write", [xlsx, xls])
def test_prices_become_rows_of_their_group_and_unit(write: Callable[[dict[str, Rows]], bytes]) -> None:
    document = read_workbook(write(weekly()), NAME)
    assert (document.layout, document.report_date, document.last_day) == (LayoutName.WEEKLY, FIRST, LAST)
    group, acelga, eggs = "Verduras y hortalizas", Decimal(1333), Decimal("400.5")
    assert document.rows[WEEKLY_PRICES][:2] == [
        (group, "Acelga", "Armenia, Mercar", FIRST, LAST, acelga, Decimal(1467), Decimal(1400), "kg", "="),
        (
            group,
            "Huevo rojo AA",
            "Bogotá, D.C., Corabastos",
            FIRST,
            LAST,
            eggs,
            Decimal(420),
            Decimal("410.25"),
            "unit",
            None,
        ),
    ]
    assert document.read == {WEEKLY_PRICES: 16}
    assert len(document.rows[WEEKLY_PRICES]) == 16, "a product may be in two groups"
    assert (document.rejected, document.notes) == ([], [])


def test_a_groups_name_has_one_spelling_whatever_the_sheet_writes(sheets: dict[str, Rows]) -> None:
    sheets["1.5"][HEADING] = ["1.5. Lácteos y huevos*"]
    assert {row[0] for row in read(sheets).rows[WEEKLY_PRICES]} >= {"Huevos y lácteos", "Tubérculos, raíces y plátanos"}


def test_a_sheet_of_another_group_is_refused(sheets: dict[str, Rows]) -> None:
    sheets["1.5"][HEADING] = ["1.5. Carnes"]
    assert "1.5: expected a sheet of the group 'Huevos y lácteos'" in refusal(sheets)


def test_a_sheet_without_its_heading_is_read_and_noted(sheets: dict[str, Rows]) -> None:
    sheets["1.5"][HEADING] = ["1.5. Huebos"]
    document = read(sheets)
    assert len(document.rows[WEEKLY_PRICES]) == 16
    assert document.notes[0].startswith("sheet '1.5' does not name its group, 'Huevos y lácteos': Regresar al índice;")


def test_the_two_year_week_is_read(sheets: dict[str, Rows]) -> None:
    for name in list(sheets)[1:]:
        sheets[name][TITLE] = ["Boletín semanal precios mayoristas -  28 de diciembre de 2024 al 3 de enero de 2025"]
    document = read(sheets, name="anex-SIPSASemanal-28dic-3ene-2025.xlsx")
    assert (document.report_date, document.last_day) == (date(2024, 12, 28), date(2025, 1, 3))
    assert document.notes == []


def test_a_typo_in_the_month_of_all_titles_refuses_the_file(sheets: dict[str, Rows]) -> None:
    for name in list(sheets)[1:]:
        sheets[name][TITLE] = ["Boletín semanal precios mayoristas - 5 al 11 de juno de 2021"]
    message = refusal(sheets)
    assert message.startswith(f"{NAME}: 1.1!A4: expected a month ('juno' is none), found 'Boletín semanal")


def test_a_typo_in_the_index_does_no_harm(sheets: dict[str, Rows]) -> None:
    sheets["Índice"].append(["Fecha de actualización: 11 de juno de 2021"])
    assert read(sheets).notes == []


def test_two_weeks_in_one_file_refuse_it_and_both_cells_are_named(sheets: dict[str, Rows]) -> None:
    sheets["1.6"][TITLE] = ["Boletín semanal precios mayoristas - 1 al 7 de noviembre de 2025"]
    message = refusal(sheets)
    assert "1.6!A4: expected the week of 1.1!A4, 2025-10-25 to 2025-10-31, found '2025-11-01 to 2025-11-07'" in message


@pytest.mark.parametrize("days", ["25 al 28", "20 al 31"])
def test_a_week_has_five_to_seven_days(sheets: dict[str, Rows], days: str) -> None:
    sheets["1.1"][TITLE] = [f"Boletín semanal precios mayoristas - {days} de octubre de 2025"]
    assert "1.1!A4: expected a week of 5 to 7 days" in refusal(sheets)


def test_the_week_inside_counts_when_the_name_tells_another(sheets: dict[str, Rows]) -> None:
    document = read(sheets, name="anex-SIPSASemanal-24oct-30oct-2025.xlsx")
    note = "the file's name tells 2025-10-24 to 2025-10-30, its sheets 2025-10-25 to 2025-10-31, which counts"
    assert (document.report_date, document.notes) == (FIRST, [note])


def test_a_missing_sheet_of_prices_refuses_the_file(sheets: dict[str, Rows]) -> None:
    del sheets["1.6"]
    assert "1.6 missing; there are Índice, 1.1, 1.2" in refusal(sheets)


def test_a_sheet_of_prices_may_not_be_there_twice(sheets: dict[str, Rows]) -> None:
    sheets["1.6 "] = sheets["1.6"]
    assert "1.6 twice" in refusal(sheets)


def test_an_unexpected_sheet_is_noted_unless_it_is_empty(sheets: dict[str, Rows]) -> None:
    sheets |= {"Hoja1": [], "notas": [["x"]], "1.9": [["Otra cosa"]]}
    assert read(sheets).notes == [
        "sheet 'notas' is not known and was not read",
        "sheet '1.9' is not known and was not read",
    ]


@pytest.mark.parametrize("row", [SUBHEADS, HEADS])
def test_a_missing_head_refuses_the_file(sheets: dict[str, Rows], row: int) -> None:
    sheets["1.4"][row] = [None]
    assert "DANE's layout may have changed" in refusal(sheets)


def test_another_unit_refuses_the_file(sheets: dict[str, Rows]) -> None:
    sheets["1.4"][HEADS][2] = "Pesos por libra"
    assert "1.4, row 10: expected the heads pesos por kilogramo, each" in refusal(sheets)


def test_two_heads_above_one_column_refuse_the_file(sheets: dict[str, Rows]) -> None:
    sheets["1.4"][SUBHEADS][3] = None
    sheets["1.4"][HEADS][4] = "Precio máximo"
    assert "each above a column of its own, found" in refusal(sheets)


def test_a_header_may_stand_higher_and_further_right(sheets: dict[str, Rows]) -> None:
    sheets["1.1"] = [[None, *row] for number, row in enumerate(sheets["1.1"]) if number != HEADS - 1]
    assert read(sheets).rows == read(weekly()).rows


def test_a_legend_shifted_to_column_b_ends_the_table(sheets: dict[str, Rows]) -> None:
    sheets["1.4"][-len(LEGEND) :] = [[None, line] for line in LEGEND]
    document = read(sheets)
    assert (document.read[WEEKLY_PRICES], document.rejected) == (16, [])


def test_a_price_below_the_legend_belongs_to_nothing(sheets: dict[str, Rows]) -> None:
    sheets["1.4"].append(sheets["1.4"][ACELGA])
    assert read(sheets).rejected == [Problem("1.4!C18", "nothing below the legend", "1333")]


def test_commas_for_points_everywhere_are_read(sheets: dict[str, Rows]) -> None:
    sheets["1.1"][ACELGA] = ["Acelga", "Bogotá, D,C,, Corabastos", "1333,5", "1467,25", "1400", "n,d,"]
    sheets["1.1"][EGGS][2:5] = ["n,d,"] * 3
    document = read(sheets)
    row = document.rows[WEEKLY_PRICES][0]
    assert row[2] == "Bogotá, D,C,, Corabastos"
    assert row[5:] == (Decimal("1333.5"), Decimal("1467.25"), Decimal(1400), "kg", None)
    assert (document.read[WEEKLY_PRICES], document.rejected) == (15, [])


def test_title_case_names_stay_the_sources_own(sheets: dict[str, Rows]) -> None:
    sheets["1.1"][ACELGA][0] = "Arveja Verde En Vaina"
    assert read(sheets).rows[WEEKLY_PRICES][0][1] == "Arveja Verde En Vaina"


def test_formulas_count_by_their_value_and_errors_are_problems(sheets: dict[str, Rows]) -> None:
    sheets["1.1"][ACELGA][2], sheets["1.1"][ACELGA][5] = Formula("=1300+33", 1333), Formula('="="', "=")
    sheets["1.1"][EGGS][4] = Formula("=AVERAGE(1/0)", "#DIV/0!")
    document = read(sheets)
    assert document.rows[WEEKLY_PRICES][0] == read(weekly()).rows[WEEKLY_PRICES][0]
    (problem,) = document.rejected
    assert (problem.place, problem.raw_text) == ("1.1!E13", "#DIV/0!")


@pytest.mark.parametrize(
    ("prices", "cell", "rule"),
    [
        ([0, 1500, 989], "C12", "a price above 0"),
        ([1000, 900, 950], "C12", "minimum <= mean <= maximum"),
        ([1000, 1500, 999], "E12", "minimum <= mean <= maximum"),
        ([1000, 1500, 1501], "E12", "minimum <= mean <= maximum"),
        ([1000, 100_000_001, 2000], "D12", "at most 100,000,000"),
        ([1000, "n.d.", 1200], "D12", "a price, as the row has others"),
        (["mil", 1500, 1200], "C12", "a number"),
    ],
)
def test_prices_that_cannot_be_reject_their_row_with_the_cell(
    sheets: dict[str, Rows], prices: list[object], cell: str, rule: str
) -> None:
    sheets["1.1"][ACELGA][2:5] = prices
    document = read(sheets)
    (problem,) = document.rejected
    assert problem.place == f"1.1!{cell}"
    assert rule in problem.rule
    assert len(document.rows[WEEKLY_PRICES]) == 15
    assert document.read[WEEKLY_PRICES] == 16


@pytest.mark.parametrize(("column", "cell"), [(0, "A12"), (1, "B12")])
def test_a_row_without_product_or_market_is_rejected(sheets: dict[str, Rows], column: int, cell: str) -> None:
    sheets["1.1"][ACELGA][column] = None
    assert [problem.place for problem in read(sheets).rejected] == [f"1.1!{cell}"]


def test_a_trend_that_is_none_costs_no_row(sheets: dict[str, Rows]) -> None:
    sheets["1.1"][ACELGA][5], sheets["1.1"][EGGS][5] = "++++", " -- "
    document = read(sheets)
    assert [row[-1] for row in document.rows[WEEKLY_PRICES][:2]] == [None, "--"]
    assert [(problem.place, problem.raw_text) for problem in document.rejected] == [("1.1!F12", "++++")]


def test_of_duplicate_rows_with_two_prices_the_last_is_kept_and_the_other_listed(sheets: dict[str, Rows]) -> None:
    acelga, eggs = sheets["1.8"][ACELGA], sheets["1.8"][EGGS]
    sheets["1.8"][EGGS + 1 : EGGS + 1] = [acelga, [*eggs[:4], 415, eggs[5]]]
    document = read(sheets)
    assert document.read[WEEKLY_PRICES] == 18
    assert len(document.rows[WEEKLY_PRICES]) == 16
    assert document.rows[WEEKLY_PRICES][-1][7] == Decimal(415)
    rule = "one row for Huevo rojo AA, Bogotá, D.C., Corabastos; the last is kept, with 415 in E15"
    assert document.rejected == [Problem("1.8!E13", rule, "410.25")]
    assert document.notes == [
        f"1.8!E13: {rule}, found 410.25",
        "1.8: 1 rows are there again with equal amounts, loaded once: C12",
    ]


def test_supply_and_rice_are_known_by_their_content_whatever_sheet_they_are_in(sheets: dict[str, Rows]) -> None:
    for names in (("1.9", "1.10"), ("1.10 ", "1.9 ")):
        document = read(sheets | dict(zip(names, (supply_sheet(), rice_sheet()), strict=True)))
        assert document.rows.keys() == {WEEKLY_PRICES, WEEKLY_SUPPLY, MONTHLY_RICE}
        assert document.notes == []


def test_two_sheets_of_supply_are_refused(sheets: dict[str, Rows]) -> None:
    with pytest.raises(RejectedFileError, match="one sheet for mayoristas_supply_weekly"):
        read(sheets | {"1.9": supply_sheet(), "1.10": supply_sheet()})
