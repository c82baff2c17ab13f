"""Daily books of any day: prices that move smoothly, and the same ones whichever days were asked for before."""

from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.simulators.sipsa.calendars import WORKING_DAYS
from tests.simulators.sipsa.prices import PriceModel
from tests.simulators.workbooks.catalogue import DAILY_CATALOGUE, Priced
from tests.simulators.workbooks.figures import decimals, in_steps
from tests.simulators.workbooks.model import DailyBook, DailyProduct, Quote
from tests.simulators.workbooks.places import DAILY_MARKETS

_STREAM: Final = 200
_NEVER_TRADED, _MISSING_TODAY = 0.25, 0.05
_Mask = NDArray[np.bool_]


def daily_book(
    day: date, *, seed: int, products: int = len(DAILY_CATALOGUE), markets: int = len(DAILY_MARKETS)
) -> DailyBook:
    """Return what the workbook of a day says.

    A quarter of the pairs of product and market never has a price, a twentieth of the others has none on a given day.
    A variation says how the price has moved since the working day before, if it had one then.

    Args:
        day: Any.
        seed: Any integer >= 0.
        products: The first so many of 36.
        markets: The first so many of 16.
    """
    catalogue, places = DAILY_CATALOGUE[:products], DAILY_MARKETS[:markets]
    before = WORKING_DAYS.before(day)
    prices, earlier = _prices(catalogue, len(places), day, seed), _prices(catalogue, len(places), before, seed)
    shown, shown_before = (_is_shown(prices.shape, some_day, seed) for some_day in (day, before))
    fractions = np.round(prices / earlier - 1.0, 3)
    rows = zip(catalogue, prices, np.where(shown_before, fractions, np.nan), shown, strict=True)
    return DailyBook(
        day=day,
        markets=places,
        products=tuple(
            DailyProduct(product.group, product.name, _quotes(row_prices, row_fractions, row_shown))
            for product, row_prices, row_fractions, row_shown in rows
        ),
    )


def _prices(catalogue: tuple[Priced, ...], markets: int, day: date, seed: int) -> NDArray[np.float64]:
    """Return the prices of a day by product and market, shape ``(products, markets)``, COP."""
    every_product = np.repeat([product.usual_price for product in DAILY_CATALOGUE], len(DAILY_MARKETS))
    mean = PriceModel(every_product, seed=seed, stream=_STREAM).on(day).mean
    return in_steps(mean.reshape(-1, len(DAILY_MARKETS))[: len(catalogue), :markets])


def _is_shown(shape: tuple[int, ...], day: date, seed: int) -> _Mask:
    full = len(DAILY_CATALOGUE), len(DAILY_MARKETS)
    traded = np.random.default_rng([seed, _STREAM, 2]).random(full) >= _NEVER_TRADED
    today = np.random.default_rng([seed, _STREAM, 3, day.toordinal()]).random(full) >= _MISSING_TODAY
    shown: _Mask = (traded & today)[: shape[0], : shape[1]]
    return shown


def _quotes(prices: NDArray[np.float64], fractions: NDArray[np.float64], shown: _Mask) -> tuple[Quote | None, ...]:
    return tuple(
        Quote(price, None if np.isnan(fraction) else Decimal(str(fraction)) * 100) if is_shown else None
        for price, fraction, is_shown in zip(decimals(prices), fractions, shown, strict=True)
    )
