"""Nine real weekly workbooks, a foreign one, and two daily ones made from the layout.

Cells that are pinned here were read by other means: those of .xls files with xlrd, those of .xlsx files in their XML.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from mercado.errors import RejectedFileError
from mercado.landing.document import Document, LayoutName, Problem, Row
from mercado.landing.reading import read_workbook
from mercado.landing.tables import DAILY_PRICES, MONTHLY_RICE, WEEKLY_PRICES, WEEKLY_SUPPLY
from tests.unit.landing.conftest import sample

Read = Callable[[str], Document]

JAN_2021 = "Sem_02ene_2021__08ene_2021.xlsx"
JUN_2021 = "Sem_05jun_2021_11jun_2021.xls"
AUG_2021 = "Sem_21ago_2021_27ago_2021.xls"
OCT_2021 = "Sem_02oct_2021_08oct_2021.xls"
JUN_2022 = "anex_18jun_al_24jun_2022.xlsx"
OCT_2022 = "anex_01oct_al_07oct_2022.xlsx"
AUG_2024 = "anex-SIPSASemanal-17ago-23ago-2024.xlsx"
DEC_2024 = "anex-SIPSASemanal-28dic-3ene-2025.xlsx"
OCT_2025 = "anex-SIPSASemanal-25oct31oct-2025.xlsx"
FOREIGN = "NOT_A_PRICE_FILE_Registro-de-activos-de-informacion.xlsx"
VEGETABLES, FRUIT, GRAIN, DAIRY = "Verduras y hortalizas", "Frutas frescas", "Granos y cereales", "Huevos y lácteos"
MEAT, FISH, PROCESSED = "Carnes", "Pescados", "Productos procesados"
ROWS = {
    JAN_2021: (4472, None, 115),
    JUN_2021: (4334, None, None),
    AUG_2021: (4415, None, None),
    OCT_2021: (4395, None, None),
    JUN_2022: (4382, 83, None),
    OCT_2022: (4377, 83, 109),
    AUG_2024: (4436, 91, None),
    DEC_2024: (4248, 91, None),
    OCT_2025: (4492, 91, None),
}


def row_of(document: Document, *key: str) -> Row:
    """Return the one row of a weekly document that begins with a key."""
    found = [row for rows in document.rows.values() for row in rows if row[: len(key)] == key]
    assert len(found) == 1
    return found[0]


def prices(*amounts: str) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, amounts))


@pytest.mark.parametrize("name", ROWS)
def test_every_row_is_read_and_none_is_rejected_but_the_one_that_contradicts_another(
    real_document: Read, name: str
) -> None:
    document = real_document(name)
    read = [document.read.get(table) for table in (WEEKLY_PRICES, WEEKLY_SUPPLY, MONTHLY_RICE)]
    assert read == list(ROWS[name])
    if name != AUG_2021:
        assert {table: len(rows) for table, rows in document.rows.items()} == document.read
        assert (document.rejected, document.notes) == ([], [])


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        (JAN_2021, date(2021, 1, 2), date(2021, 1, 8)),
        (JUN_2021, date(2021, 6, 5), date(2021, 6, 11)),
        (OCT_2021, date(2021, 10, 2), date(2021, 10, 8)),
        (DEC_2024, date(2024, 12, 28), date(2025, 1, 3)),
        (OCT_2025, date(2025, 10, 25), date(2025, 10, 31)),
    ],
)
def test_the_week_is_that_of_the_title(real_document: Read, name: str, first: date, last: date) -> None:
    document = real_document(name)
    assert (document.layout, document.report_date, document.last_day) == (LayoutName.WEEKLY, first, last)


@pytest.mark.parametrize(
    ("name", "group", "product", "market", "amounts", "unit", "trend"),
    [
        (JUN_2021, VEGETABLES, "Acelga", "Armenia, Mercar", ("1333", "1533", "1444"), "kg", "="),
        (JUN_2021, DAIRY, "Leche en polvo", "Barranquilla, Granabastos", ("29688", "29861", "29774"), "kg", "+"),
        (JUN_2021, PROCESSED, "Vinagre", "Valledupar, Mercado Nuevo", ("1000", "1083", "1056"), "litre", "="),
        (OCT_2021, MEAT, "Carne de res, falda", "Manizales, Centro Galerías", ("14000", "15000", "14667"), "kg", "="),
        (JUN_2022, FRUIT, "Uva verde", "Bogotá, D,C,, Corabastos", ("6889", "7333", "7136"), "kg", "+"),
        (AUG_2024, GRAIN, "Maíz pira", "Villavicencio, CAV", ("4726", "5217", "4877"), "kg", "+"),
        (DEC_2024, FISH, "Trucha entera fresca", "Pasto, El Potrerillo", ("20000", "20000", "20000"), "kg", "="),
        (OCT_2025, DAIRY, "Huevo blanco A", "Buenaventura (Valle del Cauca)", ("567", "600", "578"), "unit", "-"),
        (OCT_2025, PROCESSED, "Aceite de palma", "Armenia, Mercar", ("8725", "8750", "8738"), "litre", "="),
    ],
)
def test_a_row_of_prices_is_what_the_cells_say(
    real_document: Read,
    name: str,
    group: str,
    product: str,
    market: str,
    amounts: tuple[str, ...],
    unit: str,
    trend: str,
) -> None:
    assert row_of(real_document(name), group, product, market)[5:] == (*prices(*amounts), unit, trend)


def test_the_all_commas_file_loses_no_row_and_knows_what_is_not_available(real_document: Read) -> None:
    rows = real_document(JUN_2022).rows[WEEKLY_PRICES]
    assert sum("D,C,," in str(row[2]) for row in rows) == 375
    assert sum(row[-1] is None for row in rows) == 42


def test_of_the_duplicate_rows_one_has_two_prices_and_the_last_is_kept(real_document: Read) -> None:
    document = real_document(AUG_2021)
    assert len(document.rows[WEEKLY_PRICES]) == 4415 - 6
    kept = row_of(document, PROCESSED, "Vinagre", "Pamplona (Norte de Santander)")
    assert kept[5:] == (*prices("1500", "1667", "1556"), "litre", "=")
    rule = "one row for Vinagre, Pamplona (Norte de Santander); the last is kept, with 1556 in E702"
    assert document.rejected == [Problem("1.8!E696", rule, "1611")]
    assert document.notes == [
        f"1.8!E696: {rule}, found 1611",
        "1.8: 5 rows are there again with equal amounts, loaded once: C695, C697, C698, C699, C700",
    ]


@pytest.mark.parametrize(
    ("name", "market", "first", "amounts"),
    [
        (
            JUN_2022,
            "Villavicencio, Central de Abastos de Villavicencio",
            date(2022, 6, 16),
            ("420.829", "413.397", "1.7977875988456571"),
        ),
        (
            OCT_2022,
            "Villavicencio, Central de Abastos de Villavicencio",
            date(2022, 9, 29),
            ("426.3745", "406.4745", "4.8957560683388524"),
        ),
        (OCT_2022, "Ipiales, Centro de Acopio", date(2022, 9, 29), ("10", "0", None)),
        (
            DEC_2024,
            "Villavicencio, Central de Abastos de Villavicencio",
            date(2024, 12, 26),
            ("274.298", "286.87", "-4.3824728971311067"),
        ),
        (DEC_2024, "Ipiales, Centro de Acopio", date(2024, 12, 26), ("0", "0", None)),
    ],
)
def test_supply_is_of_the_present_week(
    real_document: Read, name: str, market: str, first: date, amounts: tuple[str, str, str | None]
) -> None:
    _, _, start, end, present, before, variation = row_of(real_document(name), "Frutas", market)
    assert (start, (end - start).days) == (first, 6)  # type: ignore[operator, union-attr]
    assert (present, before) == prices(*amounts[:2])
    assert variation == (None if amounts[2] is None else pytest.approx(Decimal(amounts[2]), abs=Decimal("1e-12")))


def test_other_groups_are_the_same_with_and_without_their_star(real_document: Read) -> None:
    for name in (JUN_2022, OCT_2022, OCT_2025):
        assert {row[0] for row in real_document(name).rows[WEEKLY_SUPPLY]} == {
            *("Frutas", "Otros grupos", "Tubérculos, raíces y plátanos", "Verduras y hortalizas")
        }


@pytest.mark.parametrize(
    ("name", "product", "town", "month", "amounts"),
    [
        (
            JAN_2021,
            "Arroz blanco empacado",
            "Bucaramanga",
            date(2020, 12, 1),
            ("2400000", "2520000", "2466666.66666667"),
        ),
        (JAN_2021, "Arroz blanco en bulto", "Planeta Rica", date(2020, 12, 1), ("2133000", "2133000", "2133000")),
        (
            OCT_2022,
            "Arroz blanco empacado",
            "Cúcuta (Norte de Santander)",
            date(2022, 9, 1),
            ("3600000", "3740000", "3666666.66666667"),
        ),
    ],
)
def test_rice_is_of_its_month(
    real_document: Read, name: str, product: str, town: str, month: date, amounts: tuple[str, ...]
) -> None:
    assert row_of(real_document(name), product, town)[2:-1] == (month, *prices(*amounts), "=")


def test_every_municipality_of_the_rice_has_the_code_that_the_sheet_states(real_document: Read) -> None:
    codes = {(row[1], row[-1]) for row in real_document(JAN_2021).rows[MONTHLY_RICE]}
    assert None not in {code for _, code in codes}
    assert {("Granada", "50313"), ("San Martín", "50689"), ("Villanueva", "85440")} <= codes


def test_the_foreign_workbook_is_not_recognised() -> None:
    with pytest.raises(RejectedFileError, match=r"'Productos op\. estadísticas'.*layout is not recognised"):
        read_workbook(sample(FOREIGN), FOREIGN)


@pytest.mark.parametrize("name", ["synthetic/SYNTH_daily_titled.xls", "synthetic/SYNTH_daily_blank_title.xls"])
def test_the_daily_workbooks_are_read_whole(real_document: Read, name: str) -> None:
    document = real_document(name)
    assert (document.layout, document.report_date) == (LayoutName.DAILY, date(2026, 9, 18))
    assert document.read == {DAILY_PRICES: 13}
    assert (len(document.rows[DAILY_PRICES]), document.rejected, document.notes) == (13, [], [])
    assert document.rows[DAILY_PRICES][-2:] == [
        (
            *("Tubérculos, raíces y plátanos", "Papa  negra*", "Bogotá, Corabastos"),
            date(2026, 9, 18),
            Decimal(2600),
            "kg",
            Decimal("1.9"),
        ),
        (
            *("Tubérculos, raíces y plátanos", "Papa  negra*", "Ibagué, La 21"),
            date(2026, 9, 18),
            Decimal(1950),
            "kg",
            Decimal(2),
        ),
    ]


def test_the_container_is_told_by_the_content(real_document: Read) -> None:
    """An .xls of October 2021 is an .xlsx inside; and a name may lie the other way round."""
    assert sample(OCT_2021).startswith(b"PK")
    assert read_workbook(sample(JUN_2021), JUN_2021.replace(".xls", ".xlsx")) == real_document(JUN_2021)
