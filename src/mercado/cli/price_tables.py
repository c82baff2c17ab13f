"""Food prices as tables for a terminal, from the rows that `mercado.marts.prices` returns."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import groupby

from rich.table import Table

from mercado.marts.paging import Row
from mercado.sparkline import sparkline
from mercado.tables import add_row, table

WIDE_COURSE = 30
NARROW_COURSE = 12
NOTHING = "-"


def products_table(rows: Iterable[Row]) -> Table:
    """Return a line per product: its name, units, markets, datasets and days."""
    made = table("product", "unit", "markets", "from", "to", "datasets", right=("markets",))
    for row in rows:
        days = (row["first_day"].isoformat(), row["last_day"].isoformat())
        add_row(
            made, row["product"], ", ".join(row["units"]), str(row["market_count"]), *days, ", ".join(row["datasets"])
        )
    return made


def series_table(rows: Sequence[Row], *, course_width: int, ascii_only: bool) -> Table:
    """Return a line per series of a product: its newest price, how that changed, its range, its course, its source.

    Args:
        rows: Of `mercado.marts.prices.read_prices`, of any order; all of one product.
        course_width: The most characters of a course.
        ascii_only: Draw with ASCII characters.
    """
    columns = ("market", "dataset", "day", "COP", "per", "change", "least", "most", "course", "days", "load")
    made = table(*columns, right=("COP", "change", "least", "most", "days", "load"))
    made.columns[columns.index("course")].no_wrap = True
    for _, found in groupby(sorted(rows, key=_in_series), key=_series):
        series = list(found)
        newest, prices = series[-1], [row["mean_price_cop"] for row in series]
        earlier = prices[-2] if len(prices) > 1 else None
        add_row(
            made,
            newest["market"],
            newest["dataset"],
            newest["day"].isoformat(),
            amount(prices[-1]),
            newest["price_unit"],
            change(prices[-1], earlier),
            amount(min(row["min_price_cop"] or row["mean_price_cop"] for row in series)),
            amount(max(row["max_price_cop"] or row["mean_price_cop"] for row in series)),
            sparkline([float(price) for price in prices], width=course_width, ascii_only=ascii_only),
            str(len(series)),
            str(newest["load_id"]),
        )
    return made


def comparison_table(rows: Iterable[Row]) -> Table:
    """Return a line per market, from `mercado.marts.prices.compare_markets`: its newest price and the one before."""
    columns = ("market", "COP", "per", "day", "before", "on", "change", "dataset", "load")
    made = table(*columns, right=("COP", "before", "change", "load"))
    for row in rows:
        newest, earlier = row["mean_price_cop"], row["previous_price_cop"]
        add_row(
            made,
            row["market"],
            amount(newest),
            row["price_unit"],
            row["day"].isoformat(),
            NOTHING if earlier is None else amount(earlier),
            NOTHING if earlier is None else row["previous_day"].isoformat(),
            change(newest, earlier),
            row["dataset"],
            str(row["load_id"]),
        )
    return made


def amount(price: Decimal) -> str:
    """Return an amount with as many decimals as it has, at most two."""
    return f"{price:,.2f}".removesuffix(".00")


def change(newest: Decimal, earlier: Decimal | None) -> str:
    """Return by how much a price changed, in percent; a dash where there is none before it."""
    return f"{newest / earlier - 1:+.1%}" if earlier else NOTHING


def _series(row: Row) -> tuple[str, str, str]:
    return row["market"], row["dataset"], row["price_unit"]


def _in_series(row: Row) -> tuple[object, ...]:
    return *_series(row), row["day"], row["seen_from_utc"]
