"""What a book says after dirt that changes its words and rows; where and how it is written is the layouts' business."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Final

from tests.simulators.workbooks.dirt import DailyDirt, Twin, WeeklyDirt
from tests.simulators.workbooks.model import DailyBook, DailyProduct, PriceSheet, Quote, Supply, WeeklyBook, WeeklyPrice
from tests.simulators.workbooks.places import OLD_MARKET_NAMES

_DAIRY_FIRST: Final = {"Huevos y lácteos": "Lácteos y huevos"}


def soiled_daily(book: DailyBook, dirt: DailyDirt) -> DailyBook:
    """Return the book with its names as they will stand in the cells, and with the columns that are there twice."""
    markets, products = book.markets, book.products
    if dirt.twin_market:
        markets = (markets[0], *markets)
        products = tuple(_with_twin(product, dirt.twin_market) for product in products)
    named = len(markets) - dirt.missing_headers
    return replace(
        book,
        markets=tuple(_broken(market, dirt) if number < named else "" for number, market in enumerate(markets)),
        products=tuple(replace(product, name=_daily_name(product.name, dirt)) for product in products),
    )


def _with_twin(product: DailyProduct, twin: Twin) -> DailyProduct:
    first = product.quotes[0]
    if first is not None and twin is Twin.CONFLICTING:
        first = Quote(first.price + 1, first.variation_pct)
    return replace(product, quotes=(product.quotes[0], first, *product.quotes[1:]))


def _broken(market: str, dirt: DailyDirt) -> str:
    return market.replace(", ", ", \n", 1) if dirt.broken_lines else market


def _daily_name(name: str, dirt: DailyDirt) -> str:
    if dirt.double_spaces:
        name = name.replace(" ", "  ")
    return f"{name}* " if dirt.stray_stars and not name.endswith("*") else name


def soiled_weekly(book: WeeklyBook, dirt: WeeklyDirt) -> WeeklyBook:
    """Return the book with its names as they will stand in the cells, and with the rows that are there twice.

    The first rows of the last sheets get the minimum 0, then the last rows of the last sheet are repeated.
    """
    rename = _renaming(dirt)
    sheets = [
        replace(sheet, group=_group(sheet, dirt), prices=tuple(rename(price) for price in sheet.prices))
        for sheet in book.sheets
    ]
    for number in range(1, dirt.zero_minima + 1):
        first, *others = sheets[-number].prices
        sheets[-number] = replace(sheets[-number], prices=(replace(first, minimum=Decimal(0)), *others))
    repeated = sheets[-1].prices[-dirt.repeated_rows :] if dirt.repeated_rows else ()
    equal = len(repeated) - dirt.conflicting_rows
    again = (price if number < equal else _conflicting(price) for number, price in enumerate(repeated))
    sheets[-1] = replace(sheets[-1], prices=(*sheets[-1].prices, *again))
    return replace(book, sheets=tuple(sheets), supply=_soiled_supply(book.supply, dirt))


def _soiled_supply(supply: Supply | None, dirt: WeeklyDirt) -> Supply | None:
    if supply is None or not dirt.supply_double_space:
        return supply
    blocks = (replace(block, market=block.market.replace("Medellín, ", "Medellín,  ")) for block in supply.blocks)
    return replace(supply, blocks=tuple(blocks))


def _group(sheet: PriceSheet, dirt: WeeklyDirt) -> str:
    return _DAIRY_FIRST.get(sheet.group, sheet.group) if dirt.dairy_first else sheet.group


def _conflicting(price: WeeklyPrice) -> WeeklyPrice:
    """Return the same row with another mean that is still between minimum and maximum."""
    if price.mean > price.minimum:
        return replace(price, mean=price.minimum)
    return replace(price, mean=price.mean + 1, maximum=price.maximum + 1)


def _renaming(dirt: WeeklyDirt) -> Callable[[WeeklyPrice], WeeklyPrice]:
    def renamed(price: WeeklyPrice) -> WeeklyPrice:
        product, market = price.product, price.market
        if dirt.old_markets:
            market = OLD_MARKET_NAMES.get(market, market)
        if dirt.title_case:
            product = product.title()
        if dirt.all_commas:
            product, market = product.replace(".", ","), market.replace(".", ",")
        return replace(price, product=product, market=market)

    return renamed
