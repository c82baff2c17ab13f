"""What an operation has rows about: each pair of a product and a place that it covers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product as pairs
from typing import Final

from mercado.sipsa.contract import MONTHLY_FARM_INPUTS
from tests.simulators.sipsa.markets import CITIES, MARKETS, MUNICIPALITIES, Market
from tests.simulators.sipsa.products import CITY_PRODUCTS, DAILY_PRODUCTS, FARM_INPUTS, PRODUCTS, Product

_TONNES_AT_ONE_PESO: Final = 300_000.0
_FARM_INPUT_TYPE: Final = MONTHLY_FARM_INPUTS.argument[1] if MONTHLY_FARM_INPUTS.argument else 0


@dataclass(frozen=True)
class Series:
    """What stays the same in all rows of a product and a place.

    Attributes:
        texts: Of its fields, by name; a field that is neither here nor computed is absent.
        usual: Its usual price, COP, or its usual supply, tonnes a month.
    """

    texts: Mapping[str, str]
    usual: float


def city_series() -> Iterable[Series]:
    """Yield the city prices' series."""
    for (number, product), city in pairs(enumerate(CITY_PRODUCTS, 1), CITIES):
        texts = {"ciudad": city.city_name, "codProducto": str(number), "producto": product.city_name, "enviado": "0"}
        yield Series(texts, product.price)


def daily_series() -> Iterable[Series]:
    """Yield the daily market prices' series."""
    for (number, product), market in pairs(enumerate(DAILY_PRODUCTS, 1), MARKETS):
        place = market.municipality
        texts = {
            "artiNombre": product.name,
            "deptNombre": place.department,
            **_source(market),
            "grupNombre": product.group,
            "idArtiSemana": str(number),
            "muniId": place.code,
            "muniNombre": place.name,
        }
        yield Series(texts, product.price)


def weekly_series() -> Iterable[Series]:
    """Yield the weekly market prices' series; their items have no ``enviado``, no dates but one and no identifier."""
    for product, market in pairs(PRODUCTS, MARKETS):
        yield Series({**_product(product), **_source(market)}, product.price)


def monthly_series() -> Iterable[Series]:
    """Yield the monthly market prices' series."""
    for series in weekly_series():
        yield Series({**series.texts, "enviado": "0"}, series.usual)


def supply_series() -> Iterable[Series]:
    """Yield the monthly supply's series: the dearer, the fewer tonnes."""
    for product, market in pairs(PRODUCTS, MARKETS):
        tonnes = max(_TONNES_AT_ONE_PESO / product.price, 20.0)
        yield Series({**_product(product), **_source(market)}, tonnes)


def farm_input_series() -> Iterable[Series]:
    """Yield the farm inputs' series."""
    for farm_input, place in pairs(FARM_INPUTS, MUNICIPALITIES):
        texts = {
            "deptNombre": place.department,
            "insumoNombre": farm_input.name,
            "muniId": place.code,
            "muniNombre": place.name,
            "tireId": str(_FARM_INPUT_TYPE),
            "tireNombre": "INSUMOS AGRICOLAS",
        }
        yield Series(texts, farm_input.price)


def _product(product: Product) -> dict[str, str]:
    return {"artiId": str(product.code), "artiNombre": product.name}


def _source(market: Market) -> dict[str, str]:
    return {"fuenId": str(market.code), "fuenNombre": market.name, "futiId": str(market.collection_code)}
