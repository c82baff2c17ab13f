"""The sheets of prices of a weekly workbook, 1.1 to 1.8, and the parts that the sheets of rice share with them."""

from collections.abc import Sequence
from itertools import repeat
from typing import Final

from tests.simulators.workbooks.dirt import WeeklyDirt
from tests.simulators.workbooks.faults import ERROR_TEXT, WeeklyFault
from tests.simulators.workbooks.model import PriceSheet, WeeklyBook, WeeklyPrice
from tests.simulators.workbooks.sheets import Look, Merged, Sheet, Value, amount_cell
from tests.simulators.workbooks.titles import BACK_LINK, weekly_title

PRICE_LABELS: Final = ("Precio mínimo", "Precio máximo", "Precio medio")
ROW_LOOKS: Final = (Look.TEXT, Look.TEXT, Look.PRICE, Look.PRICE, Look.PRICE, Look.TEXT)
FIRST_ROW: Final = 11
"""Of the prices."""
WIDE_LEGEND: Final = (
    "Tendencia*",
    "Menor a -20,01%              ---",
    "Entre -10,01% y -20%       --",
    "Entre - 0,01% y -10%        -",
    "Variacion igual a 0%         =",
    "Entre 0,01% y 10%             +",
    "Entre 10,01% y 20%           ++",
    "Mayor a 20,01%                 +++",
    "n.d: no disponible",
)
NARROW_LEGEND: Final = (
    "Tendencia*",
    "Menor a -12,01%              ---",
    "Entre -7,01% y -12%         --",
    "Entre -3,01% y -7%           -",
    "Entre 3% y -3%                 =",
    "Entre 3,01% y 7%             +",
    "Entre 7,01% y 12%           ++",
    "Mayor a 12,01%               +++",
    "n.d: no disponible",
)
_STARRED: Final = "1.4"
_FOOTNOTES: Final = {
    "1.5": " Los precios reportados para los huevos son $/unidad.",
    "1.8": " Los precios reportados para aceite vegetal mezcla, jugo de frutas y vinagre son $/litro",
}
_TWO_STARS_SINCE: Final = 2024


def price_sheet(sheet: PriceSheet, book: WeeklyBook, dirt: WeeklyDirt) -> Sheet:
    """Lay out a sheet of prices: title in A4, group in A6, header in rows 10 and 11, prices from row 12 on, legend."""
    laid_out = Sheet(sheet.name)
    stars = "" if sheet.name not in _FOOTNOTES else "*" * (2 if book.first_day.year >= _TWO_STARS_SINCE else 1)
    put_head(
        laid_out,
        title=weekly_title(book, dirt, sheet=sheet.name),
        heading=f"{sheet.name}. {sheet.group}{stars}",
        unit="kilogramo",
    )
    for row, price in enumerate(sheet.prices, FIRST_ROW):
        is_bad = dirt.fault is WeeklyFault.BAD_CELLS and row % 2 == 0
        laid_out.put_row(row, _cells(price, dirt, is_bad=is_bad), looks=ROW_LOOKS)
    row = FIRST_ROW + len(sheet.prices) + dirt.blank_rows
    if stars:
        laid_out.put(row, 0, stars + _FOOTNOTES[sheet.name])
        row += 2
    legend = NARROW_LEGEND if dirt.narrow_legend else WIDE_LEGEND
    put_legend(laid_out, row, legend, column=1 if dirt.legend_in_column_b and sheet.name == _STARRED else 0)
    return laid_out


def put_head(sheet: Sheet, *, title: str, heading: str, unit: str) -> None:
    """Write everything above the prices, with its merged ranges."""
    sheet.put_merged(Merged(0, 0, 2, 5))
    sheet.put(2, 6, BACK_LINK)
    sheet.put_merged(Merged(3, 0, 4, 5), title, Look.TITLE)
    sheet.put_merged(Merged(5, 0, 7, 5), heading, Look.TITLE)
    sheet.put_merged(Merged(9, 0, 10, 0), "Producto", Look.HEADER)
    sheet.put_merged(Merged(9, 1, 10, 1), "Mercado mayorista", Look.HEADER)
    sheet.put_merged(Merged(9, 2, 9, 4), f"{' ' * 10}Pesos por {unit}", Look.HEADER)
    sheet.put_merged(Merged(9, 5, 10, 5), "Tendencia*", Look.HEADER)
    sheet.put_row(10, PRICE_LABELS, column=2, looks=repeat(Look.HEADER))


def put_legend(sheet: Sheet, row: int, legend: Sequence[str], *, column: int = 0) -> None:
    """Write the legend of the trends downwards."""
    for offset, line in enumerate(legend):
        sheet.put(row + offset, column, line)


def _cells(price: WeeklyPrice, dirt: WeeklyDirt, *, is_bad: bool) -> tuple[Value, ...]:
    unknown = "n,d," if dirt.all_commas else "n.d."
    numbers = [amount_cell(amount, dirt.text_numbers) for amount in (price.minimum, price.maximum, price.mean)]
    if is_bad:
        numbers[-1] = ERROR_TEXT
    return (price.product, price.market, *numbers, price.trend or unknown)
