"""The OpenAPI document: complete, and true to itself."""

from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from jsonschema import Draft202012Validator

from tests.api.client import TestClient


@pytest.fixture
def document(app: FastAPI) -> dict[str, Any]:
    return dict(TestClient(app).get("/openapi.json").json())


def operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path in document["paths"].values():
        yield from path.values()


def errors_of(value: Any, schema: dict[str, Any], document: dict[str, Any]) -> list[str]:
    root = {"components": document["components"], **schema}
    return [error.message for error in Draft202012Validator(root).iter_errors(value)]


def test_the_example_request_is_valid_and_really_works(client: TestClient, document: dict[str, Any]) -> None:
    content = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]
    for example in content["examples"].values():
        assert errors_of(example["value"], content["schema"], document) == []
        assert client.post("/predict", json=example["value"]).status_code == 200


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


def test_every_answer_obeys_the_declared_schema(client: TestClient, document: dict[str, Any]) -> None:
    example = document["paths"]["/predict"]["post"]["requestBody"]["content"]["application/json"]["examples"]
    answers = {
        ("/predict", "post"): client.post("/predict", json=example["columns"]["value"]),
        ("/predict", "get"): client.get("/predict"),
        ("/model", "get"): client.get("/model"),
        ("/health/ready", "get"): client.get("/health/ready"),
        ("/health/live", "get"): client.get("/health/live"),
    }
    for (path, method), answer in answers.items():
        declared = document["paths"][path][method]["responses"][str(answer.status_code)]["content"]
        schema = declared[answer.headers["content-type"]]["schema"]
        assert errors_of(answer.json(), schema, document) == [], path


def test_every_error_is_declared_as_a_problem(document: dict[str, Any]) -> None:
    for operation in operations(document):
        errors = {status: answer for status, answer in operation["responses"].items() if int(status) >= 400}
        assert "500" in errors
        for answer in errors.values():
            assert set(answer["content"]) == {"application/problem+json"}
    assert set(document["paths"]["/predict"]["post"]["responses"]) == {"200", "413", "422", "500", "503"}


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
