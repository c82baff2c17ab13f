"""A password is in no message, however an address goes wrong; where the server is down, test_cli.py tries it."""

import logging
import traceback

import pytest
from pydantic import SecretStr

from fastapi_app.main import create_app
from fastapi_app.model_source import mlflow_source
from fastapi_app.settings import ApiSettings
from mercado.bitcoin.studies import facts_of
from mercado.errors import ConfigurationError
from mercado.settings import EnvSettings, OptunaSettings, WarehouseSettings
from tests.api.client import TestClient
from tests.commands import run_mercado
from tests.conftest import DatabaseServer

WRONG = "a-password-that-is-wrong"
# Each address breaks at another place: the log-in, the name, the port, the database.
PLACES = (
    "postgresql://{user}:{password}@127.0.0.1:{port}/{database}",
    "postgresql://{user}:{password}@no-such-host.invalid:{port}/{database}",
    "postgresql://{user}:{password}@127.0.0.1:1/{database}",
    "postgresql://{user}:{password}@127.0.0.1:{port}/no_such_database",
)
SETTINGS: dict[str, type[EnvSettings]] = {
    "MERCADO_WAREHOUSE_URL": WarehouseSettings,
    "MERCADO_OPTUNA_URL": OptunaSettings,
    "MERCADO_API_WAREHOUSE_URL": ApiSettings,
}


def addresses(port: int, *, user: str, database: str) -> list[str]:
    return [place.format(user=user, password=WRONG, port=port, database=database) for place in PLACES]


@pytest.mark.parametrize("place", range(len(PLACES)))
def test_the_command_line_never_repeats_it_not_even_in_a_traceback(database_server: DatabaseServer, place: int) -> None:
    url = addresses(database_server.port, user="warehouse", database="warehouse_db")[place]
    for options in ((), ("--debug",)):
        finished = run_mercado({"MERCADO_ENV_FILE": "/dev/null", "MERCADO_WAREHOUSE_URL": url}, *options, "migrate")
        assert finished.returncode != 0
        assert WRONG not in finished.stdout + finished.stderr


@pytest.mark.parametrize("variable", ["MERCADO_WAREHOUSE_URL", "MERCADO_OPTUNA_URL", "MERCADO_API_WAREHOUSE_URL"])
def test_a_password_that_should_have_been_quoted_is_not_repeated_as_a_port(
    monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv("MERCADO_ENV_FILE", "/dev/null")
    monkeypatch.setenv(variable, f"postgresql://warehouse:{WRONG}/more@127.0.0.1:5432/warehouse_db")
    with pytest.raises(ConfigurationError, match=f"{variable}: expected postgresql://") as caught:
        SETTINGS[variable].read()
    assert WRONG not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("place", range(len(PLACES)))
def test_a_study_whose_database_is_not_reached_does_not_tell_it(database_server: DatabaseServer, place: int) -> None:
    url = SecretStr(addresses(database_server.port, user="optuna", database="optuna_db")[place])
    with pytest.raises(Exception) as caught:  # noqa: PT011 - which error it is, is not the question here
        facts_of(url, "any")
    assert WRONG not in "".join(traceback.format_exception(caught.value))


def test_the_api_tells_it_neither_in_an_answer_nor_in_its_log(
    database_server: DatabaseServer, caplog: pytest.LogCaptureFixture
) -> None:
    url = addresses(database_server.port, user="api_reader", database="warehouse_db")[0]
    settings = ApiSettings(_env_file=None, MERCADO_API_WAREHOUSE_URL=url)
    with (
        caplog.at_level(logging.DEBUG),
        TestClient(create_app(settings, mlflow_source("http://127.0.0.1:1", "any"))) as client,
    ):
        told = "".join(client.get(path).text for path in ("/predict", "/model", "/health/ready", "/metrics"))
    assert "warehouse" in told
    assert WRONG not in told + caplog.text
