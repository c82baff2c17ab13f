"""What a workbook says, independent of how it is written down."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum
from types import MappingProxyType
from typing import Final

PRICE_SHEETS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "1.1": "Verduras y hortalizas",
        "1.2": "Frutas frescas",
        "1.3": "Tubérculos, raíces y plátanos",
        "1.4": "Granos y cereales",
        "1.5": "Huevos y lácteos",
        "1.6": "Carnes",
        "1.7": "Pescados",
        "1.8": "Productos procesados",
    }
)
"""The weekly workbook's sheets of prices and the product group of each."""


@dataclass(frozen=True)
class Quote:
    """A product's price in a market on a day: COP, and its change since the market day before, %, if there was one."""

    price: Decimal
    variation_pct: Decimal | None


@dataclass(frozen=True)
class DailyProduct:
    """A row of the daily workbook.

    Attributes:
        group: Product group, in DANE's words.
        name: Of the product; a star marks whatever variety prevails in each market.
        quotes: In the order of the book's markets; ``None`` where there is no price (``n.d.``).
    """

    group: str
    name: str
    quotes: tuple[Quote | None, ...]


@dataclass(frozen=True)
class DailyBook:
    """What a daily workbook says.

    Attributes:
        day: Of the prices.
        markets: Their names, from left to right; an empty one has lost its header.
        products: From top to bottom; those of a group stand together.
    """

    day: date
    markets: tuple[str, ...]
    products: tuple[DailyProduct, ...]


@dataclass(frozen=True)
class WeeklyPrice:
    """A product's prices in a market in a week, COP, and where the mean has gone since the week before.

    Attributes:
        trend: One of ``+ ++ +++ - -- --- =``; ``None`` where the week before has no price.
    """

    product: str
    market: str
    minimum: Decimal
    maximum: Decimal
    mean: Decimal
    trend: str | None


@dataclass(frozen=True)
class PriceSheet:
    """A sheet of prices: its name (``1.1`` to ``1.8``), its product group, and its rows from top to bottom."""

    name: str
    group: str
    prices: tuple[WeeklyPrice, ...]


@dataclass(frozen=True)
class SupplyAmount:
    """Tonnes of a product group that reached a market in two consecutive weeks, and the change, % (> 0: more)."""

    group: str
    previous_tonnes: Decimal
    tonnes: Decimal
    variation_pct: Decimal


@dataclass(frozen=True)
class SupplyBlock:
    """What reached a market, or a few markets that are counted together."""

    market: str
    amounts: tuple[SupplyAmount, ...]


@dataclass(frozen=True)
class Supply:
    """The sheet of supply: two weeks from Thursday to Wednesday, of which the second one starts on ``first_day``."""

    first_day: date
    blocks: tuple[SupplyBlock, ...]


class RiceLayout(Enum):
    """How the sheet of rice names places.

    ``NAMED`` is the price sheets' layout with "Aguazul (Casanare)"; ``CODED`` has columns for codes and names of
    department and municipality, and its header stands a row higher.
    """

    NAMED = "named"
    CODED = "coded"


@dataclass(frozen=True)
class RicePrice:
    """A rice product's prices at the mills of a municipality in a month, COP per tonne; the code is DIVIPOLA's."""

    product: str
    municipality: str
    department: str
    code: str
    minimum: Decimal
    maximum: Decimal
    mean: Decimal
    trend: str | None


@dataclass(frozen=True)
class Rice:
    """The sheet of rice: the first day of its month, its layout, and its rows from top to bottom."""

    month: date
    layout: RiceLayout
    prices: tuple[RicePrice, ...]


@dataclass(frozen=True)
class WeeklyBook:
    """What a weekly workbook says.

    Attributes:
        first_day: Of the week of the prices, mostly a Saturday.
        last_day: The sixth day after it, or an earlier one in a week with holidays.
        sheets: Of prices.
        supply: In sheet 1.9, or in 1.10 where rice is in 1.9.
        rice: In sheet 1.9.
    """

    first_day: date
    last_day: date
    sheets: tuple[PriceSheet, ...]
    supply: Supply | None = None
    rice: Rice | None = None
