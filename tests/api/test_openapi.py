"""The OpenAPI document: complete, and true to itself."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from fastapi_app.warehouse import LatestCandles
from tests.api.builders import StoredCandles, column_body, generate_candles, read_from
from tests.api.client import TestClient
from tests.api.conformance import reads_tables


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    return dict(TestClient(app).get("/openapi.json").json())


@pytest.fixture
def reading(app: FastAPI) -> TestClient:
    """A client of an application that has stored candles, too."""
    history = generate_candles(1100)
    read_from(app, StoredCandles(LatestCandles(history[-1000:], 0, "binance"), history=history))
    return TestClient(app)


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def errors_of(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> list[str]:
    root = {"components": document["components"], **schema}
    return [error.message for error in Draft202012Validator(root).iter_errors(value)]


def faults_of(answer: httpx.Response, operation: dict[str, Any], document: dict[str, Any]) -> list[str]:
    """Return where an answer differs from what is declared for its status and its content type."""
    declared = operation["responses"][str(answer.status_code)]["content"]
    media_type = answer.headers["content-type"].partition(";")[0]
    value = answer.json() if media_type.endswith("json") else answer.text
    return errors_of(value, declared[media_type]["schema"], document)


def test_every_example_request_is_valid_and_really_works(reading: TestClient, document: dict[str, Any]) -> None:
    for path in ("/predict", "/predict/batch", "/predict/features"):
        content = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        for example in content["examples"].values():
            assert errors_of(example["value"], content["schema"], document) == []
            assert reading.post(path, json=example["value"]).status_code == 200


def test_every_example_is_valid_for_its_own_schema(document: dict[str, Any]) -> None:
    checked = 0
    for schema in document["components"]["schemas"].values():
        for field in schema.get("properties", {}).values():
            for example in field.get("examples", []):
                assert errors_of(example, field, document) == []
                checked += 1
    assert checked > 30


def test_every_field_is_described(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        for field, details in schema.get("properties", {}).items():
            assert details.get("description") or "$ref" in details, f"{name}.{field}"


def test_every_answer_obeys_the_declared_schema(reading: TestClient, document: dict[str, Any]) -> None:
    # Answers that are read of tables are compared by Schemathesis, on a real PostgreSQL.
    every = ((path, method) for path, item in document["paths"].items() for method in item)
    asked = {(path, method) for path, method in every if not reads_tables((method, path))}
    newest = reading.get("/predict")
    bodies = {
        "/predict": column_body(),
        "/predict/batch": {"symbol": "BTCUSDT", "interval": "1h", "as_of_utc": [newest.json()["as_of_utc"]]},
        "/predict/features": {"features": [[0.0] * len(reading.get("/model").json()["features"])]},
    }
    for path, method in asked:
        where = path.format(prediction_id=newest.json()["prediction_id"])
        answer = reading.request(method, where, json=bodies[path] if method == "post" else None)
        assert answer.status_code == 200, path
        assert faults_of(answer, document["paths"][path][method], document) == [], path


def test_every_refusal_obeys_the_declared_schema(client: TestClient, document: dict[str, Any]) -> None:
    asked = {
        ("/predict", "get"): client.get("/predict"),
        ("/predict", "post"): client.post("/predict", json={}),
        ("/predict/batch", "post"): client.post("/predict/batch", json={"as_of_utc": ["2026-01-01T00:00:00"]}),
        ("/predict/features", "post"): client.post("/predict/features", json={"features": [[0.0]]}),
        ("/predictions/{prediction_id}", "get"): client.get("/predictions/no-uuid"),
    }
    for (path, method), answer in asked.items():
        assert answer.status_code in (422, 503)
        assert faults_of(answer, document["paths"][path][method], document) == [], path


def test_every_error_is_declared_as_a_problem(document: dict[str, Any]) -> None:
    for operation in operations(document):
        errors = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert "500" in errors
        for answer in errors.values():
            assert set(answer["content"]) == {"application/problem+json"}
    for path in ("/predict", "/predict/batch", "/predict/features"):
        assert set(document["paths"][path]["post"]["responses"]) == {"200", "408", "413", "422", "500", "503"}
    assert set(document["paths"]["/predictions/{prediction_id}"]["get"]["responses"]) == {
        "200",
        "404",
        "422",
        "500",
        "503",
    }


def test_every_operation_has_a_tag_a_summary_and_a_description(document: dict[str, Any]) -> None:
    described = {tag["name"] for tag in document["tags"]}
    for operation in operations(document):
        assert set(operation["tags"]) <= described
        assert operation["summary"]
        assert operation["description"]


def test_the_page_for_people_loads_nothing_from_the_internet(app: FastAPI) -> None:
    client = TestClient(app)
    page = client.get("/docs").text
    assert 'src="http' not in page
    assert 'href="http' not in page
    for file in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert f"/docs-files/{file}" in page
        assert len(client.get(f"/docs-files/{file}").content) > 100_000
