"""What only some weekly workbooks have: a sheet of supply, a sheet of rice."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import product as pairs
from typing import Final

import numpy as np

from tests.simulators.sipsa.prices import PriceModel
from tests.simulators.workbooks.figures import RICE_THRESHOLDS_PCT, decimals, trends
from tests.simulators.workbooks.model import Rice, RiceLayout, RicePrice, Supply, SupplyAmount, SupplyBlock
from tests.simulators.workbooks.places import RICE_PRODUCTS, RICE_TOWNS, SUPPLY_MARKETS

OTHER_GROUPS: Final = "Otros grupos*"
SUPPLY_GROUPS: Final = {
    "Frutas": 0.23,
    "Tubérculos, raíces y plátanos": 0.26,
    "Verduras y hortalizas": 0.28,
    OTHER_GROUPS: 0.23,
}
"""The groups of a block and the share of each in a market's tonnes."""
_SUPPLY_STREAM, _RICE_STREAM = 220, 221
_WEEK: Final = timedelta(days=7)
_KILOGRAMS_PER_TONNE: Final = 1_000
_RICE_STEP: Final = 1_000.0
# "En la Central de Acopio de Ipiales no se recoge información de alimentos clasificados en otros grupos."
_THREE_GROUPS: Final = "Ipiales, Centro de Acopio**"


def supply_from(first_day: date, *, seed: int, blocks: int) -> Supply:
    """Return the supply of the week that starts on a day, and of the week before, for the first so many markets."""
    amounts = [tonnes * share for tonnes, share in pairs(SUPPLY_MARKETS.values(), SUPPLY_GROUPS.values())]
    model = PriceModel(np.array(amounts) * _KILOGRAMS_PER_TONNE, seed=seed, stream=_SUPPLY_STREAM)
    columns = (_tonnes(model, day) for day in (first_day - _WEEK, first_day))
    pairs_of_tonnes = list(zip(*columns, strict=True))
    size = len(SUPPLY_GROUPS)
    return Supply(
        first_day,
        tuple(
            _block(market, pairs_of_tonnes[number * size : (number + 1) * size])
            for number, market in enumerate(list(SUPPLY_MARKETS)[:blocks])
        ),
    )


def _tonnes(model: PriceModel, day: date) -> list[Decimal]:
    return [kilograms / _KILOGRAMS_PER_TONNE for kilograms in decimals(model.on(day).mean)]


def _block(market: str, tonnes: Sequence[tuple[Decimal, Decimal]]) -> SupplyBlock:
    groups = [group for group in SUPPLY_GROUPS if group != OTHER_GROUPS or market != _THREE_GROUPS]
    return SupplyBlock(
        market,
        tuple(
            SupplyAmount(group, previous, now, round((now / previous - 1) * 100, 2))
            for group, (previous, now) in zip(groups, tonnes[: len(groups)], strict=True)
        ),
    )


def rice_of(first_day: date, *, seed: int, rows: int, layout: RiceLayout) -> Rice:
    """Return the rice prices of the month before the week, for so many pairs of product and municipality."""
    month = _month_before(first_day)
    model = PriceModel(
        np.repeat(list(RICE_PRODUCTS.values()), len(RICE_TOWNS)) / _RICE_STEP, seed=seed, stream=_RICE_STREAM
    )
    now, before = model.on(month), model.on(_month_before(month))
    columns = (decimals(np.rint(prices) * _RICE_STEP) for prices in (now.minimum, now.maximum, now.mean))
    known = np.ones(now.mean.size, dtype=np.bool_)
    signs = trends(now.mean, before.mean, known=known, thresholds_pct=RICE_THRESHOLDS_PCT)
    prices = [
        RicePrice(name, town.name, town.department, town.code, low, high, middle, sign)
        for (name, town), low, high, middle, sign in zip(pairs(RICE_PRODUCTS, RICE_TOWNS), *columns, signs, strict=True)
    ]
    shown = np.sort(np.random.default_rng([seed, _RICE_STREAM, 2]).permutation(len(prices))[:rows])
    return Rice(month, layout, tuple(prices[place] for place in shown))


def _month_before(day: date) -> date:
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
