"""From what a person types to the product and the markets that are meant, or to the nearest that there are."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Final

import psycopg

from mercado.errors import InvalidQueryError, NotEnoughDataError
from mercado.marts.paging import read_all
from mercado.marts.prices import find_markets, find_products

ROWS_AT_ONCE: Final = 1_000
NEAREST: Final = 5
# How alike two names must be, from 0 to 1; the library's own 0.6 finds too little of a short word in a long name.
LIKENESS: Final = 0.4


def the_product(connection: psycopg.Connection, typed: str) -> str:
    """Return the product of this name, or the only one whose name has these words.

    Raises:
        InvalidQueryError: None has, or several do; names the nearest.
        NotEnoughDataError: No price is stored.
    """
    found = _products(connection, typed)
    if typed in found or len(found) == 1:
        return typed if typed in found else found[0]
    if found:
        more = f", and {len(found) - NEAREST} more" if len(found) > NEAREST else ""
        named = ", ".join(map(repr, found[:NEAREST]))
        raise InvalidQueryError(f"{len(found)} products are called {typed!r}: {named}{more}.", field="product")
    every = _products(connection, "")
    if not every:
        raise NotEnoughDataError(no_prices())
    raise InvalidQueryError(
        f"No product is called {typed!r}.{_nearest(typed, every)} `mercado prices products` lists all.", field="product"
    )


def require_markets(connection: psycopg.Connection, product: str, typed: Sequence[str]) -> None:
    """Return when a product has prices in each of these cities and markets.

    Raises:
        InvalidQueryError: It has none in one of them; names the nearest.
    """
    pages = read_all(lambda cursor: find_markets(connection, product=product, limit=ROWS_AT_ONCE, cursor=cursor))
    known = [row["market"] for rows in pages for row in rows]
    for name in typed:
        if name not in known:
            raise InvalidQueryError(
                f"{product!r} has no price in {name!r}.{_nearest(name, known)} `mercado prices compare` lists all.",
                field="market",
            )


def no_prices() -> str:
    """Return what to do when no price is stored."""
    return (
        "No food price is stored yet: run `mercado sipsa ingest`, or the DAG dane_sipsa_prices_ingestion, or drop "
        "workbooks into data/landing_zone and run `mercado landing ingest`."
    )


def _products(connection: psycopg.Connection, words: str) -> list[str]:
    pages = read_all(lambda cursor: find_products(connection, q=words, limit=ROWS_AT_ONCE, cursor=cursor))
    return [row["product"] for rows in pages for row in rows]


def _nearest(typed: str, names: Sequence[str]) -> str:
    by_lower = {name.lower(): name for name in names}
    near = get_close_matches(typed.lower(), by_lower, n=NEAREST, cutoff=LIKENESS)
    return f" Nearest: {', '.join(repr(by_lower[name]) for name in near)}." if near else ""
