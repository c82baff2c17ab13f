"""The daily workbook: one sheet, a row for each product, a pair of columns for each market."""

from itertools import chain, cycle, repeat
from typing import Final

from tests.simulators.workbooks.dirt import DailyDirt, DayForm
from tests.simulators.workbooks.faults import ERROR_TEXT, DailyFault
from tests.simulators.workbooks.model import DailyBook, DailyProduct, Quote
from tests.simulators.workbooks.sheets import Look, Merged, Sheet, Value, amount_cell
from tests.simulators.workbooks.soiling import soiled_daily
from tests.simulators.workbooks.spanish import weekday_and_day, with_unknown_month

_TITLE_ROW, _DAY_ROW, _MARKET_ROW = 0, 1, 2
_QUOTE_LABELS, _QUOTE_LOOKS = ("Precio", "Var %"), (Look.PRICE, Look.SHARE)
_NOTES: Final = (
    "* Variedad predominante en el mercado",
    "n.d.: no disponible",
    "Var %: variación porcentual frente al día de mercado anterior",
    "Fuente: DANE - SIPSA",
)


def daily_sheets(book: DailyBook, dirt: DailyDirt) -> list[Sheet]:
    """Lay out a daily workbook.

    Title in A1, day in A2, "Precio $/Kg" and the markets from A3 on, "Precio" and "Var %" below; then groups, alone in
    their rows, and products; an empty row and the notes.
    """
    written = soiled_daily(book, dirt)
    sheet = Sheet("Boletín diario")
    _put_title(sheet, written, dirt)
    first_row = _put_header(sheet, written, dirt)
    last_row = _put_products(sheet, written, dirt, first_row)
    for offset, note in enumerate(_NOTES, 2):
        sheet.put(last_row + offset, 0, note)
    return [sheet, Sheet("Hoja1")] if dirt.empty_sheet else [sheet]


def _put_title(sheet: Sheet, book: DailyBook, dirt: DailyDirt) -> None:
    width = 2 * len(book.markets)
    if not dirt.blank_title:
        title = "Boletín diario de precios mayoristas"
        sheet.put_merged(Merged(_TITLE_ROW, 0, _TITLE_ROW, width), title, Look.TITLE)
    if dirt.day_form is DayForm.EXCEL and dirt.fault is None:
        sheet.put_merged(Merged(_DAY_ROW, 0, _DAY_ROW, width), book.day, Look.DAY)
    else:
        sheet.put_merged(Merged(_DAY_ROW, 0, _DAY_ROW, width), _day_text(book, dirt), Look.TITLE)


def _day_text(book: DailyBook, dirt: DailyDirt) -> str:
    text = weekday_and_day(book.day)
    if dirt.fault is DailyFault.UNKNOWN_MONTH:
        return with_unknown_month(text)
    if dirt.fault is DailyFault.UNFILLED_DATE:
        return "XX de XXX de 2017"
    if dirt.fault is DailyFault.NO_YEAR:
        return text.rpartition(" de ")[0]
    return f"{book.day:%A, %B} {book.day.day}, {book.day.year}" if dirt.day_form is DayForm.ENGLISH else text


def _put_header(sheet: Sheet, book: DailyBook, dirt: DailyDirt) -> int:
    """Write the header's rows and return the row below them."""
    label_row = _MARKET_ROW + (2 if dirt.two_row_header else 1)
    sheet.put(_MARKET_ROW, 0, "Precio $/Kg", Look.HEADER)
    labels = ["Producto" if dirt.product_label else "", *_QUOTE_LABELS * len(book.markets)]
    sheet.put_row(label_row, labels, looks=repeat(Look.HEADER))
    for number, market in enumerate(book.markets):
        column = 1 + 2 * number
        if dirt.two_row_header:
            city, _, rest = market.partition(", ")
            sheet.put_merged(Merged(_MARKET_ROW, column, _MARKET_ROW, column + 1), city, Look.HEADER)
            sheet.put_merged(Merged(_MARKET_ROW + 1, column, _MARKET_ROW + 1, column + 1), rest, Look.HEADER)
        else:
            sheet.put_merged(Merged(_MARKET_ROW, column, _MARKET_ROW, column + 1), market, Look.HEADER)
    return label_row + 1


def _put_products(sheet: Sheet, book: DailyBook, dirt: DailyDirt, row: int) -> int:
    """Write groups and products from a row on and return the last row."""
    group = ""
    for place, product in enumerate(book.products):
        if product.group != group:
            group = product.group
            sheet.put(row, 0, group, Look.HEADER)
            row += 1
        is_bad = dirt.fault is DailyFault.BAD_CELLS and place % 2 == 0
        sheet.put_row(row, _product_cells(product, dirt, is_bad=is_bad), looks=chain([Look.TEXT], cycle(_QUOTE_LOOKS)))
        for number in range(dirt.side_columns):
            sheet.put(row, 2 * len(book.markets) + 2 + number, float(place + 1), Look.PRICE)
        row += 1
    return row - 1


def _product_cells(product: DailyProduct, dirt: DailyDirt, *, is_bad: bool) -> list[Value]:
    cells: list[Value] = [product.name]
    for quote in product.quotes:
        cells += [ERROR_TEXT, ERROR_TEXT] if is_bad else _quote_cells(quote, dirt)
    return cells


def _quote_cells(quote: Quote | None, dirt: DailyDirt) -> list[Value]:
    if quote is None:
        return [dirt.not_available, dirt.not_available]
    variation = quote.variation_pct
    change = dirt.not_available if variation is None else amount_cell(variation / 100, dirt.text_numbers)
    return [amount_cell(quote.price, dirt.text_numbers), change]
