"""One name for each product, market and city, whatever way SIPSA's service and DANE's workbooks write it today.

The tables ``products.csv``, ``markets.csv`` and ``cities.csv`` are reviewed by hand: add a line there for a name that
the summary of a load lists as unmapped. A normalised name goes into a column of its own; keys keep the source's text.
"""

from mercado.sipsa.names.normalise import (
    Name,
    city_code,
    normalised_city,
    normalised_market,
    normalised_product,
    product_group,
)
from mercado.sipsa.names.simplify import simplified

__all__ = [
    "Name",
    "city_code",
    "normalised_city",
    "normalised_market",
    "normalised_product",
    "product_group",
    "simplified",
]
