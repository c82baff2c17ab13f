"""The models of several series: each answers for its own, whichever way it is asked, and alone when it fails."""

from pathlib import Path

import pytest

from fastapi_app.served_model import ServedModel
from tests.api.builders import NOW, FolderRegistry, column_body, generate_candles
from tests.api.several_series import MAIN, OTHERS, Platform, SlowRegistry, Trained, body, in_memory, listed
from tests.api.test_health_and_model import wait_for


def test_each_series_is_answered_by_its_own_model_whichever_way_it_is_asked(platform: Platform) -> None:
    row = {"features": [[0.1] * len(platform.forecasters[MAIN].feature_names)]}
    with platform.running() as client:
        for symbol in (MAIN, *OTHERS):
            name = "bitcoin-forecaster" if symbol == MAIN else f"bitcoin-forecaster-{symbol}-1h"
            forecast = platform.forecasters[symbol].forecast(generate_candles(1000))
            posted = client.post("/predict", json=body(symbol)).json()
            assert (posted["symbol"], posted["model"]["name"]) == (symbol, name)
            assert posted["probability_up"] == forecast.probability_up
            batch = client.post("/predict/batch", json=body(symbol) | {"as_of_utc": [posted["as_of_utc"]]}).json()
            assert batch["model"] == posted["model"]
            assert batch["forecasts"][0]["probability_up"] == forecast.probability_up
            where = f"symbol={symbol}&interval=1h"
            scored = client.post(f"/predict/features?{where}", json=row).json()
            assert scored["model"] == posted["model"]
            described = client.get(f"/model?{where}").json()
            assert described["training"]["dataset_sha256"] == platform.forecasters[symbol].training_digest
            (version,) = client.get(f"/model/versions?{where}").json()["items"]
            assert f"/{name}/versions/1" in version["url"]


def test_who_names_no_series_or_half_of_one_is_answered_by_the_default_models(platform: Platform) -> None:
    with platform.running() as client:
        for query, symbol in (
            ("", MAIN),
            ("?interval=1h", MAIN),
            (f"?symbol={MAIN}", MAIN),
            ("?symbol=ETHUSDT", "ETHUSDT"),
        ):
            assert client.get(f"/model{query}").json()["symbol"] == symbol


@pytest.mark.parametrize(
    ("query", "field", "got"),
    [
        ("symbol=DOGEUSDT", "symbol", "DOGEUSDT-1h"),
        ("interval=4h", "interval", "BTCUSDT-4h"),
        ("symbol=ETHUSDT&interval=1d", "interval", "ETHUSDT-1d"),
    ],
)
def test_a_series_that_is_not_served_is_refused_with_those_that_are(
    platform: Platform, query: str, field: str, got: str
) -> None:
    named = {"symbol": MAIN, "interval": "1h"} | dict(part.split("=") for part in query.split("&"))
    row = {"features": [[0.1]]}
    with platform.running() as client:
        answers = [client.get(f"{path}?{query}") for path in ("/predict", "/model", "/model/versions")]
        answers.append(client.post(f"/predict/features?{query}", json=row))
        answers.append(client.post("/predict", json=column_body() | named))
        answers.append(client.post("/predict/batch", json=named | {"as_of_utc": ["2026-01-01T00:00:00Z"]}))
        for answer in answers:
            assert answer.status_code == 422
            (fault,) = answer.json()["errors"]
            assert fault["field"] == field
            assert fault["message"] == (
                f"Expected a series whose model is served (BTCUSDT-1h, ETHUSDT-1h, SOLUSDT-1h, ADAUSDT-1h): got {got}."
            )
        assert in_memory(client) == {MAIN}


def test_a_broken_champion_of_one_series_leaves_the_others_served(
    platform: Platform, model_folders: dict[int, Path]
) -> None:
    eth = platform.of("ETHUSDT")
    eth.folders[2] = model_folders[3]
    with platform.running() as client:
        for symbol in (MAIN, *OTHERS):
            assert client.post("/predict", json=body(symbol)).json()["model"]["version"] == 1
        eth.champion_number = 2
        wait_for(lambda: listed(client, "ETHUSDT")["notice"] is not None)
        assert "bitcoin-forecaster-ETHUSDT-1h version 2 cannot be loaded" in listed(client, "ETHUSDT")["notice"]
        for symbol in (MAIN, *OTHERS):
            assert client.post("/predict", json=body(symbol)).json()["model"]["version"] == 1
        assert client.get("/health/ready").json()["pending_failure"] is None


def test_a_first_champion_that_is_broken_is_told_of_its_series_alone(
    platform: Platform, model_folders: dict[int, Path]
) -> None:
    eth = platform.of("ETHUSDT")
    eth.folders[1] = model_folders[3]
    with platform.running() as client:
        answer = client.post("/predict", json=body("ETHUSDT"))
        assert answer.status_code == 503
        assert "bitcoin-forecaster-ETHUSDT-1h version 1 cannot be loaded" in answer.json()["detail"]
        assert [client.post("/predict", json=body(symbol)).status_code for symbol in (MAIN, "SOLUSDT")] == [200] * 2
        assert client.get("/health/ready").status_code == 200


def test_a_registry_that_fails_in_a_way_nobody_expected_leaves_the_others_followed(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    def explode() -> None:
        raise RuntimeError("unexpected")

    monkeypatch.setattr(platform.of("ETHUSDT"), "champion", explode)
    with platform.running() as client:
        assert client.get("/model?symbol=ETHUSDT").status_code == 503
        assert client.get("/model?symbol=SOLUSDT").status_code == 200
        platform.of("SOLUSDT").champion_number = None
        wait_for(lambda: "was taken away" in str(listed(client, "SOLUSDT")["notice"]))


def test_a_model_under_the_name_of_another_series_is_not_served(platform: Platform, trained: Trained) -> None:
    platform.of("ETHUSDT").folders[1] = trained["SOLUSDT"][1]
    with platform.running() as client:
        answer = client.post("/predict", json=body("ETHUSDT"))
        assert answer.status_code == 503
        assert "it forecasts SOLUSDT-1h, expected ETHUSDT-1h" in answer.json()["detail"]


def test_a_default_model_of_another_name_answers_for_the_series_that_it_forecasts(
    platform: Platform, trained: Trained
) -> None:
    platform.registry.name, platform.registry.folders[1] = "stumps", trained["ETHUSDT"][1]
    platform.others["bitcoin-forecaster"] = SlowRegistry({1: trained[MAIN][1]}, champion_number=1)
    platform.others["bitcoin-forecaster"].gate.set()
    with platform.running(MERCADO_API_MODEL="stumps") as client:
        names = {each["symbol"]: each["name"] for each in client.get("/models").json()["items"]}
        assert names["ETHUSDT"] == "stumps"
        assert client.get("/model").json()["name"] == "stumps"
        assert client.post("/predict", json=body("ETHUSDT")).json()["model"]["name"] == "stumps"
        assert client.post("/predict", json=body(MAIN)).json()["model"]["name"] == "bitcoin-forecaster"
    assert platform.of("ETHUSDT").downloads == []


def test_requests_and_log_tell_the_models_apart(platform: Platform) -> None:
    with platform.running() as client:
        for symbol in (MAIN, "ETHUSDT"):
            client.post("/predict", json=body(symbol))
        metrics = client.get("/metrics").text
    for name in ("bitcoin-forecaster", "bitcoin-forecaster-ETHUSDT-1h"):
        labels = f'method="POST",model="{name}",model_version="1",route="/predict"'
        assert f"mercado_api_request_seconds_count{{{labels}}} 1.0" in metrics


def test_a_served_version_knows_its_series(trained: Trained) -> None:
    version = FolderRegistry({1: trained["ETHUSDT"][1]}, champion_number=1).champion()
    assert version is not None
    assert str(ServedModel(version, trained["ETHUSDT"][0], NOW).series) == "ETHUSDT-1h"
