"""Strategies for the parts that drawn workbooks are put together from."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.simulators.workbooks.catalogue import weekly_catalogue
from tests.simulators.workbooks.extras import SUPPLY_GROUPS
from tests.simulators.workbooks.model import (
    PriceSheet,
    Rice,
    RiceLayout,
    RicePrice,
    Supply,
    SupplyAmount,
    SupplyBlock,
    WeeklyPrice,
)
from tests.simulators.workbooks.places import RICE_PRODUCTS, RICE_TOWNS, SUPPLY_MARKETS, WEEKLY_MARKETS

TRENDS: Final = ("+", "++", "+++", "-", "--", "---", "=", None)


def prices() -> SearchStrategy[Decimal]:
    """Return prices with centavos, COP."""
    return st.decimals(min_value=1, max_value=99_999, places=2)


def changes_pct() -> SearchStrategy[Decimal]:
    """Return changes in percent, with one decimal."""
    return st.decimals(min_value=-99, max_value=99, places=1)


def days() -> SearchStrategy[date]:
    """Return days since DANE's first daily workbook."""
    return st.dates(date(2012, 6, 12), date(2026, 12, 31))


@st.composite
def price_sheets(draw: DrawFn, name: str, group: str) -> PriceSheet:
    """Draw a sheet of prices with one to four rows."""
    products = [product.name for product in weekly_catalogue()[name]]
    pairs = st.tuples(st.sampled_from(products), st.sampled_from(WEEKLY_MARKETS))
    chosen = draw(st.lists(pairs, min_size=1, max_size=4, unique=True))
    return PriceSheet(name, group, tuple(WeeklyPrice(*pair, *draw(_triples()), draw(_trends())) for pair in chosen))


def _triples() -> SearchStrategy[tuple[Decimal, Decimal, Decimal]]:
    """Return minimum, maximum and mean."""
    return st.tuples(prices(), prices(), prices()).map(sorted).map(lambda each: (each[0], each[2], each[1]))


def _trends() -> SearchStrategy[str | None]:
    return st.sampled_from(TRENDS)


@st.composite
def supplies(draw: DrawFn, first_day: date) -> Supply:
    """Draw supply of one to four markets, with three or four groups each."""
    markets = draw(st.lists(st.sampled_from(list(SUPPLY_MARKETS)), min_size=1, max_size=4, unique=True))
    tonnes = st.decimals(min_value=Decimal("0.001"), max_value=50_000, places=3)
    blocks = []
    for market in markets:
        groups = list(SUPPLY_GROUPS)[: draw(st.integers(3, 4))]
        amounts = (SupplyAmount(group, draw(tonnes), draw(tonnes), draw(changes_pct())) for group in groups)
        blocks.append(SupplyBlock(market, tuple(amounts)))
    return Supply(first_day - timedelta(days=2), tuple(blocks))


@st.composite
def rices(draw: DrawFn, first_day: date) -> Rice:
    """Draw one to four rows of rice, in either layout, of the month in which the week begins."""
    pairs = st.tuples(st.sampled_from(list(RICE_PRODUCTS)), st.sampled_from(RICE_TOWNS))
    chosen = draw(st.lists(pairs, min_size=1, max_size=4, unique=True))
    rows = tuple(
        RicePrice(product, town.name, town.department, town.code, *draw(_triples()), draw(_trends()))
        for product, town in chosen
    )
    return Rice(first_day.replace(day=1), draw(st.sampled_from(RiceLayout)), rows)
