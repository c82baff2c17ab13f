"""The rows that a correct reader finds in a workbook, by rules of its own: from the book, not from the cells.

Names are as written, without white space around them and with a space for a line break; a weekly price's group is the
sheet's, in one spelling, and supply's names lose the stars that only point at notes. What is not available gives no
row, neither do a price below a market without a name, a minimum of 0 and a total. Of rows with one key the last in the
sheet's order stays. Numbers have 15 significant digits, as Excel keeps them.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from mercado.landing.document import Row
from mercado.landing.tables import (
    DAILY_PRICES,
    MONTHLY_RICE,
    TABLES,
    WEEKLY_PRICES,
    WEEKLY_SUPPLY,
    LandingTable,
)
from mercado.sipsa.names import city_code
from mercado.sipsa.units import price_unit
from tests.simulators.workbooks.dirt import DailyDirt, WeeklyDirt
from tests.simulators.workbooks.model import (
    PRICE_SHEETS,
    DailyBook,
    DailyProduct,
    Rice,
    RiceLayout,
    Supply,
    WeeklyBook,
    WeeklyPrice,
)
from tests.simulators.workbooks.soiling import soiled_daily, soiled_weekly

_LINE_BREAK: Final = re.compile(r"\s*\n\s*")
_SIX_DAYS: Final = timedelta(days=6)


def expected_rows(book: DailyBook | WeeklyBook, dirt: DailyDirt | WeeklyDirt) -> dict[LandingTable, list[Row]]:
    """Return rows by table, every table with its rows or none; in the order in which their keys first appear.

    Args:
        book: Of either layout.
        dirt: Of the same layout, without a fault.

    Raises:
        TypeError: They are of different layouts.
        ValueError: The dirt has a fault, so that nothing may be read.
    """
    if dirt.fault is not None:
        message = f"expected a dirt without a fault: a workbook with {dirt.fault} has no rows"
        raise ValueError(message)
    rows: dict[LandingTable, list[Row]] = {table: [] for table in TABLES}
    if isinstance(book, DailyBook) and isinstance(dirt, DailyDirt):
        rows[DAILY_PRICES] = _last_of_each(DAILY_PRICES, _daily(soiled_daily(book, dirt)))
    elif isinstance(book, WeeklyBook) and isinstance(dirt, WeeklyDirt):
        written = soiled_weekly(book, dirt)
        rows[WEEKLY_PRICES] = _last_of_each(WEEKLY_PRICES, _weekly(written))
        rows[WEEKLY_SUPPLY] = list(_supply(written.supply)) if written.supply else []
        rows[MONTHLY_RICE] = list(_rice(written.rice)) if written.rice else []
    else:
        message = f"expected book and dirt of one layout, got {type(book).__name__} and {type(dirt).__name__}"
        raise TypeError(message)
    return rows


def _last_of_each(table: LandingTable, rows: Iterable[Row]) -> list[Row]:
    places = [table.columns.index(column) for column in table.key]
    return list({tuple(row[place] for place in places): row for row in rows}.values())


def _read(text: str) -> str:
    return _LINE_BREAK.sub(" ", text).strip()


def _daily(book: DailyBook) -> Iterable[Row]:
    for product in book.products:
        yield from _daily_product(product, book.markets, book.day)


def _daily_product(product: DailyProduct, markets: tuple[str, ...], day: date) -> Iterable[Row]:
    name = _read(product.name)
    for market, quote in zip(markets, product.quotes, strict=True):
        if market and quote:
            yield product.group, name, _read(market), day, quote.price, price_unit(name), quote.variation_pct


def _weekly(book: WeeklyBook) -> Iterable[Row]:
    for sheet in book.sheets:
        for price in sheet.prices:
            if price.minimum > 0:
                yield _weekly_price(price, PRICE_SHEETS[sheet.name], book)


def _weekly_price(price: WeeklyPrice, group: str, book: WeeklyBook) -> Row:
    product, market = _read(price.product), _read(price.market)
    amounts: tuple[Decimal, ...] = (price.minimum, price.maximum, price.mean)
    return (group, product, market, book.first_day, book.last_day, *amounts, price_unit(product), price.trend)


def _supply(supply: Supply) -> Iterable[Row]:
    week = supply.first_day, supply.first_day + _SIX_DAYS
    for block in supply.blocks:
        for amount in block.amounts:
            names = amount.group.rstrip("*"), block.market.rstrip("*")
            yield *names, *week, amount.tonnes, amount.previous_tonnes, amount.variation_pct


def _rice(rice: Rice) -> Iterable[Row]:
    for price in rice.prices:
        is_coded = rice.layout is RiceLayout.CODED
        place = price.municipality if is_coded else f"{price.municipality} ({price.department})"
        amounts = price.minimum, price.maximum, price.mean
        yield price.product, place, rice.month, *amounts, price.trend, price.code if is_coded else city_code(place)
