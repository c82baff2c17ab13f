"""A mixture of workbooks as somebody would drop them: weekly and daily in turn, newest first, most of them dirty."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice
from typing import Final

from tests.simulators.sipsa.calendars import WEEKS, WORKING_DAYS
from tests.simulators.workbooks.containers import Container
from tests.simulators.workbooks.daily import daily_book
from tests.simulators.workbooks.dirt import CLEAN_DAILY, CLEAN_WEEKLY, DailyDirt, DayForm, Twin, WeeklyDirt
from tests.simulators.workbooks.file_names import daily_file_name, weekly_file_name
from tests.simulators.workbooks.model import RiceLayout
from tests.simulators.workbooks.spanish import WeekForm
from tests.simulators.workbooks.weekly import weekly_book
from tests.simulators.workbooks.writing import write_daily, write_weekly


@dataclass(frozen=True)
class _Daily:
    """How a daily workbook is written, and which suffix its name has, whatever is inside."""

    dirt: DailyDirt = CLEAN_DAILY
    container: Container = "xlsx"
    suffix: str = "xlsx"


@dataclass(frozen=True)
class _Weekly:
    """How a weekly workbook is written, which suffix its name has, and which sheets it has besides the prices."""

    dirt: WeeklyDirt = CLEAN_WEEKLY
    container: Container = "xlsx"
    suffix: str = "xlsx"
    supply_blocks: int = 23
    rice_rows: int = 0
    rice_layout: RiceLayout = RiceLayout.NAMED


_DAILY: Final = (
    _Daily(DailyDirt(blank_title=True, broken_lines=True)),
    _Daily(DailyDirt(double_spaces=True, stray_stars=True, empty_sheet=True, side_columns=2)),
    _Daily(DailyDirt(twin_market=Twin.EQUAL, product_label=True)),
    _Daily(DailyDirt(day_form=DayForm.EXCEL), container="xls", suffix="xls"),
    _Daily(DailyDirt(two_row_header=True, not_available="n.d"), suffix="xls"),
)
_WEEKLY: Final = (
    _Weekly(WeeklyDirt(supply_sheet_space=True, float_noise=True, leftover_legend=True)),
    _Weekly(
        WeeklyDirt(repeated_rows=6, conflicting_rows=1, index_misspelt=True),
        container="xls",
        suffix="xls",
        supply_blocks=0,
    ),
    _Weekly(WeeklyDirt(title_double_space=True, week_form=WeekForm.TIGHT), suffix="xls", rice_rows=105),
    _Weekly(
        WeeklyDirt(
            all_commas=True, old_markets=True, plain_other_groups=True, supply_row_lower=True, legend_in_column_b=True
        )
    ),
    _Weekly(
        WeeklyDirt(title_case=True, dairy_first=True, narrow_legend=True, blank_rows=8),
        supply_blocks=0,
        rice_rows=115,
        rice_layout=RiceLayout.CODED,
    ),
    _Weekly(WeeklyDirt(zero_minima=1, title_star=True, week_form=WeekForm.GLUED)),
)


def demo_workbooks(until: date, *, count: int, seed: int) -> dict[str, bytes]:
    """Return workbooks by name, weekly ones and daily ones in turn, going back in time from a day.

    The second weekly one is BIFF8, the third one is called .xls and is zipped XML inside; then this comes back every
    six. All may be loaded; rows that contradict others or have the minimum 0 are few.

    Args:
        until: The newest are of the last week that ended by this day, and of the last working day.
        count: How many, >= 0.
        seed: Of the prices, any integer >= 0.
    """
    return dict(islice(_in_turn(until, seed), count))


def _in_turn(until: date, seed: int) -> Iterator[tuple[str, bytes]]:
    day, week, number = WORKING_DAYS.latest(until + timedelta(days=1)), WEEKS.latest(until), 0
    while True:
        yield _weekly_workbook(week, _WEEKLY[number % len(_WEEKLY)], seed)
        yield _daily_workbook(day, _DAILY[number % len(_DAILY)], seed)
        day, week, number = WORKING_DAYS.before(day), WEEKS.before(week), number + 1


def _weekly_workbook(first_day: date, recipe: _Weekly, seed: int) -> tuple[str, bytes]:
    book = weekly_book(
        first_day,
        seed=seed,
        supply_blocks=recipe.supply_blocks,
        rice_rows=recipe.rice_rows,
        rice_layout=recipe.rice_layout,
    )
    name = weekly_file_name(book.first_day, book.last_day, recipe.suffix)
    return name, write_weekly(book, container=recipe.container, dirt=recipe.dirt)


def _daily_workbook(day: date, recipe: _Daily, seed: int) -> tuple[str, bytes]:
    book = daily_book(day, seed=seed)
    return daily_file_name(day, recipe.suffix), write_daily(book, container=recipe.container, dirt=recipe.dirt)
