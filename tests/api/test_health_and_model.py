"""GET /health/live, GET /health/ready and GET /model, and the start and stop of the application."""

import threading
import time
from collections.abc import Callable

import pytest
from fastapi import FastAPI

from fastapi_app.main import create_app
from fastapi_app.repeating import Repeating
from fastapi_app.settings import ApiSettings
from fastapi_app.warehouse import WarehouseState
from mercado.bitcoin.forecaster import Forecaster
from tests.api.builders import NOW, FolderRegistry, column_body
from tests.api.client import TestClient


def wait_for(condition: Callable[[], bool]) -> None:
    """Return when ``condition`` holds, at most five seconds from now."""
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline, "it did not happen within 5 s"
        time.sleep(0.02)


def served_version(client: TestClient) -> int | None:
    answer = client.get("/health/ready")
    return answer.json()["model"]["version"] if answer.status_code == 200 else None


def test_a_process_without_a_model_is_live_but_not_ready(app: FastAPI) -> None:
    client = TestClient(app)
    assert client.get("/health/live").json() == {"status": "live"}
    assert client.get("/health/ready").status_code == 503


def test_readiness_names_the_served_version_and_the_missing_warehouse(client: TestClient, app: FastAPI) -> None:
    app.state.services.watch.check()
    answer = client.get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["model"]["version"] == 1
    assert "MERCADO_API_WAREHOUSE_URL" in answer.json()["warehouse"]


@pytest.mark.parametrize("path", ["/health/ready", "/model", "/predict"])
@pytest.mark.parametrize(
    ("champion", "down", "reason"),
    [
        (None, False, "No version of bitcoin-forecaster was registered yet"),
        (1, True, "MLflow at http://127.0.0.1:5000 cannot answer"),
        (3, False, "bitcoin-forecaster version 3 cannot be loaded"),
    ],
)
def test_without_a_model_every_endpoint_says_why(
    app: FastAPI, registry: FolderRegistry, path: str, champion: int | None, down: bool, reason: str
) -> None:
    registry.champion_number, registry.down = champion, down
    app.state.services.follower.poll()
    answer = TestClient(app).get(path)
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:mercado:problem:model-not-ready"
    assert reason in answer.json()["detail"]


def test_posting_without_a_model_says_why(app: FastAPI) -> None:
    answer = TestClient(app).post("/predict", json=column_body())
    assert answer.status_code == 503
    assert "looked up for the first time" in answer.json()["detail"]


def test_an_outdated_schema_makes_the_service_unready(client: TestClient, app: FastAPI) -> None:
    app.state.services.watch.state = WarehouseState("The schema is empty: run `mercado migrate`.", outdated=True)
    answer = client.get("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:mercado:problem:schema-outdated"
    assert "mercado migrate" in answer.json()["detail"]


def test_an_outdated_schema_is_told_beside_a_missing_model(app: FastAPI) -> None:
    app.state.services.watch.state = WarehouseState("The schema is empty: run `mercado migrate`.", outdated=True)
    detail = TestClient(app).get("/health/ready").json()["detail"]
    assert "looked up for the first time" in detail
    assert "mercado migrate" in detail


def test_the_model_is_described_from_the_registry_and_the_forecaster(
    client: TestClient, forecaster: Forecaster
) -> None:
    answer = client.get("/model").json()
    assert (answer["name"], answer["version"], answer["run_id"]) == ("bitcoin-forecaster", 1, "run-1")
    assert (answer["symbol"], answer["interval"], answer["candles_needed"]) == ("BTCUSDT", "1h", 1000)
    assert answer["training"]["dataset_sha256"] == forecaster.training_digest
    assert answer["training"]["last_open_utc"] == "2025-12-31T22:00:00Z"
    assert answer["loaded_at_utc"] == "2026-01-01T00:05:00Z"
    assert (answer["verdict"], answer["pending_failure"], answer["notice"]) == ("promoted", None, None)


def test_a_pending_failure_is_told_while_the_old_model_answers(
    client: TestClient, app: FastAPI, registry: FolderRegistry
) -> None:
    registry.champion_number = 3
    app.state.services.follower.poll()
    for path in ("/model", "/health/ready"):
        failure = client.get(path).json()["pending_failure"]
        assert failure["version"] == 3
        assert "damaged" in failure["reason"]
    assert client.post("/predict", json=column_body()).json()["model"]["version"] == 1


def test_a_started_application_follows_the_alias_by_itself(app: FastAPI, registry: FolderRegistry) -> None:
    with TestClient(app) as client:
        for number in (1, 2):
            registry.champion_number = number
            wait_for(lambda: served_version(client) == number)  # noqa: B023


def test_the_start_waits_for_no_registry_and_the_stop_for_no_answer(settings: ApiSettings) -> None:
    answered = threading.Event()

    class HangingRegistry(FolderRegistry):
        def champion(self) -> None:
            answered.wait(30)

    started = time.monotonic()
    with TestClient(create_app(settings, HangingRegistry(), now=lambda: NOW)) as client:
        assert client.get("/health/live").status_code == 200
        assert client.get("/health/ready").status_code == 503
        assert time.monotonic() - started < 2
    answered.set()
    assert time.monotonic() - started < 5


def test_stopping_ends_the_threads(app: FastAPI) -> None:
    with TestClient(app):
        assert "model follower" in {thread.name for thread in threading.enumerate()}
    assert not {"model follower", "warehouse watch"} & {thread.name for thread in threading.enumerate()}


def test_a_turn_that_fails_unexpectedly_does_not_end_the_thread() -> None:
    turns: list[int] = []

    def fail() -> None:
        turns.append(1)
        raise RuntimeError("unexpected")

    repeating = Repeating(fail, seconds=0.01, name="failing")
    repeating.start()
    wait_for(lambda: len(turns) > 2)
    repeating.stop()
