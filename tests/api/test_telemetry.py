"""GET /metrics, request ids and the access log: what an operator sees, and that nobody can make it grow without end."""

import logging
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

import pytest
from fastapi import FastAPI
from prometheus_client.parser import text_string_to_metric_families

from fastapi_app.limits import Limits
from fastapi_app.warehouse import LatestCandles
from mercado.registry import FORECASTER_MODEL
from tests.api.builders import FolderRegistry, StoredCandles, column_body, generate_candles, read_from
from tests.api.client import TestClient

SECONDS: Final = "mercado_api_request_seconds_count"
ANSWERS: Final = "mercado_api_answers_total"
GIVEN: Final = "given-by.a:test_1"
Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


def samples(client: TestClient) -> Samples:
    """Return what Prometheus would read."""
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def value(client: TestClient, name: str, **labels: str) -> float | None:
    return samples(client).get((name, frozenset(labels.items())))


def labels_of(client: TestClient, name: str) -> set[frozenset[tuple[str, str]]]:
    return {labels for found, labels in samples(client) if found == name}


@pytest.fixture
def reading(app: FastAPI) -> TestClient:
    """A client of an application that has read candles and stores what it predicts."""
    read_from(app, StoredCandles(LatestCandles(generate_candles(1000), 0, "binance")))
    return TestClient(app, raise_server_exceptions=False)


def test_requests_are_timed_by_route_and_by_the_model_version_that_answered(
    client: TestClient, app: FastAPI, registry: FolderRegistry
) -> None:
    for version, count in ((1, 2), (2, 3)):
        registry.champion_number = version
        app.state.services.follower.poll()
        for _ in range(count):
            client.post("/predict", json=column_body())
    for version, count in (("1", 2), ("2", 3)):
        labels = {"method": "POST", "route": "/predict", "model": FORECASTER_MODEL, "model_version": version}
        assert value(client, SECONDS, **labels) == count
        assert value(client, "mercado_api_request_seconds_bucket", **labels, le="+Inf") == count


def test_the_newest_forecast_the_batch_and_the_scores_name_their_version_too(reading: TestClient) -> None:
    body = column_body()
    reading.get("/predict")
    reading.post("/predict/batch", json=body | {"as_of_utc": ["2026-01-01T00:00:00Z"]})
    reading.post("/predict/features", json={"features": [[0.0]]})
    for method, route in (("GET", "/predict"), ("POST", "/predict/batch"), ("POST", "/predict/features")):
        assert value(reading, SECONDS, method=method, route=route, model=FORECASTER_MODEL, model_version="1") == 1


def test_answers_are_counted_by_route_and_status(client: TestClient) -> None:
    client.post("/predict", json=column_body())
    client.post("/predict", json={})
    client.post("/predict", content=b" " * (Limits().body_bytes + 1))
    client.get(f"/predictions/{uuid4()}")
    client.get(f"/predictions/{uuid4()}")
    for status in ("200", "413", "422"):
        assert value(client, ANSWERS, method="POST", route="/predict", status=status) == 1
    assert value(client, ANSWERS, method="GET", route="/predictions/{prediction_id}", status="503") == 2


def test_no_path_and_no_method_makes_a_label_of_its_own(client: TestClient) -> None:
    client.get("/metrics")
    before = len(samples(client))
    for number in range(50):
        client.get(f"/nowhere/{number}")
        client.get(f"/predictions/{number}")
        client.get(f"/docs-files/{number}.js")
        client.request(f"METHOD{number}", f"/predict/{number}")
        client.request(f"METHOD{number}", "/predict")
    routes = {dict(labels)["route"] for labels in labels_of(client, ANSWERS)}
    assert routes == {"none", "/predictions/{prediction_id}", "/docs-files", "/predict", "/metrics"}
    assert {dict(labels)["method"] for labels in labels_of(client, ANSWERS)} == {"GET", "other"}
    assert value(client, ANSWERS, method="other", route="/predict", status="405") == 50
    assert len(samples(client)) - before < 150


def test_swaps_failures_and_the_version_that_failed_are_told(
    client: TestClient, app: FastAPI, registry: FolderRegistry
) -> None:
    def told(name: str) -> float | None:
        return value(client, f"mercado_api_model_{name}", model=FORECASTER_MODEL)

    assert (told("swaps_total"), told("failures_total"), told("served"), told("trouble")) == (1, 0, 1, 0)
    for registry.champion_number in (2, 3):
        app.state.services.follower.poll()
    assert (told("swaps_total"), told("failures_total"), told("served"), told("trouble")) == (2, 1, 1, 1)
    assert told("version") == 2
    assert value(client, "mercado_api_model_failed", model=FORECASTER_MODEL, model_version="3") == 1
    registry.champion_number = 2
    app.state.services.follower.poll()
    assert (told("trouble"), labels_of(client, "mercado_api_model_failed")) == (0, set())


def test_mlflow_that_is_down_is_a_trouble(client: TestClient, app: FastAPI, registry: FolderRegistry) -> None:
    registry.down = True
    app.state.services.follower.poll()
    assert value(client, "mercado_api_model_trouble", model=FORECASTER_MODEL) == 1
    assert value(client, "mercado_api_model_served", model=FORECASTER_MODEL) == 1


def test_the_ages_of_the_model_and_of_the_newest_candle_are_told(reading: TestClient) -> None:
    assert value(reading, "mercado_api_model_age_seconds", model=FORECASTER_MODEL) == 12 * 3600 + 300
    assert value(reading, "mercado_api_candle_age_seconds", model=FORECASTER_MODEL) == 300


def test_what_is_unknown_is_left_out(app: FastAPI) -> None:
    client = TestClient(app)
    assert value(client, "mercado_api_model_served", model=FORECASTER_MODEL) == 0
    for name in ("model_version", "model_age_seconds", "candle_age_seconds"):
        assert labels_of(client, f"mercado_api_{name}") == set()


def test_the_prediction_log_is_told_with_what_was_dropped_and_why(reading: TestClient, app: FastAPI) -> None:
    def told() -> tuple[float | None, ...]:
        names = ("prediction_log_waiting", "predictions_stored_total")
        return tuple(value(reading, f"mercado_api_{name}") for name in names)

    assert told() == (1, 0)
    app.state.services.log.flush()
    assert told() == (0, 1)
    app.state.services.log.dropped["queue_full"] += 2
    for reason, count in (("queue_full", 2), ("no_warehouse", 0), ("refused", 0)):
        assert value(reading, "mercado_api_predictions_dropped_total", reason=reason) == count


def test_without_a_warehouse_each_prediction_counts_as_dropped(client: TestClient, app: FastAPI) -> None:
    client.post("/predict", json=column_body())
    assert value(client, "mercado_api_predictions_dropped_total", reason="no_warehouse") == 1
    assert value(client, "mercado_api_warehouse_trouble") == 1


def refused(client: TestClient, app: FastAPI, status: int, headers: dict[str, str]) -> Any:
    """Return an answer with this status."""
    if status == 500:
        app.state.services = replace(app.state.services, reader=None)
    asked = {
        200: lambda: client.get("/health/live", headers=headers),
        404: lambda: client.get("/nowhere", headers=headers),
        405: lambda: client.put("/predict", headers=headers),
        413: lambda: client.post("/predict", content=b" " * (Limits().body_bytes + 1), headers=headers),
        422: lambda: client.post("/predict", json={}, headers=headers),
        500: lambda: client.get(f"/predictions/{uuid4()}", headers=headers),
        503: lambda: client.get("/predict", headers=headers),
    }
    answer = asked[status]()
    assert answer.status_code == status
    return answer


STATUSES: Final = (200, 404, 405, 413, 422, 500, 503)


@pytest.mark.parametrize("status", STATUSES)
def test_every_answer_carries_the_id_that_its_request_came_with(client: TestClient, app: FastAPI, status: int) -> None:
    answer = refused(client, app, status, {"X-Request-ID": GIVEN})
    assert answer.headers.get_list("x-request-id") == [GIVEN]


@pytest.mark.parametrize("status", STATUSES)
def test_every_answer_has_an_id_of_its_own_if_none_was_given(client: TestClient, app: FastAPI, status: int) -> None:
    ids = {refused(client, app, status, {}).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3
    assert all(len(each) == 32 for each in ids)


@pytest.mark.parametrize("stated", ["", "two words", "a" * 65, "line\nbreak", 'quo"te', "ümlaut".encode(), "<b>"])
def test_an_id_that_is_not_plain_is_replaced(client: TestClient, stated: str | bytes) -> None:
    answer = client.get("/health/live", headers={"X-Request-ID": stated})
    assert len(answer.headers["x-request-id"]) == 32


def test_each_answer_is_logged_with_its_id_route_status_time_and_version(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "fastapi_app.access")
    client.post("/predict", json=column_body(), headers={"X-Request-ID": GIVEN})
    (line,) = (record for record in caplog.records if record.name == "fastapi_app.access")
    assert line.getMessage() == "POST /predict 200"
    told = vars(line)
    assert (told["request_id"], told["route"], told["status"]) == (GIVEN, "/predict", 200)
    assert (told["method"], told["path"], told["client"]) == ("POST", "/predict", "testclient")
    assert (told["model"], told["model_version"]) == (FORECASTER_MODEL, "1")
    assert 0 < told["milliseconds"] < 60_000


@pytest.mark.parametrize(("status", "route"), [(404, "none"), (413, "/predict"), (500, "/predictions/{prediction_id}")])
def test_a_failure_is_logged_as_what_was_answered(
    client: TestClient, app: FastAPI, caplog: pytest.LogCaptureFixture, status: int, route: str
) -> None:
    caplog.set_level(logging.INFO, "fastapi_app.access")
    refused(client, app, status, {"X-Request-ID": GIVEN})
    told = [vars(record) for record in caplog.records if record.name == "fastapi_app.access"]
    assert [(line["request_id"], line["status"], line["route"]) for line in told] == [(GIVEN, status, route)]
