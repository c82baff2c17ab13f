"""The optional key and the optional limit on requests: off by default, and never in a supervisor's way."""

from typing import Any

import pytest
from fastapi import FastAPI

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from mercado.errors import ConfigurationError
from tests.api.builders import NOW, FolderRegistry, column_body
from tests.api.client import TestClient

KEY = "a-key-of-enough-length"


def guarded(registry: FolderRegistry, **settings: Any) -> FastAPI:
    app = create_app(ApiSettings(_env_file=None, **settings), registry, now=lambda: NOW)
    app.state.services.follower.poll()
    return app


@pytest.mark.parametrize("header", [{"X-API-Key": KEY}, {"Authorization": f"Bearer {KEY}"}])
def test_with_a_key_set_only_its_owner_is_answered(registry: FolderRegistry, header: dict[str, str]) -> None:
    client = TestClient(guarded(registry, MERCADO_API_KEY=KEY))
    assert client.post("/predict", json=column_body(), headers=header).status_code == 200
    for wrong in ({}, {"X-API-Key": "wrong"}, {"X-API-Key": "ñ".encode()}, {"Authorization": f"Basic {KEY}"}):
        answer = client.post("/predict", json=column_body(), headers=wrong)
        assert (answer.status_code, answer.json()["type"]) == (401, "urn:mercado:problem:unauthorized")
        assert answer.headers["www-authenticate"] == "Bearer"
        assert KEY not in answer.text


def test_health_and_the_documentation_need_no_key_and_metrics_do(registry: FolderRegistry) -> None:
    client = TestClient(guarded(registry, MERCADO_API_KEY=KEY))
    assert [client.get(path).status_code for path in ("/health/live", "/health/ready", "/docs", "/openapi.json")] == [
        200
    ] * 4
    assert client.get("/metrics").status_code == 401


def test_a_client_that_asks_too_often_is_told_to_wait(registry: FolderRegistry) -> None:
    client = TestClient(guarded(registry, MERCADO_API_REQUESTS_PER_MINUTE=3))
    statuses = [client.get("/model").status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    refused = client.get("/model")
    assert refused.json()["type"] == "urn:mercado:problem:too-many-requests"
    assert refused.headers["retry-after"] == "60"
    assert client.get("/health/live").status_code == 200
    other = TestClient(client.app, client=("192.0.2.7", 1))
    assert other.get("/model").status_code == 200


def test_only_an_api_that_is_guarded_declares_such_answers(registry: FolderRegistry) -> None:
    def declared(**settings: Any) -> set[str]:
        document = guarded(registry, **settings).openapi()
        return set(document["paths"]["/model"]["get"]["responses"]) & {"401", "429"}

    assert declared() == set()
    assert declared(MERCADO_API_KEY=KEY) == {"401"}
    assert declared(MERCADO_API_REQUESTS_PER_MINUTE=1) == {"429"}


@pytest.mark.parametrize(
    ("switch", "status"), [({"MERCADO_AUTH": "off"}, 200), ({"MERCADO_AUTH": "on"}, 401), ({}, 401)]
)
def test_the_switch_decides_whether_a_key_that_is_there_is_asked_for(
    registry: FolderRegistry, switch: dict[str, str], status: int
) -> None:
    client = TestClient(guarded(registry, MERCADO_API_KEY=KEY, **switch))
    assert client.get("/model").status_code == status


@pytest.mark.parametrize("stated", [{"MERCADO_AUTH": "on"}, {"MERCADO_AUTH": "maybe", "MERCADO_API_KEY": KEY}])
def test_authentication_without_a_key_and_a_switch_that_says_neither_are_refused(
    stated: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MERCADO_ENV_FILE", "/dev/null")
    for name, value in stated.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ConfigurationError, match="MERCADO_AUTH") as caught:
        create_app()
    assert KEY not in str(caught.value)


def test_a_key_that_can_be_guessed_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCADO_ENV_FILE", "/dev/null")
    monkeypatch.setenv("MERCADO_API_KEY", "short-key")
    with pytest.raises(ConfigurationError, match="MERCADO_API_KEY") as caught:
        ApiSettings.read()
    assert "short-key" not in str(caught.value)
