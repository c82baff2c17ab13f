"""The products of the workbooks, by group, with a usual price of each."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Final
from zlib import crc32

from mercado.sipsa.names import tables
from mercado.sipsa.names.simplify import simplified
from tests.simulators.sipsa.products import DAILY_PRODUCTS, PRODUCTS
from tests.simulators.workbooks.model import PRICE_SHEETS


@dataclass(frozen=True)
class Priced:
    """A product's name and group, in DANE's words, and its usual price, COP per kilogram, unit or litre."""

    name: str
    group: str
    usual_price: float


# The lowest and the highest of the usual prices of a group's products, as they were in 2025.
_PRICE_BANDS: Final = {
    "Verduras y hortalizas": (900, 6_500),
    "Frutas frescas": (1_500, 14_000),
    "Tubérculos, raíces y plátanos": (1_000, 4_800),
    "Granos y cereales": (2_600, 13_000),
    "Huevos y lácteos": (13_000, 26_000),
    "Carnes": (5_500, 34_000),
    "Pescados": (7_000, 42_000),
    "Productos procesados": (1_500, 21_000),
}
_EGG_BAND: Final = (380, 640)
_KNOWN_PRICES: Final = {simplified(product.name): float(product.price) for product in PRODUCTS}
# Sold in both groups, as DANE has it.
_ALSO_GRAIN: Final = "Arveja enlatada"
_DAILY_GROUPS: Final = {
    "VERDURAS Y HORTALIZAS": "Verduras y hortalizas",
    "FRUTAS": "Frutas",
    "TUBERCULOS, RAICES Y PLATANOS": "Tubérculos, raíces y plátanos",
    "GRANOS Y CEREALES": "Granos y cereales",
    "LACTEOS Y HUEVOS": "Huevos y lácteos",
    "PROCESADOS": "Procesados",
}
DAILY_CATALOGUE: Final = tuple(
    Priced(product.city_name or product.name, _DAILY_GROUPS[product.group], float(product.price))
    for product in DAILY_PRODUCTS
)
"""36 products, those of a group together; a star marks whatever variety prevails."""


@cache
def weekly_catalogue() -> dict[str, tuple[Priced, ...]]:
    """Return the products of each sheet of prices, by the sheet's name, in the order of their names."""
    by_group: dict[str, set[str]] = {group: set() for group in PRICE_SHEETS.values()}
    for entry in tables.products().values():
        if entry.group in by_group:
            by_group[entry.group].add(entry.canonical)
    by_group["Granos y cereales"].add(_ALSO_GRAIN)
    return {
        sheet: tuple(Priced(name, group, _usual_price(name, group)) for name in sorted(by_group[group], key=simplified))
        for sheet, group in PRICE_SHEETS.items()
    }


def _usual_price(name: str, group: str) -> float:
    """Return what is known of the product, or a price within its group's band that follows from its name."""
    known = _KNOWN_PRICES.get(simplified(name))
    if known is not None:
        return known
    low, high = _EGG_BAND if name.startswith("Huevo") else _PRICE_BANDS[group]
    place = crc32(name.encode()) / 2**32
    return math.exp(math.log(low) + place * (math.log(high) - math.log(low)))
