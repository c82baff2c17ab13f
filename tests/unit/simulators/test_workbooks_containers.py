"""Both containers: what a daily workbook's cells are read as, the same bytes again, and what does not fit."""

import re
import zipfile
from dataclasses import replace
from datetime import date
from io import BytesIO
from typing import get_args

import pytest

from tests.simulators.workbooks.containers import Container, workbook_bytes
from tests.simulators.workbooks.daily import daily_book
from tests.simulators.workbooks.foreign import foreign_workbook
from tests.simulators.workbooks.sheets import Sheet
from tests.simulators.workbooks.weekly import weekly_book
from tests.simulators.workbooks.writing import write_daily, write_weekly
from tests.workbook_cells import cells_of, filled, merged_in

SATURDAY = date(2025, 10, 25)
BOTH = pytest.mark.parametrize("container", get_args(Container))
DAILY = daily_book(date(2026, 9, 18), seed=7)
WEEKLY = weekly_book(SATURDAY, seed=7, price_rows=400)


@BOTH
def test_the_daily_header_stands_in_four_rows(container: Container) -> None:
    content = write_daily(DAILY, container=container)
    rows = cells_of(content)["Boletín diario"]
    assert filled(rows[0]) == {0: "Boletín diario de precios mayoristas"}
    assert filled(rows[1]) == {0: "Viernes 18 de septiembre de 2026"}
    assert filled(rows[2]) == {0: "Precio $/Kg", **{1 + 2 * n: name for n, name in enumerate(DAILY.markets)}}
    assert list(filled(rows[3]).values()) == ["Precio", "Var %"] * len(DAILY.markets)
    assert filled(rows[4]) == {0: "Verduras y hortalizas"}
    assert rows[5][0] == "Ahuyama"
    assert {((2, 1), (2, 2)), ((2, 3), (2, 4)), ((0, 0), (0, 32))} <= merged_in(content, "Boletín diario")


@BOTH
def test_daily_prices_are_numbers_and_variations_are_fractions(container: Container) -> None:
    rows = cells_of(write_daily(DAILY, container=container))["Boletín diario"]
    by_name = {row[0]: row for row in rows}
    for product in DAILY.products:
        for number, quote in enumerate(product.quotes):
            price, fraction = by_name[product.name][1 + 2 * number : 3 + 2 * number]
            assert price == ("n.d." if quote is None else float(quote.price))
            variation = None if quote is None else quote.variation_pct
            assert fraction == ("n.d." if variation is None else float(variation / 100))


@BOTH
def test_notes_follow_a_daily_table_after_an_empty_row(container: Container) -> None:
    rows = cells_of(write_daily(DAILY, container=container))["Boletín diario"]
    notes = [row[0] for row in rows[-5:]]
    assert notes[0] == ""
    assert notes[1] == "* Variedad predominante en el mercado"
    assert notes[-1] == "Fuente: DANE - SIPSA"


@BOTH
def test_the_same_arguments_make_the_same_bytes(container: Container) -> None:
    assert write_daily(DAILY, container=container) == write_daily(DAILY, container=container)
    assert write_weekly(WEEKLY, container=container) == write_weekly(WEEKLY, container=container)
    assert write_daily(DAILY, container=container) != write_daily(replace(DAILY, day=SATURDAY), container=container)


def test_no_clock_is_in_a_zipped_workbook() -> None:
    with zipfile.ZipFile(BytesIO(write_daily(DAILY, container="xlsx"))) as parts:
        assert {part.date_time for part in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        properties = parts.read("docProps/core.xml").decode()
    assert set(re.findall(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+Z", properties)) == {"2020-01-01T00:00:00Z"}


def test_the_containers_are_what_they_say() -> None:
    assert zipfile.is_zipfile(BytesIO(write_daily(DAILY, container="xlsx")))
    assert write_daily(DAILY, container="xls").startswith(bytes.fromhex("d0cf11e0a1b11ae1"))


def test_more_rows_than_biff_has_are_refused() -> None:
    sheet = Sheet("1.1")
    sheet.put(65_536, 0, "one too many")
    with pytest.raises(ValueError, match="65536"):
        workbook_bytes([sheet], container="xls")


@BOTH
def test_a_foreign_workbook_has_no_sheet_of_prices(container: Container) -> None:
    assert list(cells_of(foreign_workbook(container=container))) == ["Activos de información", "Hoja2"]
