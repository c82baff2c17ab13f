"""The settings of the API."""

import pytest
from mlflow.environment_variables import MLFLOW_HTTP_REQUEST_MAX_RETRIES, MLFLOW_HTTP_REQUEST_TIMEOUT

from fastapi_app.model_source import MLFLOW_DEFAULTS, mlflow_source
from fastapi_app.settings import ApiSettings
from mercado.errors import ConfigurationError

NAMES = (
    "MERCADO_API_MODEL",
    "MERCADO_API_MODELS_IN_MEMORY",
    "MERCADO_API_WAREHOUSE_URL",
    "MERCADO_SERIES",
    "API_READER_PASSWORD",
    "POSTGRES_PORT",
)


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCADO_ENV_FILE", "/dev/null")
    for name in (*NAMES, *(variable.name for variable in MLFLOW_DEFAULTS)):
        monkeypatch.delenv(name, raising=False)


def test_without_settings_the_champion_is_followed_and_no_warehouse_is_read() -> None:
    settings = ApiSettings.read()
    assert (settings.model, settings.poll_seconds) == ("bitcoin-forecaster", 5)
    assert settings.warehouse_url() is None


def test_the_models_of_the_trained_series_are_served_eight_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (list(map(str, ApiSettings.read().trained)), ApiSettings.read().models_in_memory) == (["BTCUSDT-1h"], 8)
    monkeypatch.setenv("MERCADO_SERIES", "BTCUSDT-1m,ETHUSDT-4h,BTCUSDT-1d")
    assert list(map(str, ApiSettings.read().trained)) == ["ETHUSDT-4h", "BTCUSDT-1d"]


@pytest.mark.parametrize(
    ("name", "stated"),
    [("MERCADO_API_MODELS_IN_MEMORY", "0"), ("MERCADO_SERIES", "BTCUSDT 1h"), ("MERCADO_SERIES", ",")],
)
def test_room_for_no_model_and_series_that_are_none_are_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, stated: str
) -> None:
    monkeypatch.setenv(name, stated)
    with pytest.raises(ConfigurationError, match=name):
        ApiSettings.read()


def test_a_password_alone_means_the_platforms_own_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_READER_PASSWORD", "p@ss/word")
    monkeypatch.setenv("POSTGRES_PORT", "5433")
    url = ApiSettings.read().warehouse_url()
    assert url is not None
    assert url.get_secret_value() == "postgresql://api_reader:p%40ss%2Fword@127.0.0.1:5433/warehouse_db"


def test_a_url_has_precedence_over_the_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_READER_PASSWORD", "unused")
    monkeypatch.setenv("MERCADO_API_WAREHOUSE_URL", "postgresql://reader:secret@elsewhere:5432/prices")
    url = ApiSettings.read().warehouse_url()
    assert url is not None
    assert url.get_secret_value().endswith("@elsewhere:5432/prices")


def test_a_url_that_is_none_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCADO_API_WAREHOUSE_URL", "very secret")
    with pytest.raises(ConfigurationError, match="MERCADO_API_WAREHOUSE_URL") as caught:
        ApiSettings.read()
    assert "very secret" not in str(caught.value)


def test_mlflow_is_given_short_patience_unless_the_environment_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "33")
    for variable in MLFLOW_DEFAULTS:
        monkeypatch.setenv(variable.name, variable.get_raw() or "")
        if variable.name != "MLFLOW_HTTP_REQUEST_TIMEOUT":
            monkeypatch.delenv(variable.name)
    mlflow_source("http://127.0.0.1:1", "any")
    assert MLFLOW_HTTP_REQUEST_MAX_RETRIES.get() == 1
    assert MLFLOW_HTTP_REQUEST_TIMEOUT.get() == 33
