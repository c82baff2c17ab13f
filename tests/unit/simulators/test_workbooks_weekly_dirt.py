"""Each kind of weekly dirt is in the workbook as it was seen in DANE's, and each planted fault is one."""

from datetime import date
from decimal import Decimal
from math import inf, nextafter
from typing import Any

import pytest

from tests.simulators.workbooks.dirt import TextNumbers, WeeklyDirt
from tests.simulators.workbooks.faults import WeeklyFault
from tests.simulators.workbooks.spanish import PeriodForm, WeekForm
from tests.simulators.workbooks.weekly import weekly_book
from tests.simulators.workbooks.writing import write_weekly
from tests.workbook_cells import Rows, cells_of

SATURDAY = date(2025, 10, 25)


def weekly(first_day: date = SATURDAY, *, days: int = 7, rice_rows: int = 0, **switches: Any) -> dict[str, Rows]:
    book = weekly_book(first_day, seed=7, price_rows=200, days=days, rice_rows=rice_rows)
    return cells_of(write_weekly(book, dirt=WeeklyDirt(**switches)))


def title(**arguments: Any) -> str:
    text: str = weekly(**arguments)["1.1"][3][0]
    return text.removeprefix("Boletín semanal precios mayoristas - ")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({}, "25 al 31 de octubre de 2025"),
        ({"period_form": PeriodForm.DEL_AL}, "del 25 al 31 de octubre de 2025"),
        ({"period_form": PeriodForm.DE_A}, "de 25 a 31 de octubre de 2025"),
        ({"title_double_space": True, "title_star": True}, " 25 al 31 de octubre de 2025 *"),
        ({"days": 5}, "25 al 29 de octubre de 2025"),
        ({"first_day": date(2025, 8, 30)}, "30 de agosto al 5 de septiembre de 2025"),
        ({"first_day": date(2024, 12, 28)}, "28 de diciembre de 2024 al 3 de enero de 2025"),
    ],
)
def test_titles_name_the_week_in_every_form(arguments: dict[str, Any], expected: str) -> None:
    assert title(**arguments) == expected


def test_the_index_is_misspelt() -> None:
    assert weekly(index_misspelt=True)["Índice"][-1][0] == "Fecha de actualización: 31 de juno de 2025"


def test_commas_replace_the_points_of_names_and_trends_but_not_of_titles() -> None:
    rows = weekly(all_commas=True)["1.1"]
    texts = [text for row in rows[11:-10] for text in (row[0], row[1], row[5])]
    assert any(text.startswith("Bogotá, D,C,, ") for text in texts)
    assert not any("." in text for text in texts)
    assert rows[5][0] == "1.1. Verduras y hortalizas"


def test_products_in_title_case_and_markets_by_their_old_names() -> None:
    rows = weekly(title_case=True, old_markets=True)["1.1"][11:-10]
    assert all(row[0] == row[0].title() for row in rows)
    markets = {row[1] for row in rows}
    assert "Cali, Santa Helena" in markets
    assert "Cali, Santa Elena" not in markets


def test_the_group_of_eggs_can_be_the_other_way_round() -> None:
    assert weekly(dairy_first=True)["1.5"][5][0] == "1.5. Lácteos y huevos**"


def test_the_legend_stands_lower_in_another_column_or_says_other_thresholds() -> None:
    rows = weekly(blank_rows=8, legend_in_column_b=True, narrow_legend=True)["1.4"]
    legend = next(number for number, row in enumerate(rows) if row[1] == "Tendencia*")
    assert rows[legend + 1][:2] == ["", "Menor a -12,01%              ---"]
    assert not any(any(row) for row in rows[legend - 8 : legend])
    assert any(rows[legend - 9])


def test_the_last_rows_are_there_again_with_another_mean() -> None:
    clean, rows = (sheets["1.8"][11:-12] for sheets in (weekly(), weekly(repeated_rows=6, conflicting_rows=1)))
    assert rows[: len(clean)] == clean
    assert rows[len(clean) : -1] == clean[-6:-1]
    assert rows[-1][:4] == clean[-1][:4]
    assert rows[-1][4] != clean[-1][4]


def test_a_minimum_can_be_0_below_a_mean() -> None:
    row = weekly(zero_minima=1)["1.8"][11]
    assert row[2] == 0
    assert row[4] > 0


@pytest.mark.parametrize(
    ("form", "weeks", "heading"),
    [
        (WeekForm.SPACED, ["22 - 28 sep", "29 sep - 5 oct"], "del 22 de septiembre al 5 de octubre de 2022"),
        (WeekForm.TIGHT, ["22-28 sep", "29 sep-5 oct"], "22 de septiembre al 5 de octubre de 2022"),
        (WeekForm.GLUED, ["22sep-28sep", "29sep-5oct"], "del 22 de septiembre al 5 de octubre de 2022"),
    ],
)
def test_columns_of_supply_name_their_weeks_in_three_forms(form: WeekForm, weeks: list[str], heading: str) -> None:
    rows = weekly(date(2022, 10, 1), week_form=form)["1.9"]
    assert rows[9][1:3] == weeks
    assert rows[4][0].splitlines()[1] == heading


def test_supply_stands_in_other_sheets_and_rows() -> None:
    assert "1.9 " in weekly(supply_sheet_space=True)
    assert weekly(rice_rows=3, supply_sheet_space=True)["1.10"][8][0] == "TOTAL MERCADOS"
    rows = weekly(supply_row_lower=True, plain_other_groups=True, leftover_legend=True)["1.9"]
    assert [rows[3][0][:7], rows[9][0], rows[14][0]] == ["Boletín", "TOTAL MERCADOS", "Otros grupos"]
    assert rows[2][9] == "Regresar al índice"
    assert rows[430][0] == "Tendencia*"


def test_prices_can_be_texts() -> None:
    clean, rows = (sheets["1.1"][11:-10] for sheets in (weekly(), weekly(text_numbers=TextNumbers.COMMA)))
    assert [row[2:5] for row in rows] == [[str(int(amount)) for amount in row[2:5]] for row in clean]


def test_supply_has_doubled_spaces_and_the_noise_of_binary_fractions() -> None:
    clean, rows = (sheets["1.9"] for sheets in (weekly(), weekly(supply_double_space=True, float_noise=True)))
    assert rows[8][5].startswith("Medellín,  Central Mayorista")
    assert rows[18][1] == nextafter(clean[18][1], inf)


def test_an_unknown_month_stands_in_every_title_of_a_week() -> None:
    sheets = weekly(rice_rows=3, fault=WeeklyFault.UNKNOWN_MONTH)
    titles = [rows[row][0] for name, rows in sheets.items() for row in ((4,) if name == "Índice" else (2, 3, 4))]
    assert sum("brumario" in text for text in titles) == len(sheets) + 1
    assert not any("octubre" in text for text in titles)


def test_one_sheet_can_be_of_the_week_after_and_another_can_be_missing() -> None:
    assert weekly(fault=WeeklyFault.TWO_WEEKS)["1.5"][3][0].endswith("1 al 7 de noviembre de 2025")
    assert "1.6" not in weekly(fault=WeeklyFault.MISSING_SHEET)


def test_half_of_the_means_can_be_errors() -> None:
    means = [row[4] for row in weekly(fault=WeeklyFault.BAD_CELLS)["1.1"][11:-10]]
    assert 0.4 < means.count("#¡VALOR!") / len(means) < 0.6


def test_a_conflicting_row_still_keeps_its_order_when_its_mean_is_its_minimum() -> None:
    for number in range(1, 7):
        rows = weekly(repeated_rows=6, conflicting_rows=number)["1.8"][11:-12]
        assert all(Decimal(row[2]) <= Decimal(row[4]) <= Decimal(row[3]) for row in rows)
