"""A weekly workbook's cells are found again by another library, at the addresses that DANE's have."""

from datetime import date
from typing import get_args

import pytest

from tests.simulators.workbooks.containers import Container
from tests.simulators.workbooks.model import RiceLayout
from tests.simulators.workbooks.weekly import weekly_book
from tests.simulators.workbooks.writing import write_weekly
from tests.workbook_cells import cells_of, filled, merged_in

SATURDAY = date(2025, 10, 25)
TITLE = "Boletín semanal precios mayoristas - 25 al 31 de octubre de 2025"
BOTH = pytest.mark.parametrize("container", get_args(Container))
WEEKLY = weekly_book(SATURDAY, seed=7, price_rows=400)


@BOTH
def test_every_weekly_price_stands_in_its_row_from_row_12_on(container: Container) -> None:
    sheets = cells_of(write_weekly(WEEKLY, container=container))
    for sheet in WEEKLY.sheets:
        rows = sheets[sheet.name]
        assert filled(rows[2]) == {6: "Regresar al índice"}
        assert filled(rows[3]) == {0: TITLE}
        assert rows[5][0].rstrip("*") == f"{sheet.name}. {sheet.group}"
        assert filled(rows[9]) == {
            0: "Producto",
            1: "Mercado mayorista",
            2: " " * 10 + "Pesos por kilogramo",
            5: "Tendencia*",
        }
        assert filled(rows[10]) == {2: "Precio mínimo", 3: "Precio máximo", 4: "Precio medio"}
        for price, row in zip(sheet.prices, rows[11:], strict=False):
            amounts = (float(price.minimum), float(price.maximum), float(price.mean))
            assert row[:6] == [price.product, price.market, *amounts, price.trend or "n.d."]
        assert not filled(rows[11 + len(sheet.prices)])
        assert [row[0] for row in rows[-9:]][:2] == ["Tendencia*", "Menor a -20,01%              ---"]


@BOTH
def test_weekly_headers_are_merged_as_danes_are(container: Container) -> None:
    assert merged_in(write_weekly(WEEKLY, container=container), "1.1") == {
        ((0, 0), (2, 5)),
        ((3, 0), (4, 5)),
        ((5, 0), (7, 5)),
        ((9, 0), (10, 0)),
        ((9, 1), (10, 1)),
        ((9, 2), (9, 4)),
        ((9, 5), (10, 5)),
    }


@BOTH
def test_footnotes_of_units_stand_between_prices_and_legend(container: Container) -> None:
    sheets = cells_of(write_weekly(WEEKLY, container=container))
    notes = {name: [row[0] for row in sheets[name][-12:-9]] for name in ("1.5", "1.8")}
    assert notes["1.5"] == ["", "** Los precios reportados para los huevos son $/unidad.", ""]
    assert "jugo de frutas y vinagre son $/litro" in notes["1.8"][1]


@BOTH
@pytest.mark.parametrize(("rice_rows", "names"), [(0, ["1.9"]), (5, ["1.9", "1.10"])])
def test_the_index_lists_the_sheets_that_there_are(container: Container, rice_rows: int, names: list[str]) -> None:
    book = weekly_book(SATURDAY, seed=7, price_rows=8, rice_rows=rice_rows)
    sheets = cells_of(write_weekly(book, container=container))
    assert list(sheets) == ["Índice", *(f"1.{number}" for number in range(1, 9)), *names]
    rows = sheets["Índice"]
    assert filled(rows[4]) == {0: TITLE}
    assert filled(rows[7]) == {1: "1.1", 2: "Verduras y hortalizas"}
    assert [row[1].rstrip(".") for row in rows[15 : 15 + len(names)]] == names
    assert rows[-1][0] == "Fecha de actualización: 31 de octubre de 2025"


@BOTH
def test_the_right_column_of_supply_runs_a_row_lower_below_ipiales(container: Container) -> None:
    rows = cells_of(write_weekly(WEEKLY, container=container))["1.9"]
    assert filled(rows[2]) == {0: TITLE, 10: "Regresar al índice"}
    assert rows[4][0].splitlines()[1] == "del 16 al 29 de octubre de 2025"
    labels = ["GRUPO", "16 - 22 oct", "23 - 29 oct", "Variación (%)"]
    assert rows[9][:9] == [*labels, "", *labels]
    assert [rows[8][0], rows[14][0], rows[88][0], rows[93][0], rows[95][0]] == [
        *("TOTAL MERCADOS", "TOTAL GENERAL", "Ipiales, Centro de Acopio**", "Total", "Manizales, Centro Galerías"),
    ]
    assert [rows[88][5], rows[94][5], rows[96][5]] == [
        *("Valledupar, Mercabastos y Mercado Nuevo", "Total", "Villavicencio, Central de Abastos de Villavicencio"),
    ]
    assert rows[105][0] == "FUENTE: DANE - SIPSA"


@BOTH
def test_supply_adds_up_in_each_block_and_over_all_markets(container: Container) -> None:
    rows = cells_of(write_weekly(WEEKLY, container=container))["1.9"]
    totals = [row[start + 2] for row in rows for start in (0, 5) if row[start] == "Total"]
    assert len(totals) == 23
    assert rows[14][2] == pytest.approx(sum(totals))
    assert rows[14][2] == pytest.approx(sum(row[2] for row in rows[10:14]))


@BOTH
@pytest.mark.parametrize("layout", RiceLayout)
def test_rice_has_its_month_its_unit_and_its_places(container: Container, layout: RiceLayout) -> None:
    book = weekly_book(SATURDAY, seed=7, price_rows=8, rice_rows=4, rice_layout=layout)
    assert book.rice is not None
    price = book.rice.prices[0]
    rows = cells_of(write_weekly(book, container=container))["1.9"]
    amounts = [float(price.minimum), float(price.maximum), float(price.mean), price.trend]
    if layout is RiceLayout.NAMED:
        assert rows[3][0] == "Precios de arroz y subproductos en molino - Septiembre de 2025"
        assert rows[9][2].strip() == "Pesos por tonelada"
        assert rows[11][:6] == [price.product, f"{price.municipality} ({price.department})", *amounts]
    else:
        assert rows[5][0] == "Productos y subproductos de arroz en molino\nSeptiembre de 2025"
        assert rows[8][5].strip() == "Pesos por tonelada"
        codes = [price.code[:2], price.department, price.code, price.municipality]
        assert rows[10][:9] == [price.product, *codes, *amounts]
