"""Where models come from: MLflow's registry, or whatever else can name a champion and hand over its files."""

from pathlib import Path
from typing import Protocol

from mlflow.environment_variables import (
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR,
    MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR,
    MLFLOW_HTTP_REQUEST_MAX_RETRIES,
    MLFLOW_HTTP_REQUEST_TIMEOUT,
)

from mercado.registry import ModelVersion, Registry

# MLflow's own are 7 retries over some four minutes and 120 s: the follower comes back by itself, so it need not wait.
MLFLOW_DEFAULTS = {
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: 1,
    MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR: 0,
    MLFLOW_HTTP_REQUEST_TIMEOUT: 10,
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: False,
}


class ModelSource(Protocol):
    """A registry of model versions, as `mercado.registry.Registry` is one.

    Every method raises `mercado.errors.ServiceUnavailableError` when the registry does not answer.
    """

    name: str

    def champion(self) -> ModelVersion | None:
        """Return the version that the alias ``champion`` names, or ``None`` when there is none."""

    def versions(self) -> list[ModelVersion]:
        """Return all versions, newest first, with their aliases."""

    def why_no_champion(self) -> str:
        """Return one line that says why there is none and what to do."""

    def download(self, version: ModelVersion, folder: Path) -> Path:
        """Fetch a version into ``folder`` and return the folder of the forecaster's own files."""


def mlflow_source(tracking_uri: str, name: str) -> ModelSource:
    """Return the registry of an MLflow server; asks it nothing yet.

    MLflow takes its retries and time-outs from the environment only. Those that the environment leaves open are set
    here, for the whole process, to values that suit a server which polls.
    """
    for variable, value in MLFLOW_DEFAULTS.items():
        if not variable.is_set():
            variable.set(value)
    return Registry(tracking_uri, name)
