"""What a price is for. The service names its columns "Kg", but DANE's footnotes say otherwise for some products."""

from functools import cache
from typing import Final

KILOGRAM: Final = "kg"
UNIT: Final = "unit"
LITRE: Final = "litre"
# First words of a product's name, by the footnotes of DANE's weekly workbooks.
FIRST_WORDS: Final = {"huevo": UNIT, "huevos": UNIT, "aceite": LITRE, "jugo": LITRE, "vinagre": LITRE}


@cache
def price_unit(product_name: str) -> str:
    """Return ``kg``, ``unit`` or ``litre`` for a product by the source's own name of it."""
    words = product_name.split(maxsplit=1)
    return FIRST_WORDS.get(words[0].casefold().rstrip("*"), KILOGRAM) if words else KILOGRAM
