"""POST /predict/features: the model's own scores of rows, in float32, and nothing that is kept."""

import json
import math
from typing import Any

import numpy as np
import pytest
from fastapi import FastAPI

from fastapi_app.scoring import MOST_ROWS
from fastapi_app.warehouse import LatestCandles
from mercado.bitcoin.features import FEATURE_NAMES, feature_matrix
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.grid import to_grid
from tests.api.builders import StoredCandles, column_body, generate_candles, read_from
from tests.api.client import TestClient

PATH = "/predict/features"
WIDTH = len(FEATURE_NAMES)
ROW = [0.0] * WIDTH
ROWS = feature_matrix(to_grid(generate_candles(1050)))[999:]


def with_one(value: Any) -> list[list[Any]]:
    """Return two rows, the second of which has ``value`` in its fourth place."""
    return [ROW, [*ROW[:3], value, *ROW[4:]]]


def test_the_scores_are_the_models_own_for_the_rows_in_float32(
    lasting_client: TestClient, forecaster: Forecaster
) -> None:
    exact = ROWS.astype(np.float64) * (1 + 1e-12)  # rounds to the same float32
    expected = vars(forecaster.predict_features(ROWS))
    answer = lasting_client.post(PATH, json={"features": exact.tolist()}).json()
    assert answer.pop("model")["version"] == 1
    assert answer == {name: column.tolist() for name, column in expected.items()}


def test_the_scores_of_candles_features_are_the_forecast_from_the_candles(lasting_client: TestClient) -> None:
    forecast = lasting_client.post("/predict", json=column_body(1050)).json()
    scores = lasting_client.post(PATH, json={"features": ROWS[-1:].tolist()}).json()
    assert scores["probability_up"] == [forecast["probability_up"]]
    assert scores["expected_log_return"] == [forecast["expected_log_return"]]
    assert scores["unusual_share"] == [forecast["unusual_share"]]


def test_rows_are_answered_in_their_order_up_to_the_most(lasting_client: TestClient) -> None:
    rows = np.resize(ROWS, (MOST_ROWS, WIDTH)).tolist()
    there, back = (
        lasting_client.post(PATH, json={"features": order}).json()["probability_up"] for order in (rows, rows[::-1])
    )
    assert there == back[::-1]
    assert len(there) == MOST_ROWS


def test_extreme_features_give_finite_scores_and_are_called_unusual(lasting_client: TestClient) -> None:
    answer = lasting_client.post(PATH, json={"features": [[1e30] * WIDTH, [-1e30] * WIDTH]}).json()
    answer.pop("model")
    assert all(math.isfinite(value) for column in answer.values() for value in column)
    assert answer["unusual_share"] == [1.0, 1.0]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([], "at least 1 item"),
        ([[]], "Item 0: List should have at least 1 item"),
        ([ROW] * (MOST_ROWS + 1), "at most 1000 items"),
        ([ROW, ROW[1:]], f"Row 1 has {WIDTH - 1} values, expected {WIDTH}"),
        ([[*ROW, 0.0]], f"Row 0 has {WIDTH + 1} values, expected {WIDTH}"),
        ([[0.0] * 1001], "Item 0: List should have at most 1000 items"),
        (with_one(math.nan), "Item 1, 3: Input should be a finite number"),
        (with_one(math.inf), "Item 1, 3: "),
        (with_one(1e31), "Item 1, 3: Input should be less than or equal to 1000"),
        (with_one(-1e31), "Item 1, 3: Input should be greater than or equal to -1000"),
        (with_one(10**400), "Item 1, 3: "),
        (with_one(None), "Item 1, 3: Input should be a valid number"),
        (with_one("0.5"), "Item 1, 3: Input should be a valid number"),
        (with_one(True), "Item 1, 3: Input should be a valid number"),
        (ROW, "Item 0: Input should be a valid list"),
        ({"0": ROW}, "Input should be a valid list"),
    ],
)
def test_rows_that_cannot_be_scored_are_refused_with_their_place(
    lasting_client: TestClient, rows: Any, reason: str
) -> None:
    # httpx would not write NaN.
    content, headers = json.dumps({"features": rows}), {"Content-Type": "application/json"}
    answer = lasting_client.post(PATH, content=content, headers=headers)
    assert answer.status_code == 422
    (error,) = answer.json()["errors"]
    assert (error["field"], error["candle"]) == ("features", None)
    assert reason in error["message"]


def test_scores_are_no_predictions_so_nothing_is_stored(app: FastAPI) -> None:
    stored = StoredCandles(LatestCandles(generate_candles(1000), 0, "binance"))
    read_from(app, stored)
    app.state.services.log.flush()
    before = len(stored.stored)
    answer = TestClient(app).post(PATH, json={"features": [ROW]})
    assert answer.status_code == 200
    assert "prediction_id" not in answer.text
    assert app.state.services.log.waiting_count == 0
    assert len(stored.stored) == before


def test_without_a_model_the_reason_is_told(app: FastAPI) -> None:
    answer = TestClient(app).post(PATH, json={"features": [ROW]})
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:mercado:problem:model-not-ready"
