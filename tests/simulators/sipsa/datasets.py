"""What each operation answers with: its series, its calendar, and which of its fields are computed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from mercado.sipsa import contract
from mercado.sipsa.contract import ColumnKind, Operation
from tests.simulators.sipsa import calendars, series
from tests.simulators.sipsa.calendars import Calendar
from tests.simulators.sipsa.series import Series


@dataclass(frozen=True)
class Dataset:
    """The rows of an operation.

    Attributes:
        operation: Whose rows they are.
        calendar: Which periods they are about.
        series: Returns what they are about otherwise.
        usual_series: How many of the series a period has rows for when there are rows for many periods.
        identifier: Field with a number of the row's own, or ``None`` where the service leaves it out.
        created: Returns the day and hour of the record, by the first day of the period; ``None`` where it is left out.
    """

    operation: Operation
    calendar: Calendar
    series: Callable[[], Iterable[Series]]
    usual_series: int
    identifier: str | None = None
    created: Callable[[date], str] | None = None

    @property
    def day_field(self) -> str:
        """Return the field of the calendar day."""
        return next(field.name for field in self.operation.fields if field.kind is ColumnKind.DAY)

    @property
    def value_field(self) -> str:
        """Return the field of the mean price, or of whatever else the rows are about."""
        amounts = (field for field in self.operation.fields if field.kind is ColumnKind.AMOUNT)
        return next(field.name for field in amounts if field.required)


def _next_noon(day: date) -> str:
    return f"{day + timedelta(days=1)}T12:00:01-05:00"


def _eighth_of_next_month(month: date) -> str:
    return f"{(month + timedelta(days=31)).replace(day=8)}T14:00:00-05:00"


DATASETS: Final = (
    Dataset(contract.CITY_PRICES, calendars.WORKING_DAYS, series.city_series, 272, "regId", _next_noon),
    Dataset(contract.DAILY_MARKET_PRICES, calendars.MARKET_DAYS, series.daily_series, 340),
    Dataset(contract.WEEKLY_MARKET_PRICES, calendars.WEEKS, series.weekly_series, 1_440),
    Dataset(
        contract.MONTHLY_MARKET_PRICES,
        calendars.MONTHS,
        series.monthly_series,
        1_440,
        "tmpMayoMesId",
        _eighth_of_next_month,
    ),
    Dataset(contract.MONTHLY_SUPPLY, calendars.SUPPLY_MONTHS, series.supply_series, 1_440),
    Dataset(contract.MONTHLY_FARM_INPUTS, calendars.MONTHS, series.farm_input_series, 468),
)
