"""DANE's layouts as data: the words that are looked for, so that a workbook that has others is refused, not guessed.

Words are as `mercado.sipsa.names.simplified` makes them: without case, accents and punctuation.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from mercado.sipsa.names import simplified

TITLE_ROWS: Final = 20
"""A sheet's header is looked for in so many rows."""

_NOTES: Final = (
    *("tendencia", "menor a", "entre ", "variacion", "mayor a"),
    *("n d", "nd ", "fuente", "nota", "var ", "variedad", "los precios reportados"),
)


def is_note(text: str) -> bool:
    """Return whether a text begins the legend or the footnotes below a table."""
    return text.startswith("*") or simplified(text).startswith(_NOTES)


@dataclass(frozen=True)
class DailyLayout:
    """One sheet, products by markets, each market with a price and its variation.

    Attributes:
        price: Heads a column of prices, in the row below the markets' names.
        variations: Either heads a column of variations.
        units: One stands above the table; prices are per kilogram.
    """

    price: str
    variations: tuple[str, ...]
    units: frozenset[str]


@dataclass(frozen=True)
class LongLayout:
    """A sheet with a row per product and place.

    Attributes:
        unit: Heads the three prices.
        places: Either heads the column of places.
        product: Heads the column of products.
        prices: Head the columns of the minimum, the maximum and the mean, below the unit.
        trend: Heads the column of trends.
        code: Heads the column of the places' codes, where a sheet may have one.
    """

    unit: str
    places: tuple[str, ...]
    product: str = "producto"
    prices: tuple[str, str, str] = ("precio minimo", "precio maximo", "precio medio")
    trend: str = "tendencia"
    code: str | None = None


@dataclass(frozen=True)
class SupplyLayout:
    """A sheet with a block per market, blocks side by side.

    Attributes:
        title: Is part of the cell that names both weeks.
        group: Heads a block's column of groups, below the market's name.
        variation: Heads a block's last column.
        totals: Either ends a block.
        all_markets: The block that adds up the others.
    """

    title: str
    group: str
    variation: str
    totals: tuple[str, ...]
    all_markets: str


@dataclass(frozen=True)
class WeeklyLayout:
    """A sheet of prices per product group; perhaps one of supply and one of rice.

    Attributes:
        title: Begins the title of each sheet.
        groups: Product group by sheet. A group is part of a key, so its one spelling is this one: DANE has written
            both "Huevos y lácteos" and "Lácteos y huevos*".
        extra_sheets: May hold supply or rice, which only their content tells.
        index_sheet: Has a date too, which is sometimes misspelt: it is not read.
        week_days: Least and greatest number of days of a week of prices.
    """

    title: str
    groups: Mapping[str, str]
    extra_sheets: tuple[str, ...]
    index_sheet: str
    week_days: tuple[int, int]


DAILY: Final = DailyLayout(
    price="precio", variations=("var", "variacion"), units=frozenset({"kg", "kilo", "kilogramo", "kilogramos"})
)
WEEKLY: Final = WeeklyLayout(
    title="boletin semanal",
    groups=MappingProxyType(
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
    ),
    extra_sheets=("1.9", "1.10"),
    index_sheet="indice",
    week_days=(5, 7),
)
PRICES: Final = LongLayout(unit="pesos por kilogramo", places=("mercado mayorista",))
RICE: Final = LongLayout(
    unit="pesos por tonelada", places=("mercado mayorista", "nombre municipio"), code="codigo municipio"
)
RICE_TITLE: Final = "arroz"
SUPPLY: Final = SupplyLayout(
    title="abastecimiento semanal",
    group="grupo",
    variation="variacion",
    totals=("total", "total general"),
    all_markets="total mercados",
)
TRENDS: Final = frozenset({"+", "++", "+++", "-", "--", "---", "="})
