"""A training by the command line on candles in which there is nothing to learn: registered, refused, not served."""

import os
import subprocess

import pytest
from pydantic import SecretStr

from mercado.registry import CHALLENGER, REASON_TAG, REJECTED, VERDICT_TAG, ModelVersion, Registry
from tests.commands import run_mercado
from tests.integration.trainings import empty_registry, running_api, wait_until
from tests.mlflow_server import MlflowServer

SMALL_TRAINING = ("--trials", "2", "--refits", "2", "--holdout-bars", "2160")


@pytest.fixture(scope="module")
def command(
    no_signal_warehouse: SecretStr, mlflow_server: MlflowServer, optuna_url: SecretStr
) -> "subprocess.CompletedProcess[str]":
    empty_registry(mlflow_server.uri)
    environment = dict(os.environ) | {
        "MERCADO_ENV_FILE": os.devnull,
        "MERCADO_WAREHOUSE_URL": no_signal_warehouse.get_secret_value(),
        "MERCADO_OPTUNA_URL": optuna_url.get_secret_value(),
        "MLFLOW_TRACKING_URI": mlflow_server.uri,
    }
    return run_mercado(environment, "bitcoin", "train", *SMALL_TRAINING)


@pytest.fixture(scope="module")
def version(command: "subprocess.CompletedProcess[str]", mlflow_server: MlflowServer) -> ModelVersion:
    (registered,) = Registry(mlflow_server.uri).versions()
    return registered


def test_the_command_succeeds_and_says_why_the_version_is_not_promoted(
    command: "subprocess.CompletedProcess[str]", version: ModelVersion
) -> None:
    assert command.returncode == 0, command.stderr
    assert f"Version {version.version} is not promoted: The " in command.stdout
    assert "climatology" in command.stdout


def test_the_version_is_registered_as_rejected_with_the_gates_reason(
    version: ModelVersion, mlflow_server: MlflowServer
) -> None:
    assert version.tags[VERDICT_TAG] == REJECTED
    assert "climatology" in version.tags[REASON_TAG]
    assert version.aliases == (CHALLENGER,)
    assert Registry(mlflow_server.uri).champion() is None


@pytest.mark.parametrize("path", ["/health/ready", "/predict", "/model"])
def test_the_api_does_not_serve_it_and_says_why(version: ModelVersion, mlflow_server: MlflowServer, path: str) -> None:
    with running_api(mlflow_server.uri) as client:
        wait_until(lambda: "for the first time" not in client.get("/health/ready").text)
        answer = client.get(path)
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:mercado:problem:model-not-ready"
    assert f"version {version.version}, was not promoted: {version.tags[REASON_TAG]}" in answer.json()["detail"]
