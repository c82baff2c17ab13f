"""A training run in MLflow: parameters, metrics, data, nested runs; one thin layer over MLflow's client.

A run stays open over several tasks, each in a process of its own, so nothing here depends on MLflow's active run.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self

import mlflow
import requests
from mlflow.entities import Dataset, DatasetInput, Experiment, InputTag, Metric, Param, RunStatus, RunTag
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS, ErrorCode
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT, MLFLOW_PARENT_RUN_ID, MLFLOW_RUN_NOTE
from mlflow.utils.time import get_current_time_millis

from mercado.errors import ServiceRefusedError, ServiceUnavailableError

# MLflow's column for a dataset's digest holds no more.
DIGEST_CHARACTERS = 36
# MLflow takes no more at once.
MOST_METRICS = 1000
SUCCEEDED = RunStatus.to_string(RunStatus.FINISHED)
FAILED = RunStatus.to_string(RunStatus.FAILED)


@dataclass(frozen=True)
class TrackedRun:
    """One MLflow run.

    Every method raises `ServiceUnavailableError` when the tracking server does not answer.

    Attributes:
        uri: The tracking server.
        run_id: The run.
        experiment_id: Its experiment.
    """

    uri: str
    run_id: str
    experiment_id: str

    @classmethod
    def start(
        cls, uri: str, *, experiment: str, name: str, note: str, about: str = "", tags: Mapping[str, str] | None = None
    ) -> Self:
        """Return a new run of an experiment, which is made if it is absent.

        Args:
            uri: The tracking server.
            experiment: Its name.
            name: Of the run.
            note: What MLflow's UI shows about the run, in Markdown.
            about: The same of the experiment; one that it has, which may be a person's, stays.
            tags: Of the run.
        """
        with mlflow_errors(uri):
            client = mlflow.MlflowClient(uri)
            found = _experiment(client, experiment)
            if about and not found.tags.get(MLFLOW_RUN_NOTE):
                _describe(client, found, about)
            run = client.create_run(found.experiment_id, run_name=name, tags={MLFLOW_RUN_NOTE: note, **(tags or {})})
        return cls(uri, run.info.run_id, found.experiment_id)

    def nested(self, name: str, tags: Mapping[str, str] | None = None) -> "TrackedRun":
        """Return a new run that MLflow's UI shows below this one."""
        stated = {MLFLOW_PARENT_RUN_ID: self.run_id, **(tags or {})}
        with mlflow_errors(self.uri):
            run = self._client.create_run(self.experiment_id, run_name=name, tags=stated)
        return TrackedRun(self.uri, run.info.run_id, self.experiment_id)

    def nested_once(self, name: str, tags: Mapping[str, str] | None = None) -> "TrackedRun":
        """Return the run of a name below this one, new if there is none; for a step that may be tried again."""
        where = f"tags.`{MLFLOW_PARENT_RUN_ID}` = '{self.run_id}' and attributes.run_name = '{name}'"
        with mlflow_errors(self.uri):
            found = self._client.search_runs([self.experiment_id], where, max_results=1)
        return TrackedRun(self.uri, found[0].info.run_id, self.experiment_id) if found else self.nested(name, tags)

    def link(self, artifact: str) -> str:
        """Return where MLflow's UI shows an artifact of this run, below the UI's own address."""
        return f"/#/experiments/{self.experiment_id}/runs/{self.run_id}/artifacts/{artifact}"

    def describe(self, note: str) -> None:
        """Replace the text, in Markdown, that MLflow's UI shows about this run."""
        with mlflow_errors(self.uri):
            self._client.set_tag(self.run_id, MLFLOW_RUN_NOTE, note)

    def log(self, *, params: Mapping[str, Any] | None = None, metrics: Mapping[str, float] | None = None) -> None:
        """Log parameters and metrics; a parameter cannot be changed afterwards."""
        now = get_current_time_millis()
        with mlflow_errors(self.uri):
            self._client.log_batch(
                self.run_id,
                params=[Param(key, str(value)) for key, value in (params or {}).items()],
                metrics=[Metric(key, float(value), now, 0) for key, value in (metrics or {}).items()],
            )

    def log_series(self, series: Mapping[str, Mapping[int, float]]) -> None:
        """Log metrics that MLflow's UI draws as curves: each one's values by step."""
        now = get_current_time_millis()
        points = [Metric(key, float(value), now, step) for key, by in series.items() for step, value in by.items()]
        with mlflow_errors(self.uri):
            for first in range(0, len(points), MOST_METRICS):
                self._client.log_batch(self.run_id, metrics=points[first : first + MOST_METRICS])

    def tag(self, tags: Mapping[str, str]) -> None:
        """Set tags of the run."""
        with mlflow_errors(self.uri):
            self._client.log_batch(self.run_id, tags=[RunTag(key, value) for key, value in tags.items()])

    def tags(self) -> dict[str, str]:
        """Return the tags of the run, MLflow's own included."""
        with mlflow_errors(self.uri):
            return dict(self._client.get_run(self.run_id).data.tags)

    def log_dataset(self, *, name: str, digest: str, source: Mapping[str, Any], profile: Mapping[str, Any]) -> None:
        """Log what the run learns from: enough to find the same rows again.

        Args:
            name: The table.
            digest: sha256; its first characters are the dataset's digest in MLflow.
            source: Where the rows are, such as table, symbol and range.
            profile: Counts.
        """
        dataset = Dataset(
            name=name,
            digest=digest[:DIGEST_CHARACTERS],
            source_type="postgresql",
            source=json.dumps(source),
            profile=json.dumps(profile),
        )
        entry = DatasetInput(dataset, [InputTag(MLFLOW_DATASET_CONTEXT, "training")])
        with mlflow_errors(self.uri):
            self._client.log_inputs(self.run_id, datasets=[entry])

    def log_text(self, text: str, file: str) -> None:
        """Store a text as an artifact."""
        with mlflow_errors(self.uri):
            self._client.log_text(self.run_id, text, file)

    def log_folder(self, folder: Path, to: str) -> None:
        """Store the files of a folder as artifacts below ``to``."""
        with mlflow_errors(self.uri):
            self._client.log_artifacts(self.run_id, str(folder), to)

    def metrics(self) -> dict[str, float]:
        """Return the latest value of each metric."""
        with mlflow_errors(self.uri):
            return dict(self._client.get_run(self.run_id).data.metrics)

    def end(self, status: str = SUCCEEDED) -> None:
        """Close the run as FINISHED, or as FAILED."""
        with mlflow_errors(self.uri):
            self._client.set_terminated(self.run_id, status)

    @contextmanager
    def step(self) -> Iterator[None]:
        """Mark the run as running for a step, and as failed when the step fails, so that a retry may follow."""
        with mlflow_errors(self.uri):
            self._client.update_run(self.run_id, status=RunStatus.to_string(RunStatus.RUNNING))
        try:
            yield
        except BaseException:
            self.end(FAILED)
            raise

    @property
    def _client(self) -> mlflow.MlflowClient:
        return mlflow.MlflowClient(self.uri)

    def datasets(self) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """Return source and profile of each dataset that `log_dataset` logged."""
        with mlflow_errors(self.uri):
            entries = self._client.get_run(self.run_id).inputs.dataset_inputs
        return [(json.loads(entry.dataset.source), json.loads(entry.dataset.profile)) for entry in entries]


def _experiment(client: mlflow.MlflowClient, name: str) -> Experiment:
    """Return an experiment, made if it is absent; two that ask at once get the same."""
    found = client.get_experiment_by_name(name)
    if found is None:
        try:
            return client.get_experiment(client.create_experiment(name))
        except MlflowException as error:
            found = client.get_experiment_by_name(name)
            if found is None or error.error_code != ErrorCode.Name(RESOURCE_ALREADY_EXISTS):
                raise
    return found


def _describe(client: mlflow.MlflowClient, experiment: Experiment, about: str) -> None:
    """Set an experiment's note; of two that do so at once MLflow refuses the second, and the first one's is there."""
    try:
        client.set_experiment_tag(experiment.experiment_id, MLFLOW_RUN_NOTE, about)
    except MlflowException:
        if not client.get_experiment(experiment.experiment_id).tags.get(MLFLOW_RUN_NOTE):
            raise


@contextmanager
def mlflow_errors(uri: str) -> Iterator[None]:
    """Turn what MLflow's client raises into errors of this platform, which name the server.

    Raises:
        ServiceRefusedError: It answers that the request is wrong or not allowed (HTTP 4xx).
        ServiceUnavailableError: It does not answer, or asks to wait (HTTP 429), or fails (5xx).
    """
    try:
        yield
    except (MlflowException, requests.RequestException) as error:
        first_line = (str(error).strip().splitlines() or [type(error).__name__])[0]
        status = error.get_http_status_code() if isinstance(error, MlflowException) else 503
        if 400 <= status < 500 and status != HTTPStatus.TOO_MANY_REQUESTS:
            raise ServiceRefusedError(f"MLflow at {uri} refuses: {first_line}") from error
        raise ServiceUnavailableError(f"MLflow at {uri} cannot answer: {first_line}") from error
