"""GET /predict: what it answers about the stored candles, and why it cannot."""

from dataclasses import replace
from typing import Any

import pytest
from fastapi import FastAPI

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from fastapi_app.warehouse import LatestCandles
from mercado.errors import NotEnoughDataError, SchemaOutdatedError
from tests.api.builders import HOUR_MS, NOW, FolderRegistry, StoredCandles, column_body, generate_candles
from tests.api.client import TestClient


def answer_from(app: FastAPI, stored: Any) -> Any:
    """Return the answer when the warehouse holds ``stored``."""
    app.state.services = replace(app.state.services, reader=StoredCandles(stored))
    app.state.services.follower.poll()
    return TestClient(app).get("/predict")


def test_stored_and_given_candles_give_the_same_forecast(app: FastAPI) -> None:
    answer = answer_from(app, LatestCandles(generate_candles(1000), 0, "binance"))
    given = TestClient(app).post("/predict", json=column_body())
    assert answer.json() == given.json() | {"data_origin": "binance"}


def test_simulated_candles_and_filled_hours_are_called_what_they_are(app: FastAPI) -> None:
    answer = answer_from(app, LatestCandles(generate_candles(1000), 3, "simulator: profile=reversal; seed=7")).json()
    assert answer["data_origin"] == "simulator: profile=reversal; seed=7"
    assert answer["filled_candles"] == 3


def test_old_candles_are_answered_and_called_stale(app: FastAPI) -> None:
    series = generate_candles(1000)
    old = replace(series, open_time_ms=series.open_time_ms - 240 * HOUR_MS)
    answer = answer_from(app, LatestCandles(old, 0, "binance"))
    assert answer.status_code == 200
    assert (answer.json()["stale"], answer.json()["candle_age_seconds"]) == (True, 240 * 3600 + 300)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (NotEnoughDataError("12 candles are stored: run the DAG bitcoin_data_ingestion"), "not-enough-data"),
        (SchemaOutdatedError("the schema is empty: run `mercado migrate`"), "schema-outdated"),
    ],
)
def test_a_warehouse_that_cannot_serve_is_a_503_with_reason_and_remedy(
    app: FastAPI, error: Exception, kind: str
) -> None:
    def fail() -> LatestCandles:
        raise error

    answer = answer_from(app, fail)
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
    answer = TestClient(app).get("/predict")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:mercado:problem:service-unavailable"
    assert "127.0.0.1:1/warehouse_db" in answer.text
    assert "very-secret" not in answer.text
