"""When the service publishes: which days, weeks and months an answer can be about."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

_DAY = timedelta(days=1)
_SATURDAY, _SUNDAY = 5, 6
_FIXED_HOLIDAYS = frozenset({(1, 1), (5, 1), (7, 20), (8, 7), (12, 8), (12, 25)})


@dataclass(frozen=True)
class Calendar:
    """The periods that an operation has rows for.

    Attributes:
        latest: Returns the first day of the latest period that is published on a given day.
        before: Returns the first day of the period before the one that starts on a given day.
        window: How many periods an answer covers as far as its rows allow; ``None``: as many as its rows fill.
        rolls: Whether a new period pushes the oldest one out; otherwise history stays.
    """

    latest: Callable[[date], date]
    before: Callable[[date], date]
    window: int | None
    rolls: bool = False

    def ending(self, last: date, *, count: int) -> list[date]:
        """Return the ``count`` periods that end with ``last``, oldest first."""
        periods = [last]
        while len(periods) < count:
            periods.append(self.before(periods[-1]))
        return periods[::-1]

    def count_between(self, first: date, last: date) -> int:
        """Return how many periods ``last`` is later than ``first``; both are periods; negative if it is earlier."""
        if last < first:
            return -self.count_between(last, first)
        count = 0
        while last > first:
            last, count = self.before(last), count + 1
        return count


def _is_working_day(day: date) -> bool:
    return day.weekday() < _SATURDAY and (day.month, day.day) not in _FIXED_HOLIDAYS


def _is_market_day(day: date) -> bool:
    return day.weekday() < _SUNDAY and (day.month, day.day) not in _FIXED_HOLIDAYS


def _previous(is_published: Callable[[date], bool]) -> Callable[[date], date]:
    def step(day: date) -> date:
        day -= _DAY
        while not is_published(day):
            day -= _DAY
        return day

    return step


def _first_of_months_before(day: date, months: int) -> date:
    index = day.year * 12 + day.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def _latest_week(today: date) -> date:
    """Return the Saturday of the latest week that has been published, on its last day, a Friday."""
    friday = today - timedelta(days=(today.weekday() - _SATURDAY + 1) % 7)
    return friday - timedelta(days=6)


def _monthly(*, publication_day: int, months_behind: int, window: int) -> Calendar:
    def latest(today: date) -> date:
        return _first_of_months_before(today, months_behind + (today.day < publication_day))

    return Calendar(latest, lambda day: _first_of_months_before(day, 1), window)


WORKING_DAYS: Final = Calendar(_previous(_is_working_day), _previous(_is_working_day), None)
"""Monday to Friday without the holidays of a fixed date, up to yesterday."""
MARKET_DAYS: Final = Calendar(_previous(_is_market_day), _previous(_is_market_day), None)
"""The same with Saturdays."""
WEEKS: Final = Calendar(_latest_week, lambda day: day - timedelta(days=7), 52, rolls=True)
"""Saturdays, the last twelve months."""
MONTHS: Final = _monthly(publication_day=8, months_behind=1, window=60)
"""First days of months; the month before is published on the 8th."""
SUPPLY_MONTHS: Final = _monthly(publication_day=10, months_behind=2, window=60)
"""First days of months, two months behind, published on the 10th."""
