"""The list of series that is searched is kept by each load, in its transaction, and never lags behind the prices."""

from datetime import date, timedelta

import psycopg

from mercado.landing.ingest import Folders
from mercado.sipsa.names import normalised_product
from tests.integration.landing_documents import DAY, daily, drop

SERIES = "select product, market, dataset, price_unit from sipsa_data.price_series order by product, market"
NAMES = "select kind, name, first_day, last_day from sipsa_data.price_names order by kind desc, name"
MARKET = "Bogotá, D.C., Corabastos"
RENAMED = "update sipsa_data.{} set {} = 'Papa de antes' where {} = 'Papa criolla'"


def test_a_workbook_adds_its_series_and_widens_the_days_of_its_names(
    landing: psycopg.Connection, folders: Folders
) -> None:
    drop(landing, folders, daily({"Papa criolla": "2300", "Huevo rojo A": "450"}))
    drop(landing, folders, daily({"Papa criolla": "2310"}, day=DAY - timedelta(days=30)))
    assert landing.execute(SERIES).fetchall() == [
        ("Huevo rojo A", MARKET, "workbook_daily", "kg"),
        ("Papa criolla", MARKET, "workbook_daily", "kg"),
    ]
    first = date(2026, 8, 19)
    assert landing.execute(NAMES).fetchall() == [
        ("product", "Huevo rojo A", DAY, DAY),
        ("product", "Papa criolla", first, DAY),
        ("market", MARKET, first, DAY),
    ]


def test_a_workbook_that_is_rolled_back_adds_no_series(landing: psycopg.Connection, folders: Folders) -> None:
    drop(landing, folders, b"no workbook")
    assert landing.execute(SERIES).fetchall() == []
    assert landing.execute(NAMES).fetchall() == []


def test_a_series_whose_rows_are_shown_under_another_name_goes_with_its_old_name(
    landing: psycopg.Connection, folders: Folders
) -> None:
    assert normalised_product("Papa criolla").canonical == "Papa criolla"
    drop(landing, folders, daily({"Papa criolla": "2300"}))
    # As an earlier table of names would have written them.
    for table, column in (
        ("mayoristas_prices", "product_name_normalised"),
        ("price_series", "product"),
        ("price_names", "name"),
    ):
        landing.execute(RENAMED.format(table, column, column))
    drop(landing, folders, daily({"Papa criolla": "2300", "Huevo rojo A": "450"}))
    products = [row[0] for row in landing.execute(SERIES)]
    assert products == ["Huevo rojo A", "Papa criolla"]
    assert [row[1] for row in landing.execute(NAMES)] == ["Huevo rojo A", "Papa criolla", MARKET]
