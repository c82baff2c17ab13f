"""Models in memory: each comes when it is asked for, is followed, and makes room for others."""

import gc
import time
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from mercado.registry import ModelVersion
from tests.api.several_series import MAIN, NEVER, Platform, Trained, body, in_memory, listed
from tests.api.test_health_and_model import wait_for
from tests.api.test_webhook import SECRET, signed

COLD_SECONDS: Final = 0.5


def test_a_model_is_loaded_when_it_is_first_asked_for_and_listed(platform: Platform) -> None:
    with platform.running() as client:
        assert platform.of("ETHUSDT").downloads == []
        assert listed(client, "ETHUSDT") == {
            "symbol": "ETHUSDT",
            "interval": "1h",
            "name": "bitcoin-forecaster-ETHUSDT-1h",
            "default": False,
            "in_memory": False,
            "version": None,
            "loaded_at_utc": None,
            "notice": None,
        }
        assert client.get("/model?symbol=ETHUSDT").status_code == 200
        known = {"in_memory": True, "version": 1, "loaded_at_utc": "2026-01-01T00:05:00Z", "notice": None}
        assert listed(client, "ETHUSDT").items() >= known.items()
        assert [each["default"] for each in client.get("/models").json()["items"]] == [True, False, False, False]


def test_first_requests_that_come_at_once_load_a_model_once(platform: Platform) -> None:
    eth = platform.of("ETHUSDT")
    eth.gate.clear()
    with platform.running() as client, ThreadPoolExecutor(20) as pool:
        asked = [pool.submit(client.get, "/model?symbol=ETHUSDT") for _ in range(20)]
        wait_for(lambda: in_memory(client) == {MAIN, "ETHUSDT"})
        eth.gate.set()
        assert [each.result().status_code for each in asked] == [200] * 20
    assert eth.downloads == [1]


def test_a_model_that_takes_long_is_waited_for_so_long_and_no_longer_and_nobody_else_waits(platform: Platform) -> None:
    eth = platform.of("ETHUSDT")
    eth.gate.clear()
    with platform.running(cold_seconds=COLD_SECONDS) as client, ThreadPoolExecutor(1) as pool:
        started = time.monotonic()
        cold = pool.submit(client.post, "/predict", json=body("ETHUSDT"))
        wait_for(lambda: in_memory(client) == {MAIN, "ETHUSDT"})
        for path in ("/health/live", "/health/ready", "/model", "/models"):
            assert client.get(path).status_code == 200
        platform.registry.champion_number = None
        wait_for(lambda: "was taken away" in str(client.get("/model").json()["notice"]))
        answer = cold.result()
        assert COLD_SECONDS <= time.monotonic() - started < 5
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert answer.json()["detail"] == "The model of ETHUSDT-1h is being loaded: ask again in some seconds."
        eth.gate.set()
        wait_for(lambda: client.post("/predict", json=body("ETHUSDT")).status_code == 200)
    assert eth.downloads == [1]


def test_the_model_that_was_not_asked_for_longest_makes_room_and_the_default_one_never_does(platform: Platform) -> None:
    with platform.running(MERCADO_API_MODELS_IN_MEMORY=3) as client:
        for symbol in ("ETHUSDT", "SOLUSDT", "ETHUSDT", "ADAUSDT"):
            assert client.get(f"/model?symbol={symbol}").status_code == 200
        assert in_memory(client) == {MAIN, "ETHUSDT", "ADAUSDT"}
        assert client.get("/model?symbol=SOLUSDT").status_code == 200
        assert in_memory(client) == {MAIN, "ADAUSDT", "SOLUSDT"}
        metrics = client.get("/metrics").text
    assert "mercado_api_models_in_memory 3.0" in metrics
    assert "mercado_api_models_dropped_total 2.0" in metrics
    assert 'mercado_api_model_served{model="bitcoin-forecaster-ETHUSDT-1h"}' not in metrics
    assert 'mercado_api_model_served{model="bitcoin-forecaster-SOLUSDT-1h"} 1.0' in metrics
    assert platform.of("SOLUSDT").downloads == [1, 1]
    assert platform.registry.downloads == [1]


def test_while_there_is_no_room_a_request_waits_for_the_models_that_are_being_loaded(platform: Platform) -> None:
    for symbol in ("ETHUSDT", "SOLUSDT"):
        platform.of(symbol).gate.clear()
    with platform.running(MERCADO_API_MODELS_IN_MEMORY=3) as client, ThreadPoolExecutor(3) as pool:
        first = [pool.submit(client.get, f"/model?symbol={symbol}") for symbol in ("ETHUSDT", "SOLUSDT")]
        wait_for(lambda: in_memory(client) == {MAIN, "ETHUSDT", "SOLUSDT"})
        third = pool.submit(client.get, "/model?symbol=ADAUSDT")
        time.sleep(0.1)
        assert in_memory(client) == {MAIN, "ETHUSDT", "SOLUSDT"}
        for symbol in ("ETHUSDT", "SOLUSDT"):
            platform.of(symbol).gate.set()
        assert [each.result().status_code for each in (*first, third)] == [200] * 3
        assert len(in_memory(client)) == 3


def test_a_model_that_cannot_be_loaded_takes_no_room_from_one_that_is_served(platform: Platform) -> None:
    with platform.running(MERCADO_API_MODELS_IN_MEMORY=2) as client:
        assert client.get("/model?symbol=ETHUSDT").status_code == 200
        sol = platform.of("SOLUSDT")
        sol.down = True
        refused = client.get("/model?symbol=SOLUSDT")
        assert refused.status_code == 503
        assert listed(client, "SOLUSDT")["notice"] is not None
        assert 'mercado_api_model_served{model="bitcoin-forecaster-SOLUSDT-1h"} 0.0' in client.get("/metrics").text
        assert in_memory(client) == {MAIN, "ETHUSDT"}
        assert client.get("/model?symbol=ETHUSDT").status_code == 200
        assert platform.of("ETHUSDT").downloads == [1]
        assert "mercado_api_models_dropped_total 0.0" in client.get("/metrics").text
        sol.down = False
        wait_for(lambda: client.get("/model?symbol=SOLUSDT").status_code == 200)
        assert in_memory(client) == {MAIN, "SOLUSDT"}
        assert "mercado_api_models_dropped_total 1.0" in client.get("/metrics").text


def test_a_model_without_a_version_takes_no_room(platform: Platform) -> None:
    eth = platform.of("ETHUSDT")
    eth.champion_number = None
    with platform.running(MERCADO_API_MODELS_IN_MEMORY=3) as client:
        for symbol, status in (("SOLUSDT", 200), ("ETHUSDT", 503), ("ADAUSDT", 200), ("ETHUSDT", 503)):
            assert client.get(f"/model?symbol={symbol}").status_code == status
        assert in_memory(client) == {MAIN, "SOLUSDT", "ADAUSDT"}
        eth.champion_number = 1
        wait_for(lambda: client.get("/model?symbol=ETHUSDT").status_code == 200)
        assert in_memory(client) == {MAIN, "ADAUSDT", "ETHUSDT"}


def test_a_model_that_made_room_is_freed_at_once(platform: Platform) -> None:
    with platform.running(MERCADO_API_MODELS_IN_MEMORY=2) as client:
        client.get("/model?symbol=ETHUSDT")
        (kept,) = client.app.state.services.models.others.kept().values()
        gone = weakref.ref(kept.follower.state.require_served().forecaster)
        del kept
        gc.collect()
        gc.disable()
        try:
            client.get("/model?symbol=SOLUSDT")
            wait_for(lambda: gone() is None)
        finally:
            gc.enable()


def test_with_room_for_one_model_the_default_one_is_served_and_others_are_told_why_not(platform: Platform) -> None:
    with platform.running(MERCADO_API_MODELS_IN_MEMORY=1) as client:
        assert client.get("/model").status_code == 200
        answer = client.get("/model?symbol=ETHUSDT")
        assert (answer.status_code, answer.json()["type"]) == (503, "urn:mercado:problem:not-configured")
        assert "MERCADO_API_MODELS_IN_MEMORY=1 leaves no room" in answer.json()["detail"]


def test_a_model_in_memory_is_followed(platform: Platform, trained: Trained) -> None:
    eth = platform.of("ETHUSDT")
    eth.folders[2] = trained["ETHUSDT"][1]
    with platform.running() as client:
        assert client.get("/model?symbol=ETHUSDT").json()["version"] == 1
        eth.champion_number = 2
        wait_for(lambda: client.get("/model?symbol=ETHUSDT").json()["version"] == 2)


@pytest.mark.parametrize(
    ("named", "is_heard"), [("bitcoin-forecaster-ETHUSDT-1h", True), ("bitcoin-forecaster", False)]
)
def test_the_webhook_has_the_model_that_it_names_looked_up(
    platform: Platform, trained: Trained, named: str, is_heard: bool
) -> None:
    eth, message = platform.of("ETHUSDT"), b'{"data": {"name": "%s"}}' % named.encode()
    eth.folders[2] = trained["ETHUSDT"][1]
    hooked = {"MERCADO_API_POLL_SECONDS": NEVER, "MERCADO_API_WEBHOOK_SECRET": SECRET}
    with platform.running(**hooked) as client:
        version: Callable[[], int] = lambda: client.get("/model?symbol=ETHUSDT").json()["version"]  # noqa: E731
        assert version() == 1
        eth.champion_number = 2
        assert client.post("/hooks/mlflow", content=message, headers=signed(message)).status_code == 204
        if is_heard:
            wait_for(lambda: version() == 2)
        else:
            time.sleep(0.3)
            assert version() == 1


def test_a_message_that_comes_while_a_model_is_looked_up_has_it_looked_up_once_more(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    eth, looks = platform.of("ETHUSDT"), []
    with platform.running(MERCADO_API_POLL_SECONDS=NEVER) as client:
        others, champion = client.app.state.services.models.others, eth.champion

        def look() -> ModelVersion | None:
            looks.append(1)
            if len(looks) == 1:
                others.look_again(eth.name)
            return champion()

        monkeypatch.setattr(eth, "champion", look)
        assert client.get("/model?symbol=ETHUSDT").status_code == 200
        wait_for(lambda: len(looks) == 2)
