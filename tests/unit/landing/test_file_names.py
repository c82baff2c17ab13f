"""Names tell a date as far as they can; a name without one is fine."""

from datetime import date

import pytest

from mercado.landing.dates import Period
from mercado.landing.file_names import dates_in_name


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Sem_05jun_2021_11jun_2021.xls", date(2021, 6, 5), date(2021, 6, 11)),
        ("Sem_02ene_2021__08ene_2021.xlsx", date(2021, 1, 2), date(2021, 1, 8)),
        ("anex_25feb_al_03mar_2023.xlsx", date(2023, 2, 25), date(2023, 3, 3)),
        ("anex_04_al_10_jun_2022.xlsx", date(2022, 6, 4), date(2022, 6, 10)),
        ("anex-SIPSASemanal-25oct31oct-2025.xlsx", date(2025, 10, 25), date(2025, 10, 31)),
        ("anex-SIPSASemanal-28dic-3ene-2025.xlsx", date(2024, 12, 28), date(2025, 1, 3)),
        ("anex-SIPSASemanal-03may-10may-2024 (1).xlsx", date(2024, 5, 3), date(2024, 5, 10)),
    ],
)
def test_a_weekly_name_tells_its_week(name: str, first: date, last: date) -> None:
    assert dates_in_name(name) == Period(first, last)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("mayoristas_junio_12_2012.xls", date(2012, 6, 12)),
        ("mayoristas_anexo_sept_28_2012.xls", date(2012, 9, 28)),
        ("mayoristas_noviembre_30_2018.xlsx", date(2018, 11, 30)),
        ("anex_feb_28_2022.xlsx", date(2022, 2, 28)),
        ("anex-SIPSADiario-08sep2026.xlsx", date(2026, 9, 8)),
        ("v2-anex-SIPSADiario-08sep2026.xlsx", date(2026, 9, 8)),
    ],
)
def test_a_daily_name_tells_its_day(name: str, day: date) -> None:
    assert dates_in_name(name) == Period(day, day)


@pytest.mark.parametrize(
    "name", ["mayoristas.xls", "mayo.xls", "anex_31feb_2022.xlsx", "libro 12 2012.xls", "", "08juno2026.xls"]
)
def test_a_name_without_a_date_tells_none(name: str) -> None:
    assert dates_in_name(name) is None
