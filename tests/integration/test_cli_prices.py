"""``mercado prices`` on a real warehouse: tables for a person, whole lines for a pipe, one clear line of refusal."""

import csv
import os
import subprocess
from datetime import date

import pytest

from mercado.sipsa.contract import CITY_PRICES
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.commands import MERCADO, run_mercado
from tests.conftest import DatabaseServer
from tests.integration.sipsa_loads import load_document
from tests.unit.sipsa.documents import answer, item

Environment = dict[str, str]
PRODUCTS = ("Plátano hartón verde", "Plátano guineo", "Papa criolla")
CITIES = ("BOGOTÁ, D.C.", "CALI")
DAYS = 3


def city_items() -> str:
    """Return an item per product, city and day; the price climbs by 100 a day and is higher in the second city."""
    items = []
    for number, product in enumerate(PRODUCTS):
        for place, city in enumerate(CITIES):
            for day in range(DAYS):
                texts = {
                    "ciudad": city,
                    "codProducto": str(number + 1),
                    "fechaCaptura": f"2026-09-0{day + 1}T00:00:00-05:00",
                    "precioPromedio": str(2000 + 500 * place + 100 * day),
                    "producto": product,
                    "regId": str(len(items) + 1),
                }
                items.append(item(texts))
    return "".join(items)


@pytest.fixture(scope="module")
def stocked(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The environment of a warehouse with prices of three products in two cities on three days."""
    url = database_server.create_database("prices_for_the_command_line")
    migrate(url)
    with connect(url, application="tests") as connection:
        document = answer(CITY_PRICES, city_items())
        load_document(connection, tmp_path_factory.mktemp("raw"), document, CITY_PRICES, latest=date(2026, 9, 3))
    return os.environ | {"MERCADO_ENV_FILE": os.devnull, "MERCADO_WAREHOUSE_URL": url.get_secret_value()}


@pytest.fixture(scope="module")
def empty(database_server: DatabaseServer) -> Environment:
    """The environment of a warehouse without any price."""
    url = database_server.create_database("no_prices_for_the_command_line")
    migrate(url)
    return os.environ | {"MERCADO_ENV_FILE": os.devnull, "MERCADO_WAREHOUSE_URL": url.get_secret_value()}


def test_products_are_found_without_their_accents(stocked: Environment) -> None:
    found = run_mercado(stocked, "prices", "products", "PLATANO", "verde")
    assert (found.returncode, found.stderr) == (0, "")
    assert "Plátano hartón verde" in found.stdout
    assert "guineo" not in found.stdout
    (row,) = [line for line in found.stdout.splitlines() if "hartón" in line]
    assert row.split()[3:] == ["kg", "2", "2026-09-01", "2026-09-03", "city_daily"]


def test_a_product_is_shown_by_market_with_its_newest_price_change_range_and_course(stocked: Environment) -> None:
    shown = run_mercado(stocked, "prices", "show", "Papa criolla")
    assert (shown.returncode, shown.stderr) == (0, "")
    (row,) = [line for line in shown.stdout.splitlines() if "Cali" in line]
    values = ["2026-09-03", "2,700", "kg", "+3.8%", "2,500", "2,700", "▁▅█", "3"]
    assert row.split()[2:-1] == values


def test_markets_and_days_are_chosen(stocked: Environment) -> None:
    shown = run_mercado(stocked, "prices", "show", "criolla", "--market", "Cali", "--since", "2026-09-02").stdout
    assert "Bogotá" not in shown
    (row,) = [line for line in shown.splitlines() if "Cali" in line]
    assert row.split()[-3:-1] == ["▁█", "2"]


def test_cities_are_compared_the_dearest_first(stocked: Environment) -> None:
    lines = run_mercado(stocked, "prices", "compare", "Papa criolla").stdout.splitlines()
    cities = [line for line in lines if "city_daily" in line]
    assert [line.split()[0] for line in cities] == ["Cali", "Bogotá,"]
    assert "2,600" in cities[0]
    assert "+3.8%" in cities[0]


def test_an_export_is_every_price_as_csv_in_utf_8_whatever_the_terminal_shows(stocked: Environment) -> None:
    ascii_only = stocked | {"PYTHONIOENCODING": "ascii"}
    command = [MERCADO, "prices", "export", "Plátano hartón verde"]
    finished = subprocess.run(command, env=ascii_only, capture_output=True, check=True, timeout=120)
    rows = list(csv.DictReader(finished.stdout.decode("utf-8").splitlines()))
    assert len(rows) == len(CITIES) * DAYS
    assert {row["product"] for row in rows} == {"Plátano hartón verde"}
    assert [row["day"] for row in rows] == sorted((row["day"] for row in rows), reverse=True)
    assert {row["mean_price_cop"].split(".")[0] for row in rows} == {"2000", "2100", "2200", "2500", "2600", "2700"}


def test_a_reader_that_stops_early_is_no_error(stocked: Environment) -> None:
    for command in ("export", "show"):
        line = f"{MERCADO} prices {command} 'Papa criolla' | true"
        pipe = ["bash", "-o", "pipefail", "-c", line]
        finished = subprocess.run(pipe, env=stocked, capture_output=True, text=True, check=False, timeout=120)
        assert finished.stderr == ""


def test_what_shows_only_ascii_gets_names_without_accents_and_a_course_in_ascii(stocked: Environment) -> None:
    shown = run_mercado(stocked | {"PYTHONIOENCODING": "ascii"}, "prices", "show", "harton")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.isascii()
    assert "Platano harton verde" in shown.stdout
    assert "_=#" in shown.stdout


def test_in_a_pipe_nothing_is_coloured_and_nothing_is_cut(stocked: Environment) -> None:
    narrow = run_mercado(stocked | {"COLUMNS": "40"}, "prices", "show", "Papa criolla")
    assert "\x1b" not in narrow.stdout
    assert len([line for line in narrow.stdout.splitlines() if "2026-09-03" in line]) == len(CITIES)


def test_an_unknown_product_is_one_line_with_the_nearest(stocked: Environment) -> None:
    refused = run_mercado(stocked, "prices", "show", "Papa criola")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.startswith("Error: No product is called 'Papa criola'. Nearest: 'Papa criolla'")
    assert refused.stderr.count("\n") == 1


def test_words_that_several_products_have_are_refused_with_their_names(stocked: Environment) -> None:
    refused = run_mercado(stocked, "prices", "compare", "platano")
    assert refused.returncode == 1
    assert refused.stderr == "Error: 2 products are called 'platano': 'Plátano guineo', 'Plátano hartón verde'.\n"


def test_an_unknown_market_is_one_line_with_the_nearest(stocked: Environment) -> None:
    refused = run_mercado(stocked, "prices", "show", "Papa criolla", "--market", "Calli")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Error: 'Papa criolla' has no price in 'Calli'. Nearest: 'Cali'.")


def test_an_unknown_dataset_is_a_wrong_option_that_names_all(stocked: Environment) -> None:
    refused = run_mercado(stocked, "prices", "show", "Papa criolla", "--dataset", "yearly")
    assert refused.returncode == 2
    assert "city_daily, market_daily" in refused.stderr


@pytest.mark.parametrize("command", [("products",), ("show", "Papa"), ("compare", "Papa"), ("export", "Papa")])
def test_without_any_price_it_says_what_to_run(empty: Environment, command: tuple[str, ...]) -> None:
    refused = run_mercado(empty, "prices", *command)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "No food price is stored yet: run `mercado sipsa ingest`" in refused.stderr
