"""Which names the sources write, kept in ``sipsa_data.names``, so that those in no reviewed table can be listed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

import psycopg
from psycopg.types.json import Json

from mercado.sipsa.names import normalised_city, normalised_market, normalised_product
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


def record_names(connection: psycopg.Connection, names: Mapping[NameKind, Iterable[str]]) -> list[UnmappedName]:
    """Record names that a load has seen, by kind; return those that are unmapped, by kind and name."""
    normalised = {(kind, name): _NORMALISED[kind](name) for kind, of_kind in names.items() for name in sorted(of_kind)}
    seen = [
        {"kind": kind, "name": text, "canonical": name.canonical, "is_mapped": name.known}
        for (kind, text), name in normalised.items()
    ]
    connection.execute(sql("mercado.sipsa", "record_names"), {"names": Json(seen)})
    return [UnmappedName(kind, text) for (kind, text), name in normalised.items() if not name.known]


def unmapped_names(connection: psycopg.Connection) -> list[UnmappedName]:
    """Return every name that no reviewed table knows, by kind and name."""
    rows = connection.execute("select kind, name from sipsa_data.unmapped_names order by kind, name").fetchall()
    return [UnmappedName(NameKind(kind), name) for kind, name in rows]
