"""POST /predict with candles that can be used."""

import math

import pytest

from mercado.bitcoin.forecaster import Forecaster
from tests.api.builders import column_body, generate_candles, object_body
from tests.api.client import TestClient


@pytest.fixture
def client(lasting_client: TestClient) -> TestClient:
    return lasting_client


def test_the_answer_is_the_forecasters_own(client: TestClient, forecaster: Forecaster) -> None:
    expected = forecaster.forecast(generate_candles(1000))
    answer = client.post("/predict", json=column_body()).json()
    assert answer["probability_up"] == expected.probability_up
    assert answer["forecast_price"] == expected.forecast_price
    assert answer["price_interval"] == {
        "lower_price": expected.lower_price,
        "upper_price": expected.upper_price,
        "coverage": 0.9,
    }
    assert answer["direction"] == expected.direction
    assert (answer["unlike_training"], answer["unusual_share"]) == (expected.unlike_training, expected.unusual_share)


def test_the_answer_names_its_instants_its_model_and_its_origin(client: TestClient) -> None:
    answer = client.post("/predict", json=column_body()).json()
    assert answer["as_of_utc"] == "2026-01-01T00:00:00Z"
    assert answer["target_close_utc"] == "2026-01-01T01:00:00Z"
    assert answer["model"] == {"name": "bitcoin-forecaster", "version": 1, "run_id": "run-1", "alias": "champion"}
    assert answer["data_origin"] == "request"
    assert (answer["symbol"], answer["interval"]) == ("BTCUSDT", "1h")


def test_equal_candles_and_model_are_the_same_prediction_and_others_are_not(client: TestClient) -> None:
    first, again = (client.post("/predict", json=column_body()).json()["prediction_id"] for _ in range(2))
    changed = column_body()
    changed["candles"]["volume"][0] += 1
    assert first == again != client.post("/predict", json=changed).json()["prediction_id"]


def test_price_return_and_last_close_agree(client: TestClient) -> None:
    answer = client.post("/predict", json=column_body()).json()
    assert answer["last_close"] == generate_candles(1000).close[-1]
    expected_return = math.log(answer["forecast_price"] / answer["last_close"])
    assert answer["expected_log_return"] == pytest.approx(expected_return, abs=1e-12)


def test_columns_and_objects_give_the_same_forecast(client: TestClient) -> None:
    as_columns, as_objects = client.post("/predict", json=column_body()), client.post("/predict", json=object_body())
    assert as_columns.status_code == 200
    assert as_columns.json() == as_objects.json()


def test_only_the_last_1000_candles_count(client: TestClient) -> None:
    longer = column_body(1500)
    last = {name: values[-1000:] for name, values in longer["candles"].items()}
    answers = [client.post("/predict", json=longer | {"candles": candles}) for candles in (longer["candles"], last)]
    assert answers[0].json() == answers[1].json()
    assert answers[0].status_code == 200


def test_whole_numbers_are_good_prices(client: TestClient) -> None:
    flat = dict.fromkeys(("open", "high", "low", "close"), [90_000] * 1000)
    assert client.post("/predict", json=column_body(**flat, volume=[0] * 1000)).status_code == 200


@pytest.mark.parametrize(("intervals", "stale"), [(3, False), (4, True)])
def test_candles_older_than_three_intervals_are_answered_and_called_stale(
    client: TestClient, intervals: int, stale: bool
) -> None:
    body = column_body()
    body["candles"]["open_time_ms"] = [time - (intervals - 1) * 3_600_000 for time in body["candles"]["open_time_ms"]]
    answer = client.post("/predict", json=body).json()
    assert answer["stale"] is stale
    assert answer["stale_from_utc"] == f"2026-01-01T0{4 - intervals}:00:00Z"


def test_extreme_but_allowed_candles_give_a_finite_forecast(client: TestClient) -> None:
    prices = [1e-12 if hour % 2 else 1e12 for hour in range(1000)]
    extremes = {"open": prices, "close": prices, "high": [1e12] * 1000, "low": [1e-12] * 1000}
    answer = client.post("/predict", json=column_body(**extremes, volume=[1e18] * 1000))
    assert answer.status_code == 200
    assert all(math.isfinite(value) for value in answer.json().values() if isinstance(value, float))
    assert answer.json()["unlike_training"] is True
