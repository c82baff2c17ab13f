"""Books as the bytes of a workbook."""

from tests.simulators.workbooks.containers import Container, workbook_bytes
from tests.simulators.workbooks.daily_layout import daily_sheets
from tests.simulators.workbooks.dirt import CLEAN_DAILY, CLEAN_WEEKLY, DailyDirt, WeeklyDirt
from tests.simulators.workbooks.model import DailyBook, WeeklyBook
from tests.simulators.workbooks.weekly_layout import weekly_sheets


def write_daily(book: DailyBook, *, container: Container = "xlsx", dirt: DailyDirt = CLEAN_DAILY) -> bytes:
    """Return a daily workbook, always the same bytes for the same arguments."""
    return workbook_bytes(daily_sheets(book, dirt), container=container)


def write_weekly(book: WeeklyBook, *, container: Container = "xlsx", dirt: WeeklyDirt = CLEAN_WEEKLY) -> bytes:
    """Return a weekly workbook, always the same bytes for the same arguments."""
    return workbook_bytes(weekly_sheets(book, dirt), container=container)
