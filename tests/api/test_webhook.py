"""Whose messages are believed at POST /hooks/mlflow, and that there is no such endpoint without a secret."""

import base64
import hashlib
import hmac
from datetime import timedelta

import pytest
from fastapi import FastAPI

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from tests.api.builders import NOW, FolderRegistry
from tests.api.client import TestClient

SECRET = "a-secret-of-enough-length"
BODY = b'{"entity": "model_version_alias"}'


@pytest.fixture
def hooked(registry: FolderRegistry) -> FastAPI:
    """An application with a webhook and a key, which MLflow does not know."""
    settings = ApiSettings(_env_file=None, MERCADO_API_WEBHOOK_SECRET=SECRET, MERCADO_API_KEY="k" * 16)
    return create_app(settings, registry, now=lambda: NOW)


def signed(body: bytes = BODY, *, secret: str = SECRET, seconds_ago: float = 0) -> dict[str, str]:
    """Return the headers that MLflow sends."""
    stamp = str(int((NOW - timedelta(seconds=seconds_ago)).timestamp()))
    digest = hmac.new(secret.encode(), f"delivery.{stamp}.".encode() + body, hashlib.sha256).digest()
    signature = f"v1,{base64.b64encode(digest).decode()}"
    return {
        "X-MLflow-Signature": signature,
        "X-MLflow-Timestamp": stamp,
        "X-MLflow-Delivery-Id": "delivery",
    }


def test_a_genuine_message_is_heard_without_the_key(hooked: FastAPI) -> None:
    answer = TestClient(hooked).post("/hooks/mlflow", content=BODY, headers=signed())
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        signed(secret="another-secret-of-length"),
        signed(b"other"),
        signed(seconds_ago=301),
        signed(seconds_ago=-301),
        signed() | {"X-MLflow-Timestamp": "soon"},
        signed() | {"X-MLflow-Signature": "v1,"},
    ],
)
def test_any_other_message_is_refused(hooked: FastAPI, headers: dict[str, str]) -> None:
    answer = TestClient(hooked).post("/hooks/mlflow", content=BODY, headers=headers)
    assert answer.status_code == 401
    assert "The signature is not MLflow's" in answer.json()["detail"]


def test_without_a_secret_there_is_no_such_endpoint(client: TestClient) -> None:
    assert client.post("/hooks/mlflow", content=BODY, headers=signed()).status_code == 404
    assert "/hooks/mlflow" not in client.get("/openapi.json").json()["paths"]
