"""The tables that workbooks fill: what they take, what is said of them, who may read them."""

from datetime import date
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier, Placeholder

from mercado.landing.load import merged_table
from mercado.landing.tables import DAILY_PRICES, MONTHLY_RICE, TABLES, WEEKLY_PRICES, WEEKLY_SUPPLY, LandingTable
from mercado.warehouse.connection import connect
from mercado.warehouse.merging import column_list
from tests.conftest import DatabaseServer

LEDGER = "file_ingestion_log"
TEXTS = {"price_unit": "kg", "trend": "=", "municipality_code": "85001"}
READABLE = [*(f"{table.name}{suffix}" for table in TABLES for suffix in ("", "_revisions")), LEDGER]


def insert(connection: psycopg.Connection, table: LandingTable, **changes: Any) -> None:
    columns = (*merged_table(table).columns, "seen_from_utc", "load_id")
    values = {column: _value(column) for column in columns} | changes
    statement = SQL("insert into {} ({}) values ({})").format(
        merged_table(table).production, column_list(columns), SQL(", ").join(map(Placeholder, columns))
    )
    with connection.transaction(force_rollback=True):
        connection.execute(statement, values)


def _value(column: str) -> Any:
    if column.endswith(("_cop", "_pct", "_tonnes", "_per_tonne", "load_id")):
        return 5
    return date(2026, 9, 1) if column.endswith(("_date", "_utc")) else TEXTS.get(column, "x")


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_good_row_is_taken(landing: psycopg.Connection, table: LandingTable) -> None:
    insert(landing, table)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_key_ends_with_its_day_which_the_loader_takes_turns_by(table: LandingTable) -> None:
    assert table.key[-1].endswith("_date")


@pytest.mark.parametrize(
    ("table", "changes"),
    [
        (DAILY_PRICES, {"price_cop": 0}),
        (DAILY_PRICES, {"price_cop": "NaN"}),
        (DAILY_PRICES, {"price_cop": "infinity"}),
        (DAILY_PRICES, {"price_unit": "lb"}),
        (DAILY_PRICES, {"variation_pct": "NaN"}),
        (WEEKLY_PRICES, {"min_price_cop": 6}),
        (WEEKLY_PRICES, {"max_price_cop": 4}),
        (WEEKLY_PRICES, {"min_price_cop": 0}),
        (WEEKLY_PRICES, {"trend": "n.d."}),
        (WEEKLY_PRICES, {"week_end_date": date(2026, 8, 31)}),
        (WEEKLY_SUPPLY, {"supply_tonnes": -1}),
        (WEEKLY_SUPPLY, {"previous_supply_tonnes": -1}),
        (MONTHLY_RICE, {"month_start_date": date(2026, 9, 2)}),
        (MONTHLY_RICE, {"municipality_code": "8500"}),
        (MONTHLY_RICE, {"mean_price_cop_per_tonne": 6}),
    ],
)
def test_a_row_against_the_domain_is_not(
    landing: psycopg.Connection, table: LandingTable, changes: dict[str, Any]
) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        insert(landing, table, **changes)


def test_no_supply_and_a_missing_least_price_are_taken(landing: psycopg.Connection) -> None:
    insert(landing, WEEKLY_SUPPLY, supply_tonnes=0, previous_supply_tonnes=None, variation_pct=None)
    insert(landing, WEEKLY_PRICES, min_price_cop=None, max_price_cop=None, trend=None)


def test_every_column_of_the_ledger_is_explained(landing: psycopg.Connection) -> None:
    unexplained = landing.execute(
        "select column_name from information_schema.columns where (table_schema, table_name) = ('sipsa_data', %s) "
        "and col_description('sipsa_data.file_ingestion_log'::regclass, ordinal_position) is null",
        (LEDGER,),
    ).fetchall()
    assert unexplained == []


@pytest.mark.parametrize("name", READABLE)
def test_the_api_reads_them_and_changes_none(
    landing: psycopg.Connection, database_server: DatabaseServer, name: str
) -> None:
    table = Identifier("sipsa_data", name)
    with connect(database_server.url("api_reader", "warehouse_db")) as reader:
        assert reader.execute(SQL("select count(*) from {}").format(table)).fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(SQL("delete from {}").format(table))
