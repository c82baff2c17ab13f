"""Old model versions go from a real MLflow server with their runs, their artifacts on its disk and their studies."""

from collections.abc import Iterator
from pathlib import Path

import mlflow
import optuna
import pytest
from pydantic import SecretStr

from mercado.maintenance.model_versions import clean_model_versions
from mercado.registry import ModelVersion, Registry
from mercado.tracking import TrackedRun
from tests.api.builders import train_forecaster
from tests.integration import served_models
from tests.integration.trainings import empty_registry
from tests.mlflow_server import MlflowServer

NAME = "model-retention"
REPORT = "x" * 10_000


@pytest.fixture
def storage(optuna_url: SecretStr) -> str:
    return optuna_url.get_secret_value().replace("postgresql://", "postgresql+psycopg2://", 1)


@pytest.fixture
def versions(mlflow_server: MlflowServer, storage: str, tmp_path: Path) -> Iterator[list[ModelVersion]]:
    """Yield three versions, each with a report, a nested run and a study; the second and third share theirs."""
    empty_registry(mlflow_server.uri, NAME)
    made = []
    for number, study in enumerate(("first study", "shared study", "shared study"), start=1):
        version = served_models.register(
            mlflow_server.uri, NAME, train_forecaster(seed=number), tmp_path / f"model-{number}"
        )
        run = run_of(mlflow_server, version)
        run.log(params={"study": study})
        run.log_text(REPORT, "report/report.html")
        run.nested("trial").log_text(REPORT, "trial.txt")
        optuna.create_study(storage=storage, study_name=study, load_if_exists=True)
        made.append(version)
    yield made
    empty_registry(mlflow_server.uri, NAME)


def run_of(server: MlflowServer, version: ModelVersion) -> TrackedRun:
    info = mlflow.MlflowClient(server.uri).get_run(version.run_id).info
    return TrackedRun(server.uri, info.run_id, info.experiment_id)


def bytes_on_disk(server: MlflowServer) -> int:
    return sum(path.stat().st_size for path in server.artifacts.rglob("*") if path.is_file())


def active_runs(server: MlflowServer, version: ModelVersion) -> int:
    run = run_of(server, version)
    client = mlflow.MlflowClient(server.uri)
    below = client.search_runs([run.experiment_id], f"tags.`mlflow.parentRunId` = '{run.run_id}'")
    return len(below) + (client.get_run(run.run_id).info.lifecycle_stage == "active")


def test_an_old_version_goes_with_all_that_is_its_own_and_the_disk_is_free_at_once(
    mlflow_server: MlflowServer, optuna_url: SecretStr, storage: str, versions: list[ModelVersion]
) -> None:
    registry = Registry(mlflow_server.uri, NAME)
    _, second, third = versions
    before = bytes_on_disk(mlflow_server)
    planned = clean_model_versions(mlflow_server.uri, keep=2, optuna_url=optuna_url, dry_run=True)
    assert (planned.count, bytes_on_disk(mlflow_server)) == (1, before)
    removed = clean_model_versions(mlflow_server.uri, keep=2, optuna_url=optuna_url)
    assert removed == planned
    assert removed.byte_count > 3 * len(REPORT)  # the two reports, and the model itself
    assert before - bytes_on_disk(mlflow_server) == removed.byte_count
    assert [each.version for each in registry.versions()] == [third.version, second.version]
    assert [active_runs(mlflow_server, each) for each in versions] == [0, 2, 2]
    assert "first study" not in optuna.get_all_study_names(storage)
    # What remains can still be served, and a study that a remaining run names is still there.
    assert registry.download(second, mlflow_server.artifacts.parent / "fetched").is_dir()
    assert clean_model_versions(mlflow_server.uri, keep=1, optuna_url=optuna_url).count == 1
    assert "shared study" in optuna.get_all_study_names(storage)
    assert clean_model_versions(mlflow_server.uri, keep=1, optuna_url=optuna_url).count == 0


def test_a_step_that_was_killed_half_way_is_finished_by_the_next(
    mlflow_server: MlflowServer, versions: list[ModelVersion]
) -> None:
    first = versions[0]
    mlflow.MlflowClient(mlflow_server.uri).delete_run(first.run_id)  # the version was still to come
    assert clean_model_versions(mlflow_server.uri, keep=2).count == 1
    assert first.version not in [each.version for each in Registry(mlflow_server.uri, NAME).versions()]


def test_neither_the_champion_nor_the_one_before_it_goes(
    mlflow_server: MlflowServer, versions: list[ModelVersion]
) -> None:
    registry = Registry(mlflow_server.uri, NAME)
    registry.promote(versions[0].version)
    registry.promote(versions[1].version)
    assert clean_model_versions(mlflow_server.uri, keep=2).count == 0
    assert registry.rollback().version == versions[0].version
