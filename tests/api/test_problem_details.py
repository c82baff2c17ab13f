"""Every error has one shape: problem details, RFC 9457."""

import asyncio
from dataclasses import replace
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message

from fastapi_app.limits import Limits
from fastapi_app.problems import Problem
from tests.api.builders import StoredCandles, column_body, object_body
from tests.api.client import TestClient

LARGEST_BODY_BYTES = Limits().body_bytes


def problem_of(answer: httpx.Response) -> Problem:
    assert answer.headers["content-type"] == "application/problem+json"
    problem = Problem.model_validate_json(answer.content)
    assert problem.status == answer.status_code
    return problem


def test_an_unknown_path_is_a_problem(client: TestClient) -> None:
    problem = problem_of(client.get("/nowhere"))
    assert (problem.status, problem.type) == (404, "urn:mercado:problem:not-found")
    assert "/nowhere" in problem.detail


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(client: TestClient) -> None:
    for path, methods in (("/model", "GET"), ("/predict", "GET, POST"), ("/predict/batch", "POST")):
        answer = client.delete(path)
        assert problem_of(answer).status == 405
        assert answer.headers["allow"] == methods


def test_a_mistake_of_the_server_is_logged_and_not_told(
    client: TestClient, app: FastAPI, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RuntimeError("password=very-secret")

    app.state.services = replace(app.state.services, reader=StoredCandles(fail))  # type: ignore[arg-type]
    answer = client.get(f"/predictions/{uuid4()}", headers={"X-Request-ID": "asked-by-a-test"})
    assert problem_of(answer).status == 500
    assert "request id asked-by-a-test" in answer.json()["detail"]
    assert answer.headers["x-request-id"] == "asked-by-a-test"
    assert "very-secret" not in answer.text
    assert "very-secret" in caplog.text


def test_a_refusal_says_what_is_wrong_in_one_line_too(client: TestClient) -> None:
    body = column_body()
    body["candles"]["close"][5] = -1
    problem = problem_of(client.post("/predict", json=body))
    assert problem.detail.startswith("candle 5 (opens 2025-11-20T13:00:00Z), close: ")


def test_a_body_announced_as_too_large_is_refused(client: TestClient) -> None:
    answer = client.post("/predict", content=b" " * (LARGEST_BODY_BYTES + 1))
    assert problem_of(answer).type == "urn:mercado:problem:body-too-large"


def test_a_body_that_grows_too_large_is_refused_without_being_read_to_its_end(client: TestClient) -> None:
    chunk, received, sent = b" " * 10_000, [], []
    scope = {"type": "http", "method": "POST", "path": "/predict", "query_string": b"", "headers": []}

    async def receive() -> Message:
        received.append(1)
        return {"type": "http.request", "body": chunk, "more_body": True}

    async def send(message: Message) -> None:
        sent.append(message)

    asyncio.run(client.app(scope, receive, send))
    assert sent[0]["status"] == 413
    assert len(received) == LARGEST_BODY_BYTES // len(chunk) + 1


def test_the_largest_allowed_request_fits(client: TestClient) -> None:
    answer = client.post("/predict", json=object_body(5000))
    assert answer.status_code == 200
    assert int(answer.request.headers["content-length"]) < LARGEST_BODY_BYTES / 2
