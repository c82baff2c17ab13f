"""Who gets which secret of a local platform, and how its own programs log in."""

from pathlib import Path

import pytest
from dotenv import dotenv_values

from mercado.environment import AUTH_SECRETS, REQUIRED_SECRETS, fresh_values, secret_problems
from mercado.errors import ConfigurationError
from mercado.local.access import api_headers
from mercado.local.platform import EXAMPLE, Platform
from mercado.local.programs import programs

AIRFLOW = {
    "AIRFLOW_DB_PASSWORD",
    "AIRFLOW__CORE__FERNET_KEY",
    "AIRFLOW__API_AUTH__JWT_SECRET",
    "AIRFLOW__API__SECRET_KEY",
}
HELD = {
    "postgres": set(),
    "simulators": set(),
    "mlflow": {"MLFLOW_DB_PASSWORD"},
    "airflow-api-server": AIRFLOW,
    "airflow-dag-processor": AIRFLOW,
    "airflow-triggerer": AIRFLOW,
    "airflow-scheduler": AIRFLOW | {"OPTUNA_DB_PASSWORD", "BACKUP_READER_PASSWORD"},
    "api": {"API_READER_PASSWORD", "MERCADO_API_KEY"},
}
WITH_AUTH = {
    "mlflow": {"MLFLOW_ADMIN_PASSWORD", "MLFLOW_FLASK_SERVER_SECRET_KEY"},
    "airflow-scheduler": {"MLFLOW_ADMIN_PASSWORD"},
    "api": {"MLFLOW_ADMIN_PASSWORD"},
}


def platform(folder: Path, **stated: str) -> Platform:
    example = {name: value or "" for name, value in dotenv_values(EXAMPLE).items()}
    return Platform("demo", folder, example | fresh_values() | stated)


@pytest.mark.parametrize("switch", ["off", "on"])
def test_each_program_holds_the_secrets_that_it_needs_and_none_on_its_command_line(tmp_path: Path, switch: str) -> None:
    started = platform(tmp_path, MERCADO_AUTH=switch)
    secrets = {name: started.values[name] for name in (*REQUIRED_SECRETS, *AUTH_SECRETS)}
    for program in programs(started):
        environment, command = "\n".join(program.environment.values()), "\n".join(program.command)
        held = HELD[program.name] | (WITH_AUTH.get(program.name, set()) if switch == "on" else set())
        assert {name for name, value in secrets.items() if value in environment} == held, program.name
        assert [name for name, value in secrets.items() if value in command] == []


def test_a_switch_that_says_neither_on_nor_off_starts_nothing(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"MERCADO_AUTH .* is neither on nor off: 'yes'"):
        programs(platform(tmp_path, MERCADO_AUTH="yes"))


def test_the_secrets_of_authentication_are_asked_for_when_it_is_on(tmp_path: Path) -> None:
    without = dict.fromkeys(AUTH_SECRETS, "")
    assert secret_problems(platform(tmp_path, **without).values) == {}
    switched_on = platform(tmp_path, MERCADO_AUTH="on", **without).values
    assert secret_problems(switched_on) == dict.fromkeys(AUTH_SECRETS, "is missing")


def test_the_apis_key_goes_along_when_there_is_one(tmp_path: Path) -> None:
    assert api_headers(platform(tmp_path, MERCADO_API_KEY="")) == {}
    assert api_headers(platform(tmp_path, MERCADO_API_KEY="k" * 16)) == {"X-API-Key": "k" * 16}
