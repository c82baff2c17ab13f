"""Which series of food prices there are, and the names that they are searched by: kept by every load.

In ``sipsa_data.price_series`` and ``sipsa_data.price_names``, so that whoever looks for a series reads no prices.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import psycopg
from psycopg.sql import SQL, Composable, Identifier

from mercado.warehouse.connection import sql

SCHEMA: Final = "sipsa_data"


@dataclass(frozen=True)
class PriceDataset:
    """One of the tables that the view ``sipsa_data.food_prices`` puts side by side.

    Attributes:
        name: In the view's column ``dataset``.
        table: Its table.
        market: Column of the canonical city or market.
        day: Column of the first day that a price is about.
    """

    name: str
    table: str
    market: str
    day: str


DATASETS: Final = tuple(
    PriceDataset(*each)
    for each in (
        ("city_daily", "sipsa_prices", "city_name_normalised", "capture_date"),
        ("market_daily", "sipsa_market_prices_daily", "market_name_normalised", "survey_date"),
        ("market_weekly", "sipsa_market_prices_weekly", "market_name_normalised", "week_start_date"),
        ("market_monthly", "sipsa_market_prices_monthly", "market_name_normalised", "month_start_date"),
        ("workbook_daily", "mayoristas_prices", "market_name_normalised", "report_date"),
        ("workbook_weekly", "mayoristas_prices_weekly", "market_name_normalised", "week_start_date"),
    )
)
_BY_TABLE: Final = {dataset.table: dataset for dataset in DATASETS}


def record_staged_series(connection: psycopg.Connection, table: str, staging: Identifier, *, renamed: bool) -> None:
    """Record the series of the staged rows; call it in the load's transaction, after the merge.

    Args:
        connection: Open, owned by the caller.
        table: Production table; one without prices is passed over.
        staging: Its staging, still full.
        renamed: Whether rows were updated, so that a series may have lost its last row to another name.
    """
    dataset = _BY_TABLE.get(table)
    if dataset is not None:
        _record(connection, dataset, staging)
        if renamed:
            _run(connection, "remove_empty_series", dataset, Identifier(SCHEMA, dataset.table))


def record_series_of_days(connection: psycopg.Connection, table: str, days: Collection[object]) -> None:
    """Record the series that have a price on some days; call it in the transaction that has inserted them.

    Args:
        connection: Open, owned by the caller.
        table: Production table; one without prices is passed over.
        days: That were written.
    """
    dataset = _BY_TABLE.get(table)
    if dataset is not None:
        rows = SQL("(select * from {} where {} = any ({})) as written")
        named = rows.format(Identifier(SCHEMA, dataset.table), Identifier(dataset.day), list(days))
        _record(connection, dataset, named)


def _record(connection: psycopg.Connection, dataset: PriceDataset, rows: Composable) -> None:
    for name in ("record_series", "record_price_names"):
        _run(connection, name, dataset, rows)


def _run(connection: psycopg.Connection, name: str, dataset: PriceDataset, rows: Composable) -> None:
    statement = SQL(sql("mercado.sipsa", name).decode()).format(
        rows=rows, market=Identifier(dataset.market), day=Identifier(dataset.day)
    )
    connection.execute(statement, {"dataset": dataset.name})
