"""Weekly books of any week: prices that move smoothly, so that consecutive weeks differ by little."""

from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tests.simulators.sipsa.prices import PriceModel
from tests.simulators.workbooks.catalogue import Priced, weekly_catalogue
from tests.simulators.workbooks.extras import rice_of, supply_from
from tests.simulators.workbooks.figures import WEEKLY_THRESHOLDS_PCT, decimals, in_steps, trends
from tests.simulators.workbooks.model import PRICE_SHEETS, PriceSheet, RiceLayout, WeeklyBook, WeeklyPrice
from tests.simulators.workbooks.places import WEEKLY_MARKETS

USUAL_ROWS: Final = 4_400
_STREAM: Final = 210
_WEEK: Final = timedelta(days=7)
_MARKETS: Final = len(WEEKLY_MARKETS)
_JUMPING: Final = 0.25
# Rows of each sheet in the last week of October 2025.
_ROWS_IN_2025: Final = (921, 1_061, 320, 298, 193, 720, 241, 738)


def weekly_book(
    first_day: date,
    *,
    seed: int,
    price_rows: int = USUAL_ROWS,
    days: int = 7,
    supply_blocks: int = 23,
    rice_rows: int = 0,
    rice_layout: RiceLayout = RiceLayout.NAMED,
) -> WeeklyBook:
    """Return what the workbook of a week says.

    The rows are spread over the sheets as DANE's are. Which markets sell a product changes by a few rows from week to
    week; whatever was not there the week before has no trend.

    Args:
        first_day: Of the week; DANE's start on Saturdays.
        seed: Any integer >= 0.
        price_rows: Rows of all price sheets together, 8 to 15,000.
        days: Length of the week: 7, or fewer around holidays.
        supply_blocks: Markets with supply, 0 to 23; 0: there is no such sheet.
        rice_rows: Rows of the sheet of rice, 0 to 126; 0: there is no such sheet.
        rice_layout: Of that sheet.

    Raises:
        ValueError: ``price_rows`` is less than one for each sheet, or more than there are products and markets.
    """
    sheets = zip(PRICE_SHEETS.items(), _spread(price_rows), strict=True)
    return WeeklyBook(
        first_day=first_day,
        last_day=first_day + timedelta(days=days - 1),
        sheets=tuple(
            PriceSheet(name, group, _prices(name, first_day, rows=rows, seed=seed)) for (name, group), rows in sheets
        ),
        supply=supply_from(first_day - timedelta(days=2), seed=seed, blocks=supply_blocks) if supply_blocks else None,
        rice=rice_of(first_day, seed=seed, rows=rice_rows, layout=rice_layout) if rice_rows else None,
    )


def _spread(rows: int) -> list[int]:
    """Return how many rows each sheet has, at least one, in the proportions of 2025."""
    if rows < len(_ROWS_IN_2025):
        message = f"price_rows: expected at least one row for each of {len(_ROWS_IN_2025)} sheets, got {rows}"
        raise ValueError(message)
    bounds = np.cumsum([0, *_ROWS_IN_2025]) / sum(_ROWS_IN_2025) * (rows - len(_ROWS_IN_2025))
    return [1 + int(size) for size in np.diff(np.rint(bounds))]


def _prices(sheet: str, first_day: date, *, rows: int, seed: int) -> tuple[WeeklyPrice, ...]:
    products = weekly_catalogue()[sheet]
    stream = _STREAM + list(PRICE_SHEETS).index(sheet)
    chosen = _chosen(len(products), first_day, rows=rows, seed=seed, stream=stream)
    chosen_before = _chosen(len(products), first_day - _WEEK, rows=rows, seed=seed, stream=stream)
    low, mean, high = _levels(products, first_day, seed=seed, stream=stream)[:, chosen]
    _, mean_before, _ = _levels(products, first_day - _WEEK, seed=seed, stream=stream)[:, chosen]
    signs = trends(mean, mean_before, known=np.isin(chosen, chosen_before), thresholds_pct=WEEKLY_THRESHOLDS_PCT)
    return tuple(
        WeeklyPrice(products[pair // _MARKETS].name, WEEKLY_MARKETS[pair % _MARKETS], *prices, sign)
        for pair, prices, sign in zip(
            chosen.tolist(), zip(decimals(low), decimals(high), decimals(mean), strict=True), signs, strict=True
        )
    )


def _levels(products: tuple[Priced, ...], first_day: date, *, seed: int, stream: int) -> NDArray[np.float64]:
    """Return minimum, mean and maximum of every pair in a week, shape ``(3, pairs)``; a quarter of them jumps."""
    usual = np.repeat([product.usual_price for product in products], _MARKETS)
    prices = PriceModel(usual, seed=seed, stream=stream).on(first_day)
    rng = np.random.default_rng([seed, stream, 4, first_day.toordinal()])
    jumps = np.exp(np.where(rng.random(usual.size) < _JUMPING, rng.normal(0.0, 0.15, usual.size), 0.0))
    return in_steps(np.stack([prices.minimum, prices.mean, prices.maximum]) * jumps)


def _chosen(products: int, first_day: date, *, rows: int, seed: int, stream: int) -> NDArray[np.int64]:
    """Return which pairs of product and market have prices in a week, ascending; few come and go from week to week.

    Products that many markets sell, and markets that sell many products, come first.
    """
    shape = products, _MARKETS
    if rows > products * _MARKETS:
        message = f"price_rows: a sheet has {products} products in {_MARKETS} markets, got {rows} rows"
        raise ValueError(message)
    rng = np.random.default_rng([seed, stream, 2])
    rank = 0.3 * rng.random((products, 1)) + 0.3 * rng.random((1, _MARKETS)) + 0.4 * rng.random(shape)
    rank += 0.01 * np.random.default_rng([seed, stream, 3, first_day.toordinal()]).random(shape)
    return np.sort(np.argsort(rank, axis=None, kind="stable")[:rows])
