"""Which days, weeks and months the simulated SIPSA has published."""

from datetime import date, timedelta

import pytest

from tests.simulators.sipsa.calendars import MARKET_DAYS, MONTHS, SUPPLY_MONTHS, WEEKS, WORKING_DAYS, Calendar


def test_daily_data_reach_yesterday_and_skip_sundays_and_holidays() -> None:
    assert MARKET_DAYS.latest(date(2026, 9, 11)) == date(2026, 9, 10)
    days = MARKET_DAYS.ending(date(2026, 8, 31), count=25)
    assert all(day.weekday() != 6 for day in days)
    assert date(2026, 8, 7) not in days
    assert date(2026, 8, 8) in days
    assert date(2026, 8, 8) not in WORKING_DAYS.ending(date(2026, 8, 31), count=25)


@pytest.mark.parametrize(
    ("today", "saturday"),
    [
        (date(2026, 10, 9), date(2026, 10, 3)),
        (date(2026, 10, 10), date(2026, 10, 3)),
        (date(2026, 10, 15), date(2026, 10, 3)),
        (date(2026, 10, 16), date(2026, 10, 10)),
    ],
)
def test_a_week_starts_on_saturday_and_is_published_on_its_friday(today: date, saturday: date) -> None:
    assert WEEKS.latest(today) == saturday


@pytest.mark.parametrize(
    ("calendar", "today", "month"),
    [
        (MONTHS, date(2026, 1, 7), date(2025, 11, 1)),
        (MONTHS, date(2026, 1, 8), date(2025, 12, 1)),
        (SUPPLY_MONTHS, date(2026, 10, 9), date(2026, 7, 1)),
        (SUPPLY_MONTHS, date(2026, 10, 10), date(2026, 8, 1)),
    ],
)
def test_a_month_is_published_on_a_day_of_a_later_one(calendar: Calendar, today: date, month: date) -> None:
    assert calendar.latest(today) == month


@pytest.mark.parametrize("calendar", [WORKING_DAYS, MARKET_DAYS, WEEKS, MONTHS])
def test_counting_undoes_stepping_back(calendar: Calendar) -> None:
    days = calendar.ending(calendar.latest(date(2026, 3, 20)), count=40)
    assert days == sorted(set(days))
    assert calendar.count_between(days[0], days[-1]) == 39
    assert calendar.count_between(days[-1], days[0]) == -39
    assert days[-1] - days[0] >= timedelta(days=39)
