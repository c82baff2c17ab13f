"""GET /predict: what it answers about the stored candles, that it is made once, and why it cannot be."""

from dataclasses import replace

import pytest
from fastapi import FastAPI

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from fastapi_app.warehouse import LatestCandles
from mercado.errors import MercadoError, NotEnoughDataError, SchemaOutdatedError, ServiceUnavailableError
from tests.api.builders import (
    HOUR_MS,
    NOW,
    FolderRegistry,
    StoredCandles,
    column_body,
    generate_candles,
    read_from,
)
from tests.api.client import TestClient


def candles(*, seed: int = 7, filled: int = 0, origin: str = "binance") -> LatestCandles:
    return LatestCandles(generate_candles(1000, seed=seed), filled, origin)


@pytest.fixture
def stored() -> StoredCandles:
    return StoredCandles(candles())


@pytest.fixture
def reading(app: FastAPI, stored: StoredCandles) -> TestClient:
    """A client of an application that has read ``stored``."""
    read_from(app, stored)
    return TestClient(app, raise_server_exceptions=False)


def failing(error: MercadoError) -> StoredCandles:
    def fail() -> LatestCandles:
        raise error

    return StoredCandles(fail)


def test_stored_and_given_candles_give_the_same_forecast(reading: TestClient) -> None:
    given = reading.post("/predict", json=column_body())
    assert reading.get("/predict").json() == given.json() | {"data_origin": "binance"}


def test_simulated_candles_and_filled_hours_are_called_what_they_are(app: FastAPI) -> None:
    read_from(app, StoredCandles(candles(filled=3, origin="simulator: profile=reversal; seed=7")))
    answer = TestClient(app).get("/predict").json()
    assert answer["data_origin"] == "simulator: profile=reversal; seed=7"
    assert answer["filled_candles"] == 3


def test_old_candles_are_answered_and_called_stale(app: FastAPI) -> None:
    series = generate_candles(1000)
    old = replace(series, open_time_ms=series.open_time_ms - 240 * HOUR_MS)
    read_from(app, StoredCandles(LatestCandles(old, 0, "binance")))
    answer = TestClient(app).get("/predict")
    assert answer.status_code == 200
    assert (answer.json()["stale"], answer.json()["stale_from_utc"]) == (True, "2025-12-22T03:00:00Z")


def test_the_answer_is_made_once_and_its_etag_saves_sending_it_again(
    app: FastAPI, reading: TestClient, stored: StoredCandles
) -> None:
    answers = [reading.get("/predict") for _ in range(3)]
    app.state.services.latest.refresh()
    assert stored.reads == 1
    assert {answer.content for answer in answers} == {answers[0].content}
    assert answers[0].headers["cache-control"] == "no-cache"
    etag = answers[0].headers["etag"]
    for stated in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = reading.get("/predict", headers={"If-None-Match": stated})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert reading.get("/predict", headers={"If-None-Match": '"other"'}).status_code == 200


def test_new_and_revised_candles_are_forecast_from(app: FastAPI, reading: TestClient, stored: StoredCandles) -> None:
    before = reading.get("/predict")
    stored.answer, stored.mark_number = candles(seed=8), 2
    app.state.services.latest.refresh()
    after = reading.get("/predict", headers={"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert after.json()["prediction_id"] != before.json()["prediction_id"]


def test_a_new_model_answers_as_soon_as_it_is_served(
    app: FastAPI, reading: TestClient, registry: FolderRegistry, stored: StoredCandles
) -> None:
    registry.champion_number = 2
    app.state.services.follower.poll()
    assert reading.get("/predict").json()["model"]["version"] == 2
    assert stored.reads == 1


def test_while_the_warehouse_is_down_the_last_candles_are_forecast_from_by_a_new_model_too(
    app: FastAPI, reading: TestClient, registry: FolderRegistry, stored: StoredCandles
) -> None:
    before = reading.get("/predict").json()
    stored.answer = failing(ServiceUnavailableError("down")).answer
    app.state.services.latest.refresh()
    assert reading.get("/predict").json() == before
    registry.champion_number = 2
    app.state.services.follower.poll()
    after = reading.get("/predict").json()
    assert (after["model"]["version"], after["as_of_utc"]) == (2, before["as_of_utc"])


def test_each_prediction_is_stored_once_whoever_asks_how_often(
    app: FastAPI, reading: TestClient, stored: StoredCandles
) -> None:
    ids = [reading.get("/predict").json()["prediction_id"] for _ in range(3)]
    app.state.services.log.flush()
    assert [str(prediction.prediction_id) for prediction in stored.stored] == [ids[0]]
    assert stored.stored[0].kind == "latest"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (NotEnoughDataError("12 candles are stored: run the DAG bitcoin_data_ingestion"), "not-enough-data"),
        (SchemaOutdatedError("the schema is empty: run `mercado migrate`"), "schema-outdated"),
    ],
)
def test_a_warehouse_that_cannot_serve_is_a_503_with_reason_and_remedy(
    app: FastAPI, error: MercadoError, kind: str
) -> None:
    read_from(app, failing(error))
    answer = TestClient(app).get("/predict")
    assert answer.status_code == 503
    assert answer.json()["type"] == f"urn:mercado:problem:{kind}"
    assert answer.json()["detail"] == str(error)
    assert answer.headers["retry-after"] == "5"


def test_without_a_warehouse_get_says_what_to_set_and_post_works(client: TestClient) -> None:
    answer = client.get("/predict")
    assert answer.status_code == 503
    assert "MERCADO_API_WAREHOUSE_URL" in answer.json()["detail"]
    assert client.post("/predict", json=column_body()).status_code == 200


def test_a_database_that_is_down_is_a_503_without_its_password(registry: FolderRegistry) -> None:
    url = "postgresql://api_reader:very-secret@127.0.0.1:1/warehouse_db"
    app = create_app(ApiSettings(_env_file=None, MERCADO_API_WAREHOUSE_URL=url), registry, now=lambda: NOW)
    app.state.services.follower.poll()
    try:
        answer = TestClient(app).get("/predict")
    finally:
        app.state.services.reader.close()
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:mercado:problem:service-unavailable"
    assert "127.0.0.1:1/warehouse_db" in answer.text
    assert "very-secret" not in answer.text
