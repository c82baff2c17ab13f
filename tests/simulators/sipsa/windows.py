"""Which rows an answer has: so many of the latest periods, the oldest of them perhaps in part."""

from dataclasses import dataclass
from datetime import date

from tests.simulators.sipsa.calendars import Calendar

_FEWEST_DAYS = 30


@dataclass(frozen=True)
class Span:
    """The rows of one answer.

    Attributes:
        days: First days of its periods, oldest first.
        series: Rows of each period but the oldest.
        oldest_rows: Rows of the oldest period, at most ``series``.
    """

    days: list[date]
    series: int
    oldest_rows: int

    @property
    def rows(self) -> int:
        """Return how many rows there are."""
        return self.oldest_rows + self.series * (len(self.days) - 1) if self.days else 0

    def rows_on(self, index: int) -> int:
        """Return how many rows the period at ``index`` has."""
        return self.oldest_rows if index == 0 else self.series

    def locate(self, position: int) -> tuple[date, int]:
        """Return the period and the series of the row at ``position``, from 0, < ``rows``."""
        if position < self.oldest_rows:
            return self.days[0], position
        index, place = divmod(position - self.oldest_rows, self.series)
        return self.days[index + 1], place


@dataclass(frozen=True)
class Window:
    """How far an operation's answers reach.

    As periods go by, a calendar that rolls keeps the number of rows, and any other keeps the rows and adds new ones.

    Attributes:
        calendar: Of the operation.
        rows: Rows of the answer while ``anchor`` is the latest period, >= 0.
        series: Rows of a period.
        anchor: A period.
    """

    calendar: Calendar
    rows: int
    series: int
    anchor: date

    @classmethod
    def opened(cls, calendar: Calendar, *, rows: int, usual_series: int, today: date) -> "Window":
        """Return the window whose answer has ``rows`` rows on ``today``, spread over the calendar's periods.

        More rows than the series of those periods can give reach further back.
        """
        periods = calendar.window or _FEWEST_DAYS
        series = min(usual_series, max(1, -(-rows // periods)))
        return cls(calendar, rows, series, calendar.latest(today))

    def on(self, today: date) -> Span:
        """Return the rows of an answer on ``today``."""
        latest = self.calendar.latest(today)
        rows = self.rows
        if not self.calendar.rolls:
            rows = max(0, rows + self.series * self.calendar.count_between(self.anchor, latest))
        if rows == 0:
            return Span([], self.series, 0)
        periods = -(-rows // self.series)
        days = self.calendar.ending(latest, count=periods)
        return Span(days, self.series, rows - self.series * (periods - 1))
