"""``mercado prices``: the stored food prices, as tables to look at and as CSV to go on with."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from mercado.cli.output import console, say, write_csv
from mercado.tables import print_table

if TYPE_CHECKING:
    import psycopg

    from mercado.marts.paging import Row

app = typer.Typer(no_args_is_help=True, help="Stored food prices: search products, look at prices, compare, export.")

ROWS_AT_ONCE = 10_000
PRODUCTS_SHOWN = 50
# Columns in which every column of a product's table has its room.
WIDE_TERMINAL = 130
EXPORTED = (
    *("dataset", "product", "market", "day", "last_day", "min_price_cop", "mean_price_cop", "max_price_cop"),
    *("price_unit", "product_in_source", "market_in_source", "seen_from_utc", "load_id"),
)


def _known_dataset(name: str | None) -> str | None:
    from mercado.sipsa.price_series import DATASETS

    names = [dataset.name for dataset in DATASETS]
    if name is not None and name not in names:
        raise typer.BadParameter(f"There is no dataset {name!r}, only {', '.join(names)}")
    return name


Product = Annotated[str, typer.Argument(help="Its name, or words of it that no other product has.")]
Market = Annotated[list[str] | None, typer.Option(help="City or market, repeatable; default: all.")]
Dataset = Annotated[
    str | None, typer.Option(callback=_known_dataset, help="Which prices, such as city_daily; default: all.")
]
Since = Annotated[datetime | None, typer.Option(help="First day; default: the oldest.", formats=["%Y-%m-%d"])]


@app.command()
def products(
    words: Annotated[list[str] | None, typer.Argument(help="Words of the name, with or without accents.")] = None,
    dataset: Dataset = None,
    limit: Annotated[int, typer.Option(min=1, max=ROWS_AT_ONCE, help="Most products.")] = PRODUCTS_SHOWN,
) -> None:
    """List products of which there are prices."""
    from mercado.cli.price_lookup import no_prices
    from mercado.cli.price_tables import products_table
    from mercado.errors import NotEnoughDataError
    from mercado.marts.prices import find_products

    with _warehouse() as connection:
        page = find_products(connection, q=" ".join(words or ()), dataset=dataset, limit=limit)
        if not page.rows and not find_products(connection, limit=1).rows:
            raise NotEnoughDataError(no_prices())
    if not page.rows:
        say("No product has all of these words in its name.")
        return
    print_table(console, products_table(page.rows))
    if page.cursor:
        say(f"The first {limit} by name; --limit shows more of them.")


@app.command()
def show(product: Product, market: Market = None, dataset: Dataset = None, since: Since = None) -> None:
    """Show a product by market: its newest price and the change, the range, the course, and the load it is from."""
    from mercado.cli.price_tables import NARROW_COURSE, WIDE_COURSE, series_table

    with _warehouse() as connection:
        rows = [row for page in _pages(connection, product, market, dataset, since) for row in page]
    if not rows:
        say("There is no such price: other datasets or an earlier --since may have some.")
        return
    say(rows[0]["product"])
    course_width = NARROW_COURSE if console.is_terminal and console.width < WIDE_TERMINAL else WIDE_COURSE
    print_table(console, series_table(rows, course_width=course_width, ascii_only=console.options.ascii_only))


@app.command()
def compare(product: Product, dataset: Dataset = None) -> None:
    """Compare cities and markets: the newest price in each and the one before it, the dearest first."""
    from mercado.cli.price_lookup import the_product
    from mercado.cli.price_tables import comparison_table
    from mercado.marts.prices import compare_markets

    with _warehouse() as connection:
        name = the_product(connection, product)
        rows = compare_markets(connection, product=name, dataset=dataset)
    say(name)
    print_table(console, comparison_table(rows))


@app.command()
def export(product: Product, market: Market = None, dataset: Dataset = None, since: Since = None) -> None:
    """Write a product's prices to standard output as CSV in UTF-8, the newest first."""
    with _warehouse() as connection:
        write_csv(EXPORTED, _pages(connection, product, market, dataset, since))


def _pages(
    connection: "psycopg.Connection",
    typed: str,
    markets: list[str] | None,
    dataset: str | None,
    since: datetime | None,
) -> "Iterator[list[Row]]":
    """Return the pages of a product's prices; raises what `price_lookup` does."""
    from mercado.cli.price_lookup import require_markets, the_product
    from mercado.marts.paging import read_all
    from mercado.marts.prices import read_prices

    product = the_product(connection, typed)
    require_markets(connection, product, markets or ())
    first_day = since.date() if since else None
    return read_all(
        lambda cursor: read_prices(
            connection,
            product=product,
            markets=markets,
            dataset=dataset,
            since=first_day,
            limit=ROWS_AT_ONCE,
            cursor=cursor,
        )
    )


@contextmanager
def _warehouse() -> "Iterator[psycopg.Connection]":
    """Yield a connection to a warehouse whose schema is this version's."""
    from mercado.settings import WarehouseSettings
    from mercado.warehouse.connection import connect
    from mercado.warehouse.schema import require_current_schema

    with connect(WarehouseSettings.read().resolved_url(), application="mercado prices") as connection:
        require_current_schema(connection)
        yield connection
