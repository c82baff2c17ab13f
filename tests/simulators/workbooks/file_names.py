"""Names of workbooks as DANE has given them over the years."""

from datetime import date

from tests.simulators.workbooks.spanish import MONTHS, short_month

_SEMANAL_SINCE, _UNDERSCORES_SINCE = 2024, 2022


def daily_file_name(day: date, suffix: str) -> str:
    """Return such as ``anex-SIPSADiario-08sep2026.xlsx``, or what a daily workbook of that year was called.

    Args:
        day: Of the prices.
        suffix: Of the file, without its point.
    """
    if day.year >= _SEMANAL_SINCE:
        return f"anex-SIPSADiario-{day.day:02}{short_month(day)}{day.year}.{suffix}"
    if day.year >= _UNDERSCORES_SINCE:
        return f"anex_{short_month(day)}_{day.day}_{day.year}.{suffix}"
    return f"mayoristas_{MONTHS[day.month - 1]}_{day.day}_{day.year}.{suffix}"


def weekly_file_name(first_day: date, last_day: date, suffix: str) -> str:
    """Return such as ``anex-SIPSASemanal-25oct31oct-2025.xlsx``, or what a weekly workbook of that year was called."""
    first, last = (f"{day.day:02}{short_month(day)}" for day in (first_day, last_day))
    if last_day.year >= _SEMANAL_SINCE:
        return f"anex-SIPSASemanal-{first}{last}-{last_day.year}.{suffix}"
    if last_day.year >= _UNDERSCORES_SINCE:
        return f"anex_{first}_al_{last}_{last_day.year}.{suffix}"
    return f"Sem_{first}_{first_day.year}_{last}_{last_day.year}.{suffix}"
