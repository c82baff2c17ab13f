"""Small workbooks of every kind for property tests: what one says, how badly it is written, and in which container.

Prices have centavos at most, so that a text of digits with one sign is never a number with a sign for thousands. A
single row that contradicts another is a large share of a small workbook: let the reader accept any share.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Generic, TypeVar, get_args

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from tests.simulators.workbooks.catalogue import DAILY_CATALOGUE
from tests.simulators.workbooks.containers import Container
from tests.simulators.workbooks.dirt import DailyDirt, DayForm, TextNumbers, Twin, WeeklyDirt
from tests.simulators.workbooks.model import PRICE_SHEETS, DailyBook, DailyProduct, Quote, WeeklyBook
from tests.simulators.workbooks.places import DAILY_MARKETS
from tests.simulators.workbooks.spanish import PeriodForm, WeekForm
from tests.workbook_parts import changes_pct, days, price_sheets, prices, rices, supplies

Book = TypeVar("Book")
Dirt = TypeVar("Dirt")
NOT_AVAILABLE: Final = ("n.d.", "n.d", "N.D.", "n,d,", "nd", "")


@dataclass(frozen=True)
class Case(Generic[Book, Dirt]):
    """A workbook to be written and read again."""

    book: Book
    dirt: Dirt
    container: Container


CONTAINERS: Final = st.sampled_from(get_args(Container))


@st.composite
def daily_cases(draw: DrawFn, *, unnamed: bool = False) -> Case[DailyBook, DailyDirt]:
    """Draw a daily workbook of up to four markets and six products with at least one price.

    Args:
        draw: Hypothesis's.
        unnamed: Whether a market may have lost its header, so that its prices are rejected.
    """
    markets = draw(st.lists(st.sampled_from(DAILY_MARKETS), min_size=1, max_size=4, unique=True))
    chosen = draw(st.lists(st.integers(0, len(DAILY_CATALOGUE) - 1), min_size=1, max_size=6, unique=True).map(sorted))
    quotes = st.builds(Quote, prices(), st.none() | changes_pct())
    rows = [draw(st.lists(st.none() | quotes, min_size=len(markets), max_size=len(markets))) for _ in chosen]
    rows[0][0] = draw(quotes)
    products = [
        DailyProduct(DAILY_CATALOGUE[number].group, DAILY_CATALOGUE[number].name, tuple(row))
        for number, row in zip(chosen, rows, strict=True)
    ]
    dirt = draw(
        st.builds(
            DailyDirt,
            blank_title=st.booleans(),
            day_form=st.sampled_from(DayForm),
            two_row_header=st.booleans(),
            product_label=st.booleans(),
            broken_lines=st.booleans(),
            twin_market=st.none() | st.sampled_from(Twin),
            missing_headers=st.integers(0, len(markets) - 1) if unnamed else st.just(0),
            double_spaces=st.booleans(),
            stray_stars=st.booleans(),
            empty_sheet=st.booleans(),
            side_columns=st.integers(0, 2),
            not_available=st.sampled_from(NOT_AVAILABLE),
            text_numbers=st.none() | st.sampled_from(TextNumbers),
        )
    )
    return Case(DailyBook(draw(days()), tuple(markets), tuple(products)), dirt, draw(CONTAINERS))


@st.composite
def weekly_cases(draw: DrawFn, *, zero_minima: bool = False) -> Case[WeeklyBook, WeeklyDirt]:
    """Draw a weekly workbook with one to four rows in each sheet of prices, with or without supply and rice.

    Args:
        draw: Hypothesis's.
        zero_minima: Whether rows may have the minimum 0, so that they are rejected.
    """
    first_day = draw(days())
    sheets = tuple(draw(price_sheets(name, group)) for name, group in PRICE_SHEETS.items())
    repeated = draw(st.integers(0, len(sheets[-1].prices)))
    dirt = draw(
        st.builds(
            WeeklyDirt,
            period_form=st.sampled_from(PeriodForm),
            title_double_space=st.booleans(),
            title_star=st.booleans(),
            index_misspelt=st.booleans(),
            dairy_first=st.booleans(),
            all_commas=st.booleans(),
            title_case=st.booleans(),
            old_markets=st.booleans(),
            text_numbers=st.none() | st.sampled_from(TextNumbers),
            blank_rows=st.integers(1, 8),
            legend_in_column_b=st.booleans(),
            narrow_legend=st.booleans(),
            repeated_rows=st.just(repeated),
            conflicting_rows=st.integers(0, repeated),
            zero_minima=st.integers(0, 2) if zero_minima else st.just(0),
            supply_sheet_space=st.booleans(),
            supply_row_lower=st.booleans(),
            week_form=st.sampled_from(WeekForm),
            supply_double_space=st.booleans(),
            float_noise=st.booleans(),
            plain_other_groups=st.booleans(),
            leftover_legend=st.booleans(),
        )
    )
    book = WeeklyBook(
        first_day=first_day,
        last_day=first_day + timedelta(days=draw(st.integers(4, 6))),
        sheets=sheets,
        supply=draw(st.none() | supplies(first_day)),
        rice=draw(st.none() | rices(first_day)),
    )
    return Case(book, dirt, draw(CONTAINERS))
