"""The books that workbooks are made of: any size, the same ones again, and figures that can be."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest

from mercado.sipsa.names import normalised_market, normalised_product
from tests.simulators.workbooks.daily import daily_book
from tests.simulators.workbooks.model import PRICE_SHEETS, RiceLayout, RicePrice, WeeklyBook, WeeklyPrice
from tests.simulators.workbooks.weekly import weekly_book

DAY = date(2026, 9, 8)
SATURDAY = date(2025, 10, 25)
WEEK = timedelta(days=7)


def prices(book: WeeklyBook) -> Iterator[WeeklyPrice | RicePrice]:
    for sheet in book.sheets:
        yield from sheet.prices
    yield from book.rice.prices if book.rice else ()


def means(book: WeeklyBook) -> dict[tuple[str, str, str], float]:
    rows = ((sheet.name, price) for sheet in book.sheets for price in sheet.prices)
    return {(name, price.product, price.market): float(price.mean) for name, price in rows}


def test_a_daily_book_has_36_products_in_16_markets_and_most_of_their_prices() -> None:
    book = daily_book(DAY, seed=7)
    assert len(book.products) == 36
    assert len(book.markets) == len(set(book.markets)) == 16
    shown = [quote for product in book.products for quote in product.quotes if quote]
    assert 350 < len(shown) < 480
    assert all(quote.price > 0 for quote in shown)
    assert any(quote.variation_pct for quote in shown)


def test_the_products_of_a_daily_group_stand_together() -> None:
    groups = [product.group for product in daily_book(DAY, seed=7).products]
    assert len(list(dict.fromkeys(groups))) == 1 + sum(one != other for one, other in pairwise(groups))


def test_a_smaller_daily_book_is_a_corner_of_the_whole_one() -> None:
    whole, corner = daily_book(DAY, seed=7), daily_book(DAY, seed=7, products=4, markets=3)
    assert corner.markets == whole.markets[:3]
    assert [product.quotes for product in corner.products] == [product.quotes[:3] for product in whole.products[:4]]


def test_a_variation_says_how_the_price_has_moved_since_the_working_day_before() -> None:
    monday, friday = daily_book(date(2026, 9, 7), seed=7), daily_book(date(2026, 9, 4), seed=7)
    checked = 0
    for now, before in zip(monday.products, friday.products, strict=True):
        for quote, earlier in zip(now.quotes, before.quotes, strict=True):
            if quote and earlier and quote.variation_pct is not None:
                assert float(quote.variation_pct) == pytest.approx(
                    float(quote.price / earlier.price - 1) * 100, abs=0.06
                )
                checked += 1
            assert quote is None or (quote.variation_pct is None) == (earlier is None)
    assert checked > 300


@pytest.mark.parametrize("rows", [8, 9, 60, 4_400])
def test_a_weekly_book_has_exactly_the_rows_that_were_asked_for_in_all_eight_sheets(rows: int) -> None:
    book = weekly_book(SATURDAY, seed=7, price_rows=rows)
    assert {sheet.name: sheet.group for sheet in book.sheets} == PRICE_SHEETS
    assert sum(len(sheet.prices) for sheet in book.sheets) == rows == len(means(book))
    assert all(sheet.prices for sheet in book.sheets)


@pytest.mark.parametrize("rows", [7, 40_000])
def test_rows_that_no_book_can_have_are_refused(rows: int) -> None:
    with pytest.raises(ValueError, match="price_rows"):
        weekly_book(SATURDAY, seed=7, price_rows=rows)


@pytest.mark.parametrize("layout", RiceLayout)
def test_every_mean_is_between_minimum_and_maximum(layout: RiceLayout) -> None:
    book = weekly_book(SATURDAY, seed=7, rice_rows=126, rice_layout=layout)
    assert all(0 < price.minimum <= price.mean <= price.maximum for price in prices(book))


def test_every_trend_occurs_and_agrees_with_the_week_before() -> None:
    before, now = weekly_book(SATURDAY - WEEK, seed=7), weekly_book(SATURDAY, seed=7)
    earlier = means(before)
    found = {price.trend for price in prices(now)}
    assert found == {"+", "++", "+++", "-", "--", "---", "=", None}
    for sheet in now.sheets:
        for price in sheet.prices:
            old = earlier.get((sheet.name, price.product, price.market))
            change = None if old is None else float(price.mean) - old
            sign = None if change is None else "+" if change > 0 else "-" if change < 0 else "="
            assert (price.trend[0] if price.trend else None) == sign


def test_consecutive_weeks_have_mostly_the_same_rows_at_nearly_the_same_prices() -> None:
    before, now = means(weekly_book(SATURDAY - WEEK, seed=7)), means(weekly_book(SATURDAY, seed=7))
    common = before.keys() & now.keys()
    assert 0.95 * len(now) < len(common) < len(now)
    assert sum(abs(now[key] / before[key] - 1) < 0.1 for key in common) > 0.7 * len(common)


def test_this_weeks_supply_before_is_last_weeks_supply() -> None:
    before, now = weekly_book(SATURDAY - WEEK, seed=7).supply, weekly_book(SATURDAY, seed=7).supply
    assert before is not None
    assert now is not None
    assert now.first_day == date(2025, 10, 23)
    for old, new in zip(before.blocks, now.blocks, strict=True):
        assert [amount.tonnes for amount in old.amounts] == [amount.previous_tonnes for amount in new.amounts]


def test_rice_is_of_the_month_before_the_week() -> None:
    rice = weekly_book(date(2021, 1, 2), seed=7, price_rows=8, rice_rows=9).rice
    assert rice is not None
    assert rice.month == date(2020, 12, 1)
    assert len(rice.prices) == 9


def test_the_same_arguments_make_the_same_book_and_another_seed_another_one() -> None:
    assert weekly_book(SATURDAY, seed=7, price_rows=80) == weekly_book(SATURDAY, seed=7, price_rows=80)
    assert weekly_book(SATURDAY, seed=7, price_rows=80) != weekly_book(SATURDAY, seed=8, price_rows=80)
    assert daily_book(DAY, seed=7) == daily_book(DAY, seed=7)
    assert daily_book(DAY, seed=7) != daily_book(DAY, seed=8)


def test_all_names_are_known_to_the_tables_of_names() -> None:
    daily, weekly = daily_book(DAY, seed=7), weekly_book(SATURDAY, seed=7)
    assert weekly.supply is not None
    markets = {*daily.markets, *(block.market for block in weekly.supply.blocks)}
    markets |= {price.market for sheet in weekly.sheets for price in sheet.prices}
    products = {product.name for product in daily.products} | {price.product for price in prices(weekly)}
    assert [name for name in markets if not normalised_market(name).known] == []
    assert [name for name in products if not normalised_product(name).known] == []
