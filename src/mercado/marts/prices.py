"""Food prices: which products and markets there are, their prices and revisions, and markets side by side."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import psycopg
from psycopg.rows import dict_row

from mercado.marts.paging import DAY, INSTANT, PACKAGE, TEXT, Listing, Page, Row, read_page
from mercado.warehouse.connection import sql

HOLDS_WORDS: Final = "search_name like all (select sipsa_data.search_form(word) from unnest(%(words)s::text[]) as word)"
PRODUCTS: Final = Listing(
    "products",
    key={"search_name": TEXT, "product": TEXT},
    filters={"words": HOLDS_WORDS, "dataset": "dataset = %(dataset)s"},
)
MARKETS: Final = Listing(
    "markets",
    key={"search_name": TEXT, "market": TEXT},
    filters={
        "words": HOLDS_WORDS,
        "dataset": "dataset = %(dataset)s",
        "product": "name in (select series.market from sipsa_data.price_series as series "
        "where series.product = %(product)s and series.dataset = price_names.dataset)",
    },
)
PRICE_FILTERS: Final = {
    "product": "product = %(product)s",
    "markets": "market = any (%(markets)s)",
    "dataset": "dataset = %(dataset)s",
    "since": "day >= %(since)s",
    "until": "day <= %(until)s",
}
PRICE_KEY: Final = {
    "day": DAY,
    "dataset": TEXT,
    "market": TEXT,
    "product_in_source": TEXT,
    "market_in_source": TEXT,
    "series_in_source": TEXT,
}
PRICES: Final = Listing("prices", key=PRICE_KEY, filters=PRICE_FILTERS, descending=True)
REVISIONS: Final = Listing(
    "price_revisions", key=PRICE_KEY | {"seen_from_utc": INSTANT}, filters=PRICE_FILTERS, descending=True
)


def find_products(
    connection: psycopg.Connection,
    *,
    q: str | None = None,
    dataset: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """Return products of which there are prices, by name.

    Args:
        connection: Open, owned by the caller.
        q: Words that the name must hold, in any order, whatever their case and accents.
        dataset: Of `mercado.sipsa.price_series.DATASETS`.
        limit: Most rows.
        cursor: Of the page before.
    """
    filters = {"words": _patterns(q), "dataset": dataset}
    return read_page(connection, PRODUCTS, filters, limit=limit, cursor=cursor)


def find_markets(
    connection: psycopg.Connection,
    *,
    q: str | None = None,
    product: str | None = None,
    dataset: str | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page:
    """Return cities and markets of which there are prices, by name; of a product's, if one is given. See above."""
    filters = {"words": _patterns(q), "dataset": dataset, "product": product}
    return read_page(connection, MARKETS, filters, limit=limit, cursor=cursor)


def read_prices(
    connection: psycopg.Connection,
    *,
    product: str,
    markets: Sequence[str] | None = None,
    dataset: str | None = None,
    since: date | None = None,
    until: date | None = None,
    limit: int = 500,
    cursor: str | None = None,
) -> Page:
    """Return a product's prices, the newest first, in COP per ``price_unit``.

    Args:
        connection: Open, owned by the caller.
        product: As `find_products` names it.
        markets: As `find_markets` names them; all when none is given.
        dataset: Of `mercado.sipsa.price_series.DATASETS`; all by default.
        since: First day.
        until: Last day that a price's day may be.
        limit: Most rows.
        cursor: Of the page before.
    """
    filters = _price_filters(product, markets, dataset, since, until)
    return read_page(connection, PRICES, filters, limit=limit, cursor=cursor)


def read_revisions(
    connection: psycopg.Connection,
    *,
    product: str,
    markets: Sequence[str] | None = None,
    dataset: str | None = None,
    since: date | None = None,
    until: date | None = None,
    limit: int = 500,
    cursor: str | None = None,
) -> Page:
    """Return earlier amounts of a product's prices, each with the time in which it was the known one; see above."""
    filters = _price_filters(product, markets, dataset, since, until)
    return read_page(connection, REVISIONS, filters, limit=limit, cursor=cursor)


def compare_markets(connection: psycopg.Connection, *, product: str, dataset: str | None = None) -> list[Row]:
    """Return the newest price of each market's series of a product and the one before it, the dearest first."""
    values = {"product": product, "dataset": dataset}
    with connection.cursor(row_factory=dict_row) as reader:
        return reader.execute(sql(PACKAGE, "price_comparison"), values).fetchall()


def _price_filters(
    product: str, markets: Sequence[str] | None, dataset: str | None, since: date | None, until: date | None
) -> dict[str, object]:
    return {
        "product": product,
        "markets": list(markets) if markets else None,
        "dataset": dataset,
        "since": since,
        "until": until,
    }


def _patterns(q: str | None) -> list[str] | None:
    """Return a pattern for each word of a search; the statement takes case and accents from them."""
    return [f"%{_literal(word)}%" for word in (q or "").split()] or None


def _literal(word: str) -> str:
    return word.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
