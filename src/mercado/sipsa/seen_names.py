"""Which names the sources write, kept in ``sipsa_data.names``, so that those in no reviewed table can be listed."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import psycopg

from mercado.sipsa.names import Name, normalised_city, normalised_market, normalised_product
from mercado.warehouse.connection import sql


class NameKind(StrEnum):
    """What a name is of."""

    PRODUCT = "product"
    MARKET = "market"
    CITY = "city"


# The column of a table that holds names of a kind, wherever it has one.
NAME_COLUMNS = {NameKind.PRODUCT: "product_name", NameKind.MARKET: "market_name", NameKind.CITY: "city_name"}
_NORMALISED = {
    NameKind.PRODUCT: normalised_product,
    NameKind.MARKET: normalised_market,
    NameKind.CITY: normalised_city,
}


@dataclass(frozen=True)
class UnmappedName:
    """A name that no reviewed table knows.

    Attributes:
        kind: What it is of.
        name: The source's own text.
    """

    kind: NameKind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name!r}"


def record_names(connection: psycopg.Connection, kind: NameKind, names: Iterable[str]) -> list[UnmappedName]:
    """Record names that a load has seen; return those that are unmapped, by name."""
    # Sorted: two loads at once lock the names' rows in the same order, so neither waits for the other for ever.
    normalised: dict[str, Name] = {name: _NORMALISED[kind](name) for name in sorted(names)}
    values = {
        "kind": kind,
        "names": list(normalised),
        "canonicals": [name.canonical for name in normalised.values()],
        "are_mapped": [name.known for name in normalised.values()],
    }
    connection.execute(sql("mercado.sipsa", "record_names"), values)
    return [UnmappedName(kind, text) for text, name in normalised.items() if not name.known]


def unmapped_names(connection: psycopg.Connection) -> list[UnmappedName]:
    """Return every name that no reviewed table knows, by kind and name."""
    rows = connection.execute("select kind, name from sipsa_data.unmapped_names order by kind, name").fetchall()
    return [UnmappedName(NameKind(kind), name) for kind, name in rows]
