"""The read API on a real PostgreSQL, as the role api_reader, after real loads of every source."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.api.client import TestClient
from tests.api.conformance import answered_well, operations, reads_tables, require_conforming
from tests.conftest import DatabaseServer
from tests.integration.read_api import CORABASTOS, EGGS, PLANTAIN, ROWS, fill, reading_app

LISTS = (
    "/products",
    "/markets",
    f"/prices?product={PLANTAIN}",
    f"/prices/revisions?product={PLANTAIN}",
    f"/prices/comparison?product={PLANTAIN}",
    "/candles",
    "/forecasts",
    "/monitoring",
    "/loads",
    "/quality/rejected-rows",
    "/quality/files",
    "/quality/gaps",
)


@pytest.fixture(scope="module")
def owner_url(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> SecretStr:
    return fill(database_server.create_database("reading_db"), tmp_path_factory.mktemp("loads"))


@pytest.fixture(scope="module")
def owner(owner_url: SecretStr) -> Iterator[psycopg.Connection]:
    with connect(owner_url, application="tests") as connection:
        yield connection


@pytest.fixture(scope="module")
def app(
    owner_url: SecretStr, database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[FastAPI]:
    with reading_app(database_server.url("api_reader", "reading_db"), tmp_path_factory.mktemp("model")) as app:
        yield app


@pytest.fixture(scope="module")
def client(app: FastAPI) -> TestClient:
    return TestClient(app)


def items(client: TestClient, address: str) -> list[dict[str, Any]]:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


def all_items(client: TestClient, address: str) -> list[dict[str, Any]]:
    """Follow the list to its end, as a client does: by the header that names the next page."""
    found, following = [], address
    while following:
        answer = client.get(following)
        found += answer.json()["items"]
        following = answer.links.get("next", {}).get("url", "")
        assert bool(following) == (answer.json()["next"] is not None)
    return found


@pytest.mark.parametrize("words", ["platano", "PLÁTANO", "verde hartón", "harton  PLAT"])
def test_a_product_is_found_whatever_the_case_the_accents_and_the_order_of_its_words(
    client: TestClient, words: str
) -> None:
    assert PLANTAIN in [each["product"] for each in items(client, f"/products?q={words}&limit=1000")]


@pytest.mark.parametrize("words", ["zzz", "%", "_", "\\"])
def test_what_no_name_holds_finds_nothing_and_a_pattern_is_only_text(client: TestClient, words: str) -> None:
    assert client.get("/products", params={"q": words}).json() == {"items": [], "next": None}


def test_a_product_tells_its_datasets_units_markets_and_days(client: TestClient, owner: psycopg.Connection) -> None:
    (found,) = [each for each in items(client, "/products?q=huevo&limit=1000") if each["product"] == EGGS]
    days = owner.execute(
        "select min(day), max(day), count(distinct market), array_agg(distinct dataset order by dataset) "
        "from sipsa_data.food_prices where product = %s",
        (found["product"],),
    ).fetchone()
    assert days is not None
    stated = (found["first_day"], found["last_day"], found["market_count"], found["datasets"])
    assert stated == (str(days[0]), str(days[1]), days[2], days[3])
    assert "unit" in found["units"]


def test_the_stored_series_are_exactly_those_of_the_prices(client: TestClient, owner: psycopg.Connection) -> None:
    kept = owner.execute("select product, market, dataset, price_unit from sipsa_data.price_series").fetchall()
    real = owner.execute("select distinct product, market, dataset, price_unit from sipsa_data.food_prices").fetchall()
    assert sorted(kept) == sorted(real)
    assert len(kept) > 100
    products = {each["product"] for each in all_items(client, "/products?limit=7")}
    markets = {each["market"] for each in all_items(client, "/markets?limit=7")}
    assert (products, markets) == ({row[0] for row in kept}, {row[1] for row in kept})


def test_markets_are_those_that_have_the_product(client: TestClient, owner: psycopg.Connection) -> None:
    found = {each["market"] for each in items(client, f"/markets?product={PLANTAIN}&limit=1000")}
    real = owner.execute("select distinct market from sipsa_data.food_prices where product = %s", (PLANTAIN,))
    assert found == {market for (market,) in real}
    assert {each["kind"] for each in items(client, "/markets?dataset=city_daily")} == {"city"}


def test_prices_come_newest_first_page_by_page_each_once_and_as_they_are_stored(
    client: TestClient, owner: psycopg.Connection
) -> None:
    found = all_items(client, f"/prices?product={PLANTAIN}&limit=3")
    days = [each["day"] for each in found]
    assert days == sorted(days, reverse=True)
    real = owner.execute(
        "select dataset, market, day::text, mean_price_cop::float8, price_unit, load_id from sipsa_data.food_prices "
        "where product = %s",
        (PLANTAIN,),
    ).fetchall()
    columns = ("dataset", "market", "day", "mean_price_cop", "price_unit", "load_id")
    assert sorted(tuple(each[name] for name in columns) for each in found) == sorted(real)
    assert len({tuple(each.values()) for each in found}) == len(found) > 10


def test_prices_are_filtered_by_market_dataset_and_days(client: TestClient) -> None:
    wanted = {"product": PLANTAIN, "market": [CORABASTOS, "Cali, Santa Elena"], "dataset": "workbook_daily"}
    found = client.get("/prices", params=wanted | {"since": "2024-05-20", "until": "2024-06-01"}).json()["items"]
    assert [(each["day"], each["mean_price_cop"], each["min_price_cop"]) for each in found] == [
        ("2024-05-27", 2501, None),
        ("2024-05-20", 2502, None),
    ]


def test_a_week_ends_six_days_after_it_begins(client: TestClient) -> None:
    week = items(client, f"/prices?product={PLANTAIN}&dataset=workbook_weekly")[0]
    assert (week["day"], week["last_day"]) == ("2024-05-28", "2024-06-03")
    assert (week["min_price_cop"], week["mean_price_cop"], week["max_price_cop"]) == (2000, 2400, 2600)


def test_a_revised_price_shows_its_earlier_amount_and_until_when_it_was_known(
    client: TestClient, owner: psycopg.Connection
) -> None:
    revised = owner.execute("select product from sipsa_data.food_price_revisions").fetchone()
    assert revised is not None
    (earlier,) = items(client, f"/prices/revisions?product={revised[0]}")
    where = f"product={earlier['product']}&market={earlier['market']}&since={earlier['day']}&until={earlier['day']}"
    (present,) = items(client, f"/prices?{where}&dataset=city_daily")
    assert present["mean_price_cop"] == pytest.approx(earlier["mean_price_cop"] * 1.5)
    assert earlier["seen_from_utc"] < earlier["seen_until_utc"] == present["seen_from_utc"]


def test_markets_are_compared_by_their_newest_price_and_its_change(client: TestClient) -> None:
    found = items(client, f"/prices/comparison?product={PLANTAIN}&dataset=workbook_daily")
    (newest,) = [(each["market"], each["day"], each["mean_price_cop"]) for each in found]
    assert newest == (CORABASTOS, "2024-06-03", 2500)
    assert (found[0]["previous_day"], found[0]["previous_price_cop"]) == ("2024-05-27", 2501)
    assert found[0]["change_pct"] == pytest.approx(100 * (2500 / 2501 - 1), abs=0.01)
    every = items(client, f"/prices/comparison?product={PLANTAIN}")
    assert [each["mean_price_cop"] for each in every] == sorted(
        (each["mean_price_cop"] for each in every), reverse=True
    )


@pytest.mark.parametrize("address", LISTS)
def test_every_list_is_answered_as_csv_too_with_the_same_rows(client: TestClient, address: str) -> None:
    rows = all_items(client, address)
    answer = client.get(f"{address}{'&' if '?' in address else '?'}format=csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    written = list(csv.DictReader(io.StringIO(answer.text)))
    assert len(written) == len(rows)
    for row, line in zip(rows, written, strict=True):
        assert list(line) == list(row)
        for name, value in row.items():
            if isinstance(value, float | int) and not isinstance(value, bool):
                assert float(line[name]) == value
            elif isinstance(value, str):
                assert line[name].replace("+00:00", "Z") == value


def test_loads_files_rejected_rows_and_gaps_tell_what_happened(client: TestClient) -> None:
    assert [each["load_id"] for each in items(client, "/loads?limit=2")] == sorted(
        (each["load_id"] for each in items(client, "/loads?limit=2")), reverse=True
    )
    (rejected,) = items(client, "/quality/rejected-rows?source=landing&limit=1")
    assert {each["place"] for each in items(client, "/quality/rejected-rows")} == {"1.1!D37"}
    assert (rejected["rule"], rejected["raw_text"]) == ("a number above 0", "-3")
    (refused,) = items(client, "/quality/files?status=refused")
    assert refused["file_names"] == ["broken.xlsx"]
    assert "expected JSON" in refused["error"]
    assert all(each["missing_count"] >= 1 for each in items(client, "/quality/gaps"))


def test_quality_names_every_source_with_its_freshness_and_counts_what_is_wrong(client: TestClient) -> None:
    found = client.get("/quality").json()
    by_scope = {(each["source"], each["scope"]): each for each in found["sources"]}
    assert len(by_scope) == 8
    city = by_scope["sipsa", "promediosSipsaCiudad"]
    assert (city["fresh"], city["dataset"], city["last_load"]["rows_updated"]) == (True, "city_daily", 1)
    assert city["last_load"]["rows_unchanged"] == ROWS - 1
    assert by_scope["landing", None]["fresh"] is None
    assert by_scope["landing", None]["last_load"]["status"] == "failed"
    assert by_scope["binance", "BTCUSDT 1h"]["fresh"] is True
    assert (found["simulated"], found["quarantined_files"], found["rejected_rows"]) == (True, 1, 1)


def test_candles_and_forecasts_are_those_that_are_stored(client: TestClient, owner: psycopg.Connection) -> None:
    stored = owner.execute("select count(*) from market_data.klines").fetchone()
    found = all_items(client, "/candles?limit=1000")
    assert (len(found),) == stored
    since = found[9]["open_time_utc"]
    assert items(client, f"/candles?since={since}") == found[:10]
    (forecast,) = items(client, "/forecasts")
    newest = client.get("/predict").json()
    assert (forecast["prediction_id"], forecast["direction"]) == (newest["prediction_id"], newest["direction"])
    assert (forecast["kind"], forecast["actual_close"], forecast["hit"]) == ("latest", None, None)
    assert items(client, "/forecasts?model_version=2") == []


def test_the_platform_tells_that_its_data_is_simulated_and_which_series_it_has(client: TestClient) -> None:
    found = client.get("/platform").json()
    assert (found["simulated"], found["series"]) == (True, [{"symbol": "BTCUSDT", "interval": "1h"}])
    (version,) = client.get("/model/versions").json()["items"]
    assert (version["version"], version["aliases"], version["verdict"]) == (1, ["champion"], "promoted")


@pytest.mark.parametrize(
    ("address", "field"),
    [
        ("/products?cursor=nonsense", "cursor"),
        ("/loads?cursor=WyJ4Il0", "cursor"),
        ("/loads?cursor=W10", "cursor"),
        (f"/loads?cursor={'W1tb' * 450}", "cursor"),  # 1350 lists in one another
        ("/products?q=%00", "query"),
        ("/prices", "product"),
        ("/prices?product=x&since=yesterday", "since"),
        ("/candles?since=2024-06-01T00:00:00", "since"),
        ("/candles?until=0.5", "until"),
        ("/candles?symbol=btc", "symbol"),
        ("/products?limit=0", "limit"),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_with_the_parameter(
    client: TestClient, address: str, field: str
) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert [fault["field"] for fault in answer.json()["errors"]] == [field]


def test_every_answer_conforms_to_the_document(app: FastAPI, tmp_path: Path) -> None:
    wanted = {operation for operation in operations(app) if reads_tables(operation)}
    require_conforming(app, tmp_path, wanted, examples=10, phases="examples,coverage,fuzzing")
    assert answered_well(app) >= wanted


def test_an_empty_warehouse_answers_empty_lists(database_server: DatabaseServer, tmp_path_factory: Any) -> None:
    migrate(database_server.create_database("unread_db"))
    folder = tmp_path_factory.mktemp("model")
    with reading_app(database_server.url("api_reader", "unread_db"), folder) as app:
        client = TestClient(app)
        for address in LISTS:
            assert items(client, address) == []
        found = client.get("/quality").json()
        assert (found["simulated"], len(found["sources"])) == (None, 8)
        assert {each["last_load"] for each in found["sources"]} == {None}
        assert client.get("/platform").json()["series"] == []
