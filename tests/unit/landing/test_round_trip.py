"""Whatever a workbook says, however dirty: reading returns exactly that, or refuses it for the planted fault."""

from datetime import date
from typing import get_args

import pytest
from hypothesis import given, settings

from mercado.errors import RejectedFileError
from mercado.landing.document import Document, Row
from mercado.landing.reading import read_workbook
from mercado.landing.tables import TABLES, LandingTable
from tests.simulators.workbooks.containers import Container
from tests.simulators.workbooks.daily import daily_book
from tests.simulators.workbooks.dirt import DailyDirt, Twin, WeeklyDirt
from tests.simulators.workbooks.expected import expected_rows
from tests.simulators.workbooks.faults import DailyFault, WeeklyFault
from tests.simulators.workbooks.model import DailyBook, WeeklyBook
from tests.simulators.workbooks.weekly import weekly_book
from tests.simulators.workbooks.writing import write_daily, write_weekly
from tests.workbook_strategies import Case, daily_cases, weekly_cases

EXAMPLES = settings(deadline=None, max_examples=60)
DAY = date(2026, 9, 12)


def read_rows(content: bytes) -> dict[LandingTable, list[Row]]:
    return by_table(read_workbook(content, "dropped", greatest_rejected_share=1))


def by_table(document: Document) -> dict[LandingTable, list[Row]]:
    return {table: list(document.rows.get(table, [])) for table in TABLES}


@EXAMPLES
@given(daily_cases())
def test_a_daily_workbook_is_read_as_it_was_meant(case: Case[DailyBook, DailyDirt]) -> None:
    content = write_daily(case.book, container=case.container, dirt=case.dirt)
    assert read_rows(content) == expected_rows(case.book, case.dirt)


@EXAMPLES
@given(daily_cases(unnamed=True))
def test_prices_below_a_market_without_a_name_are_left_out_cell_by_cell(case: Case[DailyBook, DailyDirt]) -> None:
    content = write_daily(case.book, container=case.container, dirt=case.dirt)
    assert read_rows(content) == expected_rows(case.book, case.dirt)


@EXAMPLES
@given(weekly_cases())
def test_a_weekly_workbook_is_read_as_it_was_meant(case: Case[WeeklyBook, WeeklyDirt]) -> None:
    content = write_weekly(case.book, container=case.container, dirt=case.dirt)
    assert read_rows(content) == expected_rows(case.book, case.dirt)


@EXAMPLES
@given(weekly_cases(zero_minima=True))
def test_a_minimum_of_zero_is_left_out_and_listed(case: Case[WeeklyBook, WeeklyDirt]) -> None:
    content = write_weekly(case.book, container=case.container, dirt=case.dirt)
    document = read_workbook(content, "dropped", greatest_rejected_share=1)
    assert by_table(document) == expected_rows(case.book, case.dirt)
    if case.dirt.zero_minima:
        assert document.rejected


@pytest.mark.parametrize("twin", Twin)
def test_a_market_that_is_there_twice_refuses_no_file(twin: Twin) -> None:
    book, dirt = daily_book(DAY, seed=1), DailyDirt(twin_market=twin)
    document = read_workbook(write_daily(book, dirt=dirt), "dropped")
    assert by_table(document) == expected_rows(book, dirt)
    assert bool(document.rejected) == (twin is not Twin.EQUAL)


@pytest.mark.parametrize("container", get_args(Container))
@pytest.mark.parametrize("fault", DailyFault)
def test_a_daily_workbook_with_a_planted_fault_is_refused_for_it(fault: DailyFault, container: Container) -> None:
    content = write_daily(daily_book(DAY, seed=1), container=container, dirt=DailyDirt(fault=fault))
    assert fault.value.casefold() in reason_of_refusal(content).casefold()


@pytest.mark.parametrize("container", get_args(Container))
@pytest.mark.parametrize("fault", WeeklyFault)
def test_a_weekly_workbook_with_a_planted_fault_is_refused_for_it(fault: WeeklyFault, container: Container) -> None:
    book = weekly_book(DAY, seed=1, price_rows=200)
    content = write_weekly(book, container=container, dirt=WeeklyDirt(fault=fault))
    assert fault.value.casefold() in reason_of_refusal(content).casefold()


def reason_of_refusal(content: bytes) -> str:
    with pytest.raises(RejectedFileError) as refused:
        read_workbook(content, "dropped")
    assert refused.value.problems
    return str(refused.value)
