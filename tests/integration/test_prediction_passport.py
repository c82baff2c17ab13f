"""GET /predictions/{id} on a real PostgreSQL, as the role api_reader: from an answer back to the raw bytes."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import psycopg
import pytest
from fastapi import FastAPI
from pydantic import SecretStr

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from mercado.bitcoin.forecaster import Forecaster
from mercado.warehouse.connection import connect
from tests.api.builders import FolderRegistry, column_body, save_model, train_forecaster
from tests.api.client import TestClient
from tests.conftest import DatabaseServer
from tests.integration.trainings import END, REVISED_CANDLE, store_candles
from tests.simulators.generated import Profile

DATABASE: Final = "passport_db"
AS_OF: Final = "2024-06-03T12:00:00Z"
OUTCOME: Final = """
insert into market_data.prediction_outcomes (
    prediction_id, actual_close, log_return, hit, covered, same_candle, load_id
)
values (%s, 66000.25, 0.0125, true, false, true, 1)
"""
TWO_YEARS_MS: Final = 2 * 365 * 24 * 3_600_000
# Three hours around the first of the newest 1000 bars.
AT_THE_START: Final = "open_time_utc between '2024-04-22 19:00+00' and '2024-04-22 21:00+00'"
UNDO_REVISION: Final = REVISED_CANDLE.replace("base_volume + 1", "base_volume - 1")


@pytest.fixture(scope="module")
def warehouse_url(database_server: DatabaseServer) -> SecretStr:
    """A warehouse with two months of hours."""
    return store_candles(database_server.create_database(DATABASE), Profile.REVERSAL, months=2)


@pytest.fixture(scope="module")
def reader_url(warehouse_url: SecretStr, database_server: DatabaseServer) -> SecretStr:
    """The same as the API sees it."""
    return database_server.url("api_reader", DATABASE)


@pytest.fixture(scope="module")
def forecaster() -> Forecaster:
    return train_forecaster()


@pytest.fixture
def owner(warehouse_url: SecretStr) -> Iterator[psycopg.Connection]:
    """A connection of the warehouse's owner, before and after whose test nothing was predicted."""
    with connect(warehouse_url, application="tests") as connection:
        connection.execute("truncate market_data.predictions cascade")
        yield connection
        connection.execute("truncate market_data.predictions cascade")


@pytest.fixture
def gap_at_the_start(owner: psycopg.Connection) -> Iterator[None]:
    """The newest 1000 bars begin in an outage, until the test ends."""
    owner.execute(f"create temp table kept as select * from market_data.klines where {AT_THE_START}")
    owner.execute(f"delete from market_data.klines where {AT_THE_START}")
    yield
    owner.execute("insert into market_data.klines select * from kept")


@pytest.fixture
def app(owner: psycopg.Connection, reader_url: SecretStr, forecaster: Forecaster, tmp_path: Path) -> Iterator[FastAPI]:
    """The API with a model and the stored candles; a test flushes by itself."""
    save_model(tmp_path / "model", forecaster)
    settings = ApiSettings(_env_file=None, MERCADO_API_WAREHOUSE_URL=reader_url)
    app = create_app(settings, FolderRegistry({1: tmp_path / "model"}, 1), now=lambda: END)
    app.state.services.follower.poll()
    try:
        yield app
    finally:
        app.state.services.reader.close()


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app)


def passport(client: TestClient, prediction_id: str) -> dict[str, Any]:
    answer = client.get(f"/predictions/{prediction_id}")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


@contextmanager
def revised_candle(owner: psycopg.Connection) -> Iterator[None]:
    """Let one of the stored candles be another one until the block ends."""
    owner.execute(REVISED_CANDLE)
    try:
        yield
    finally:
        owner.execute(UNDO_REVISION)


def test_the_newest_forecast_is_stored_and_traced_to_its_model_its_candles_and_their_raw_answers(
    client: TestClient, app: FastAPI, owner: psycopg.Connection, forecaster: Forecaster
) -> None:
    answer = client.get("/predict").json()
    app.state.services.log.flush()
    found = passport(client, answer["prediction_id"])
    assert found["prediction"].items() <= answer.items()
    assert (found["kind"], found["request_id"], found["truth"]) == ("latest", None, None)
    assert found["target_close_utc"] == answer["target_close_utc"]
    assert found["model"].items() >= {"version": 1, "run_id": "run-1", "name": "bitcoin-forecaster"}.items()
    assert found["model"]["dataset_sha256"] == forecaster.training_digest
    assert found["model"]["url"].endswith("/#/models/bitcoin-forecaster/versions/1")
    candles = found["candles"]
    assert (candles["as_of_utc"], candles["as_stored"]) == (AS_OF, True)
    stored = owner.execute("select candles_sha256, predicted_at_utc from market_data.predictions").fetchall()
    assert [row[0] for row in stored] == [candles["sha256"]]
    assert found["predicted_at_utc"] == stored[0][1].isoformat().replace("+00:00", "Z")


def test_the_loads_of_the_candles_are_named_with_every_raw_answer(
    client: TestClient, owner: psycopg.Connection
) -> None:
    found = passport(client, client.get("/predict").json()["prediction_id"])
    loads = found["candles"]["loads"]
    assert sum(load["candles"] for load in loads) == 1000 - found["candles"]["filled"]
    assert all(load["origin"].startswith("simulator: ") and load["status"] == "succeeded" for load in loads)
    known = set(owner.execute("select url, sha256 from ops.load_answers").fetchall())
    told = {(answer["url"], answer["sha256"]) for load in loads for answer in load["answers"]}
    assert told
    assert told <= known


def test_a_forecast_from_other_candles_names_no_load(client: TestClient, app: FastAPI) -> None:
    body = column_body()
    body["candles"]["open_time_ms"] = [time - TWO_YEARS_MS for time in body["candles"]["open_time_ms"]]
    answer = client.post("/predict", json=body, headers={"X-Request-ID": "asked-by-a-test"})
    app.state.services.log.flush()
    found = passport(client, answer.json()["prediction_id"])
    assert found["prediction"].items() <= answer.json().items()
    assert (found["kind"], found["request_id"]) == ("given", "asked-by-a-test")
    assert (found["candles"]["as_stored"], found["candles"]["loads"]) == (False, [])
    assert found["candles"]["data_origin"] == "request"


def test_forecasts_of_earlier_instants_are_traced_too(client: TestClient, app: FastAPI) -> None:
    instants = ["2024-06-01T00:00:00Z", "2024-06-02T17:00:00Z", AS_OF]
    body = {"symbol": "BTCUSDT", "interval": "1h", "as_of_utc": instants}
    forecasts = client.post("/predict/batch", json=body).json()["forecasts"]
    app.state.services.log.flush()
    for instant, forecast in zip(instants, forecasts, strict=True):
        found = passport(client, forecast["prediction_id"])
        assert found["prediction"].items() <= forecast.items()
        assert (found["candles"]["as_of_utc"], found["candles"]["as_stored"]) == (instant, True)
    # The newest was forecast from before anybody asked for it, and is stored once.
    assert found["kind"] == "latest"
    assert passport(client, forecasts[0]["prediction_id"])["kind"] == "as_of"


def test_candles_that_are_missing_where_the_window_begins_are_filled_as_for_the_forecast(
    gap_at_the_start: None, client: TestClient
) -> None:
    answer = client.get("/predict").json()
    candles = passport(client, answer["prediction_id"])["candles"]
    assert (candles["as_stored"], candles["filled"]) == (True, answer["filled_candles"])
    assert candles["filled"] >= 2
    assert sum(load["candles"] for load in candles["loads"]) == 1000 - candles["filled"]


def test_a_prediction_that_waits_to_be_stored_is_found_already(client: TestClient, app: FastAPI) -> None:
    prediction_id = client.get("/predict").json()["prediction_id"]
    waiting = passport(client, prediction_id)
    assert waiting["predicted_at_utc"] is None
    assert waiting["candles"]["as_stored"] is True
    app.state.services.log.flush()
    stored = passport(client, prediction_id)
    assert stored["predicted_at_utc"] is not None
    assert stored | {"predicted_at_utc": None} == waiting


def test_after_a_revision_the_candles_are_no_longer_as_stored(
    client: TestClient, app: FastAPI, owner: psycopg.Connection
) -> None:
    prediction_id = client.get("/predict").json()["prediction_id"]
    app.state.services.log.flush()
    with revised_candle(owner):
        candles = passport(client, prediction_id)["candles"]
        assert (candles["as_stored"], candles["loads"]) == (False, [])
    assert passport(client, prediction_id)["candles"]["as_stored"] is True


def test_what_came_true_is_told_once_it_is_known(client: TestClient, app: FastAPI, owner: psycopg.Connection) -> None:
    prediction_id = client.get("/predict").json()["prediction_id"]
    app.state.services.log.flush()
    assert passport(client, prediction_id)["truth"] is None
    owner.execute(OUTCOME, (prediction_id,))
    truth = passport(client, prediction_id)["truth"]
    assert truth.pop("joined_at_utc")
    assert truth == {
        "actual_close": 66000.25,
        "log_return": 0.0125,
        "hit": True,
        "covered": False,
        "same_candle": True,
    }


def test_replicas_and_repeated_requests_store_a_prediction_once(
    client: TestClient, app: FastAPI, owner: psycopg.Connection
) -> None:
    body = {"symbol": "BTCUSDT", "interval": "1h", "as_of_utc": [AS_OF]}
    for _ in range(3):
        client.post("/predict/batch", json=body)
        app.state.services.log.flush()
    assert owner.execute("select kind, request_id from market_data.predictions").fetchall() == [("latest", None)]


def test_an_unknown_id_is_a_404_and_what_is_no_id_a_422(client: TestClient) -> None:
    unknown = client.get(f"/predictions/{uuid4()}")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "urn:mercado:problem:not-found")
    assert unknown.headers["content-type"] == "application/problem+json"
    wrong = client.get("/predictions/no-uuid")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "prediction_id")


@pytest.mark.parametrize(
    "statement",
    [
        "update market_data.predictions set probability_up = 0.5",
        "delete from market_data.predictions",
        "truncate market_data.predictions",
        "delete from market_data.prediction_outcomes",
        "update market_data.prediction_outcomes set hit = true",
        OUTCOME.replace("%s", "gen_random_uuid()"),
        "delete from market_data.klines",
        "update ops.loads set origin = 'binance'",
        "create table market_data.mine (id integer)",
    ],
)
def test_the_apis_role_may_change_nothing(reader_url: SecretStr, statement: str) -> None:
    with connect(reader_url, application="tests") as reader, pytest.raises(psycopg.errors.InsufficientPrivilege):
        reader.execute(statement)
