"""Columns derived from the source's own values: canonical names, codes, units. They never take part in a key."""

from collections.abc import Callable
from dataclasses import dataclass

from mercado.sipsa.contract import CITY_PRICES, MONTHLY_FARM_INPUTS, MONTHLY_SUPPLY, Operation
from mercado.sipsa.names import city_code, normalised_city, normalised_market, normalised_product
from mercado.sipsa.units import KILOGRAM, price_unit


class UnexpectedUnitError(ValueError):
    """A product is not sold by the unit that its table states."""


@dataclass(frozen=True)
class DerivedColumn:
    """A column that follows from one field.

    Attributes:
        column: Its name.
        field: The field of the item that it follows from.
        derive: From that field's text to the value, ``None`` where nothing is known.
    """

    column: str
    field: str
    derive: Callable[[str], str | None]


def derived_columns(operation: Operation) -> tuple[DerivedColumn, ...]:
    """Return the derived columns of an operation's table."""
    if operation == MONTHLY_FARM_INPUTS:
        return ()
    fields = {field.column: field.name for field in operation.fields}
    product = DerivedColumn("product_name_normalised", fields["product_name"], _product)
    if operation == CITY_PRICES:
        return (
            DerivedColumn("price_unit", fields["product_name"], _kilogram),
            DerivedColumn("city_code", fields["city_name"], city_code),
            DerivedColumn("city_name_normalised", fields["city_name"], _city),
            product,
        )
    market = DerivedColumn("market_name_normalised", fields["market_name"], _market)
    if operation == MONTHLY_SUPPLY:
        return (market, product)
    return (DerivedColumn("price_unit", fields["product_name"], price_unit), market, product)


def _kilogram(product_name: str) -> str:
    unit = price_unit(product_name)
    if unit != KILOGRAM:
        raise UnexpectedUnitError(f"product sold by the kilogram, not by the {unit}")
    return unit


def _product(text: str) -> str:
    return normalised_product(text).canonical


def _city(text: str) -> str:
    return normalised_city(text).canonical


def _market(text: str) -> str:
    return normalised_market(text).canonical
