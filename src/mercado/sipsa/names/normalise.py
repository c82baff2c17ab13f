"""Look-ups in the tables of names; cached, because a load asks hundreds of thousands of times for a few names."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from mercado.sipsa.names import tables
from mercado.sipsa.names.simplify import simplified, tidied

# A load has some hundreds of names; the bound only keeps a source that writes nonsense from filling the memory.
_REMEMBERED = 16_384


@dataclass(frozen=True, slots=True)
class Name:
    """A name for display.

    Attributes:
        canonical: The one spelling of the table; for a name that is in no table, the source's text without ``*`` and
            superfluous white space.
        known: Whether the table has it, as an alias or as a canonical name. A name that is not known is unmapped.
    """

    canonical: str
    known: bool


@lru_cache(_REMEMBERED)
def normalised_product(text: str) -> Name:
    """Return a product's one name: "Papa  negra*" and "PAPA NEGRA" are "Papa negra".

    Varieties stay apart: "Papa negra" of the daily prices is the predominant variety of each city, no alias of one.
    """
    return _name(text, tables.products())


@lru_cache(_REMEMBERED)
def normalised_market(text: str) -> Name:
    """Return a market's one name, the newest that DANE prints: "Cali, Santa Helena" is "Cali, Santa Elena"."""
    return _name(text, tables.markets())


@lru_cache(_REMEMBERED)
def normalised_city(text: str) -> Name:
    """Return a city's one name, DIVIPOLA's: "CÚCUTA" is "San José de Cúcuta".

    Where municipalities share a name, the department is part of it: "La Unión (Nariño)".
    """
    return _name(text, tables.cities())


@lru_cache(_REMEMBERED)
def city_code(text: str) -> str | None:
    """Return a city's DIVIPOLA code, or ``None`` where the city is unknown or only its department would tell which.

    Returns:
        Five digits as text, such as ``05001``.
    """
    entry = tables.cities().get(simplified(text))
    return entry.code if entry else None


@lru_cache(_REMEMBERED)
def product_group(text: str) -> str | None:
    """Return a product's group as DANE's newest weekly workbooks print it, or ``None`` for an unknown product."""
    entry = tables.products().get(simplified(text))
    return entry.group if entry else None


def _name(text: str, table: Mapping[str, tables.Entry]) -> Name:
    entry = table.get(simplified(text))
    return Name(entry.canonical, known=True) if entry else Name(tidied(text), known=False)
