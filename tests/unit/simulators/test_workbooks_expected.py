"""The rows that a correct reader must find: by hand for each rule, and drawn workbooks in general."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from python_calamine import CalamineWorkbook

from mercado.landing.document import Row
from mercado.landing.tables import DAILY_PRICES, MONTHLY_RICE, TABLES, WEEKLY_PRICES, WEEKLY_SUPPLY
from tests.simulators.workbooks.dirt import CLEAN_DAILY, CLEAN_WEEKLY, DailyDirt, Twin, WeeklyDirt
from tests.simulators.workbooks.expected import expected_rows
from tests.simulators.workbooks.faults import DailyFault
from tests.simulators.workbooks.model import DailyBook, DailyProduct, Quote, RiceLayout, WeeklyBook
from tests.simulators.workbooks.weekly import weekly_book
from tests.simulators.workbooks.writing import write_daily, write_weekly
from tests.workbook_strategies import Case, daily_cases, weekly_cases

DAY = date(2026, 9, 18)
EGG = DailyProduct(
    "Huevos y lácteos", "Huevo rojo A", (Quote(Decimal("420"), Decimal("3")), None, Quote(Decimal("430.5"), None))
)
DAILY = DailyBook(DAY, ("Ibagué, La 21", "Tunja", "Popayán"), (EGG,))
WEEKLY = weekly_book(date(2025, 10, 25), seed=7, price_rows=60, rice_rows=4)
POTATO = replace(EGG, group="Tubérculos, raíces y plátanos", name="Papa criolla")


def daily_row(market: str, price: str, variation: Decimal | None = None, *, name: str = "Huevo rojo A") -> Row:
    return (EGG.group, name, market, DAY, Decimal(price), "unit", variation)


def test_a_daily_row_has_a_price_with_its_unit_and_a_variation_in_percent() -> None:
    assert expected_rows(DAILY, CLEAN_DAILY) == {
        **{table: [] for table in TABLES},
        DAILY_PRICES: [daily_row("Ibagué, La 21", "420", Decimal(3)), daily_row("Popayán", "430.5")],
    }


def test_spaces_and_stars_within_names_stay_and_line_breaks_go() -> None:
    book = replace(DAILY, products=(replace(POTATO, quotes=EGG.quotes),))
    rows = expected_rows(book, DailyDirt(broken_lines=True, double_spaces=True, stray_stars=True))[DAILY_PRICES]
    assert [row[1:3] for row in rows] == [("Papa  criolla*", "Ibagué, La 21"), ("Papa  criolla*", "Popayán")]


@pytest.mark.parametrize(("twin", "price"), [(Twin.EQUAL, "420"), (Twin.CONFLICTING, "421")])
def test_of_a_market_that_is_there_twice_the_last_price_stays(twin: Twin, price: str) -> None:
    rows = expected_rows(DAILY, DailyDirt(twin_market=twin))[DAILY_PRICES]
    assert [row[2] for row in rows] == ["Ibagué, La 21", "Popayán"]
    assert rows[0][4] == Decimal(price)


def test_prices_below_a_lost_header_are_no_rows() -> None:
    assert len(expected_rows(DAILY, DailyDirt(missing_headers=1))[DAILY_PRICES]) == 1


def test_a_weekly_row_has_the_group_of_its_sheet_and_both_ends_of_its_week() -> None:
    rows = expected_rows(WEEKLY, WeeklyDirt(dairy_first=True))[WEEKLY_PRICES]
    assert len(rows) == 60
    assert {row[0] for row in rows} == {sheet.group for sheet in WEEKLY.sheets}
    assert {row[3:5] for row in rows} == {(date(2025, 10, 25), date(2025, 10, 31))}
    price = WEEKLY.sheets[0].prices[0]
    assert rows[0][1:3] == (price.product, price.market)
    assert rows[0][5:] == (price.minimum, price.maximum, price.mean, "kg", price.trend)


def test_repeated_rows_count_once_and_the_last_one_counts() -> None:
    clean = expected_rows(WEEKLY, CLEAN_WEEKLY)[WEEKLY_PRICES]
    assert expected_rows(WEEKLY, WeeklyDirt(repeated_rows=5))[WEEKLY_PRICES] == clean
    conflicting = expected_rows(WEEKLY, WeeklyDirt(repeated_rows=5, conflicting_rows=1))[WEEKLY_PRICES]
    assert conflicting[:-1] == clean[:-1]
    assert conflicting[-1][:7] == clean[-1][:7]
    assert conflicting[-1] != clean[-1]


def test_a_minimum_of_0_is_no_row() -> None:
    clean, rows = (expected_rows(WEEKLY, dirt)[WEEKLY_PRICES] for dirt in (CLEAN_WEEKLY, WeeklyDirt(zero_minima=3)))
    assert len(rows) == len(clean) - 3
    assert set(rows) < set(clean)


def test_supply_is_of_the_second_week_without_totals() -> None:
    rows = expected_rows(WEEKLY, CLEAN_WEEKLY)[WEEKLY_SUPPLY]
    assert WEEKLY.supply is not None
    assert len(rows) == 4 * 23 - 1
    assert {row[0] for row in rows} == {
        *("Frutas", "Tubérculos, raíces y plátanos", "Verduras y hortalizas", "Otros grupos"),
    }
    amount = WEEKLY.supply.blocks[0].amounts[3]
    expected = ("Otros grupos", "Armenia, Mercar", date(2025, 10, 23), date(2025, 10, 29))
    assert rows[3] == (*expected, amount.tonnes, amount.previous_tonnes, amount.variation_pct)


@pytest.mark.parametrize("layout", RiceLayout)
def test_rice_is_of_its_month_and_its_place_as_the_layout_writes_it(layout: RiceLayout) -> None:
    assert WEEKLY.rice is not None
    rice = replace(WEEKLY.rice, layout=layout)
    rows = expected_rows(replace(WEEKLY, rice=rice), CLEAN_WEEKLY)[MONTHLY_RICE]
    price = rice.prices[0]
    place = price.municipality if layout is RiceLayout.CODED else f"{price.municipality} ({price.department})"
    amounts = price.minimum, price.maximum, price.mean
    assert rows[0] == (price.product, place, date(2025, 9, 1), *amounts, price.trend, price.code)


def test_a_workbook_with_a_fault_or_dirt_of_another_layout_has_no_rows() -> None:
    with pytest.raises(ValueError, match="UNKNOWN_MONTH"):
        expected_rows(DAILY, DailyDirt(fault=DailyFault.UNKNOWN_MONTH))
    with pytest.raises(TypeError, match="DailyBook and WeeklyDirt"):
        expected_rows(DAILY, CLEAN_WEEKLY)


@settings(max_examples=30, deadline=None)
@given(daily_cases(unnamed=True))
def test_any_daily_workbook_can_be_written_and_has_one_row_for_each_key(case: Case[DailyBook, DailyDirt]) -> None:
    content = write_daily(case.book, container=case.container, dirt=case.dirt)
    assert CalamineWorkbook.from_filelike(BytesIO(content)).sheet_names[0] == "Boletín diario"
    rows = expected_rows(case.book, case.dirt)[DAILY_PRICES]
    assert len({row[1:4] for row in rows}) == len(rows)


@settings(max_examples=30, deadline=None)
@given(weekly_cases(zero_minima=True))
def test_any_weekly_workbook_can_be_written_and_has_one_row_for_each_key(case: Case[WeeklyBook, WeeklyDirt]) -> None:
    content = write_weekly(case.book, container=case.container, dirt=case.dirt)
    assert len(CalamineWorkbook.from_filelike(BytesIO(content)).sheet_names) >= 9
    rows = expected_rows(case.book, case.dirt)
    for table in (WEEKLY_PRICES, WEEKLY_SUPPLY, MONTHLY_RICE):
        places = [table.columns.index(column) for column in table.key]
        assert len({tuple(row[place] for place in places) for row in rows[table]}) == len(rows[table])
