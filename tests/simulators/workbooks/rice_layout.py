"""The sheet of rice at the mills, 1.9 of some weekly workbooks: a month's prices by the tonne."""

from itertools import repeat
from typing import Final

from tests.simulators.workbooks.dirt import WeeklyDirt
from tests.simulators.workbooks.model import Rice, RiceLayout, RicePrice
from tests.simulators.workbooks.price_layout import (
    FIRST_ROW,
    NARROW_LEGEND,
    PRICE_LABELS,
    ROW_LOOKS,
    put_head,
    put_legend,
)
from tests.simulators.workbooks.sheets import Look, Merged, Sheet, Value, amount_cell
from tests.simulators.workbooks.spanish import month_and_year
from tests.simulators.workbooks.titles import BACK_LINK, SYSTEM, dated

NAME: Final = "1.9"
_LABELS: Final = (
    "Producto",
    "Código departamento",
    "Nombre departamento ",
    "Código municipio",
    "Nombre municipio ",
)
_HEADER_ROW, _UNIT_COLUMN, _TREND_COLUMN = 8, 5, 8
_CODED_LOOKS: Final = (*(Look.TEXT,) * 5, Look.PRICE, Look.PRICE, Look.PRICE, Look.TEXT)
_CODED_LEGEND: Final = (
    ("Tendencia", ""),
    ("Menor a -12%", "---"),
    ("Entre -12% y -7%", "--"),
    ("Entre -6,99% y -3%", "-"),
    ("Entre -2,99% y 3%", "="),
    ("Entre 3,01% y 7%", "+"),
    ("Entre 7,01% y 12%", "++"),
    ("Mayor a 12%", "+++"),
    ("n.d: no disponible", ""),
)
# Stored as a number among texts (2 January 2021).
_NUMERIC_CODE: Final = "23555"


def rice_sheet(rice: Rice, dirt: WeeklyDirt) -> Sheet:
    """Lay out the sheet of rice."""
    return _named(rice, dirt) if rice.layout is RiceLayout.NAMED else _coded(rice, dirt)


def _named(rice: Rice, dirt: WeeklyDirt) -> Sheet:
    """Lay it out like a sheet of prices (2022)."""
    sheet = Sheet(NAME)
    title = dated(f"Precios de arroz y subproductos en molino - {month_and_year(rice.month)}", dirt)
    put_head(sheet, title=title, heading="1.9. Arroz y subproductos en molino", unit="tonelada")
    for row, price in enumerate(rice.prices, FIRST_ROW):
        place = f"{price.municipality} ({price.department})"
        sheet.put_row(row, (price.product, place, *_amounts(price), price.trend or "n.d."), looks=ROW_LOOKS)
    put_legend(sheet, FIRST_ROW + len(rice.prices) + 1, NARROW_LEGEND)
    return sheet


def _coded(rice: Rice, dirt: WeeklyDirt) -> Sheet:
    """Lay it out with codes: the month in A6, header in rows 9 and 10, prices from row 11 on (2021)."""
    sheet = Sheet(NAME)
    sheet.put_merged(Merged(0, 0, 2, 1))
    sheet.put_merged(Merged(0, 5, 2, 8))
    sheet.put(2, 9, BACK_LINK)
    sheet.put_merged(Merged(3, 0, 4, 8), f"{SYSTEM}  -SIPSA-", Look.TITLE)
    heading = dated(f"Productos y subproductos de arroz en molino\n{month_and_year(rice.month)}", dirt)
    sheet.put_merged(Merged(5, 0, 7, 8), heading, Look.TITLE)
    _put_coded_header(sheet)
    first = _HEADER_ROW + 2
    for row, price in enumerate(rice.prices, first):
        sheet.put_row(row, _coded_cells(price), looks=_CODED_LOOKS)
    for row, line in enumerate(_CODED_LEGEND, first + len(rice.prices) + 1):
        sheet.put_row(row, line)
    return sheet


def _put_coded_header(sheet: Sheet) -> None:
    for column, label in enumerate(_LABELS):
        sheet.put_merged(Merged(_HEADER_ROW, column, _HEADER_ROW + 1, column), label, Look.HEADER)
    unit_place = Merged(_HEADER_ROW, _UNIT_COLUMN, _HEADER_ROW, _UNIT_COLUMN + 2)
    sheet.put_merged(unit_place, f"{' ' * 10}Pesos por tonelada", Look.HEADER)
    sheet.put_merged(Merged(_HEADER_ROW, _TREND_COLUMN, _HEADER_ROW + 1, _TREND_COLUMN), "Tendencia", Look.HEADER)
    sheet.put_row(_HEADER_ROW + 1, PRICE_LABELS, column=_UNIT_COLUMN, looks=repeat(Look.HEADER))


def _coded_cells(price: RicePrice) -> tuple[Value, ...]:
    code: Value = float(price.code) if price.code == _NUMERIC_CODE else price.code
    place = (price.code[:2], price.department, code, price.municipality)
    return (price.product, *place, *_amounts(price), price.trend or "n.d")


def _amounts(price: RicePrice) -> list[str | float]:
    return [amount_cell(amount) for amount in (price.minimum, price.maximum, price.mean)]
