"""Old versions of the registered models, with their runs, nested ones included, their artifacts and their studies."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

import mlflow
import optuna
from mlflow.entities import ViewType
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import RESOURCE_DOES_NOT_EXIST, ErrorCode
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository
from mlflow.utils.mlflow_tags import MLFLOW_PARENT_RUN_ID
from pydantic import SecretStr

from mercado.maintenance.removed import Removed
from mercado.registry import CHAMPION_SINCE_TAG, ModelVersion, Registry
from mercado.tracking import mlflow_errors

STUDY_PARAM: Final = "study"
PAGE: Final = 1_000


def clean_model_versions(
    tracking_uri: str, *, keep: int, optuna_url: SecretStr | None = None, dry_run: bool = False
) -> Removed:
    """Remove the versions of each registered model that nobody needs any more, with what belongs to them alone.

    The newest ``keep`` versions stay, the ``keep`` that were champion last, and every one that has an alias. Artifacts
    are removed through the server's proxy, so their bytes are free at once; of a run MLflow keeps some rows, marked as
    deleted, until a person runs `mlflow gc`. The version goes last, so what a killed step left, the next one removes.

    Args:
        tracking_uri: Of MLflow's server.
        keep: Versions of each model, >= 1.
        optuna_url: Where the studies are; ``None`` leaves them.
        dry_run: Only count.

    Raises:
        ServiceUnavailableError, ServiceRefusedError: See `mlflow_errors`.
    """
    removed = Removed("model versions")
    mlflow.set_tracking_uri(tracking_uri)  # which the artifact proxy's addresses are relative to
    for name in _model_names(tracking_uri):
        registry = Registry(tracking_uri, name)
        versions = registry.versions()
        used = {version.run_id for version in versions} - {version.run_id for version in unneeded(versions, keep=keep)}
        for version in unneeded(versions, keep=keep):
            with mlflow_errors(tracking_uri):
                byte_count = _remove(tracking_uri, version, run_is_used=version.run_id in used, dry_run=dry_run)
            removed = removed.plus(byte_count)
    if optuna_url is not None and removed.count and not dry_run:
        _remove_unused_studies(tracking_uri, optuna_url)
    return removed


def unneeded(versions: list[ModelVersion], *, keep: int) -> list[ModelVersion]:
    """Return the versions beyond the newest ones that have no alias and were not among the last champions.

    Args:
        versions: Of one model.
        keep: How many of the newest, and how many of the last champions, stay.
    """
    newest = {each.version for each in sorted(versions, key=lambda each: -each.version)[:keep]}
    reigned = [each for each in versions if CHAMPION_SINCE_TAG in each.tags]
    champions = {each.version for each in sorted(reigned, key=lambda each: each.tags[CHAMPION_SINCE_TAG])[-keep:]}
    stay = newest | champions
    return [each for each in versions if each.version not in stay and not each.aliases]


def _model_names(tracking_uri: str) -> list[str]:
    with mlflow_errors(tracking_uri):
        return [model.name for model in _pages(mlflow.MlflowClient(tracking_uri).search_registered_models)]


def _remove(tracking_uri: str, version: ModelVersion, *, run_is_used: bool, dry_run: bool) -> int:
    """Remove one version with its model and its runs; return the bytes of their artifacts."""
    client = mlflow.MlflowClient(tracking_uri)
    byte_count = 0
    if not run_is_used and (run := _run(client, version.run_id)) is not None:
        for each in [*_nested(client, run), run]:
            byte_count += _free_artifacts(each.info.artifact_uri, dry_run=dry_run)
            for model in _logged_models(client, each):
                byte_count += _free_artifacts(model.artifact_location, dry_run=dry_run)
                if not dry_run:
                    client.delete_logged_model(model.model_id)
            if not dry_run:
                client.delete_run(each.info.run_id)
    if not dry_run:
        client.delete_model_version(version.name, str(version.version))
    return byte_count


def _run(client: mlflow.MlflowClient, run_id: str) -> Any | None:
    run = _unless_gone(client.get_run, run_id)
    return run if run is not None and run.info.lifecycle_stage == "active" else None


def _unless_gone(get: Callable[[str], Any], key: str) -> Any | None:
    """Return what MLflow has, or ``None`` when a person, or a step that was killed, has removed it."""
    try:
        return get(key)
    except MlflowException as error:
        if error.error_code == ErrorCode.Name(RESOURCE_DOES_NOT_EXIST):
            return None
        raise


def _nested(client: mlflow.MlflowClient, run: Any) -> list[Any]:
    """Return the runs below a run, the deepest first."""
    where = f"tags.`{MLFLOW_PARENT_RUN_ID}` = '{run.info.run_id}'"
    children = list(_pages(client.search_runs, [run.info.experiment_id], where))
    return [below for child in children for below in (*_nested(client, child), child)]


def _logged_models(client: mlflow.MlflowClient, run: Any) -> list[Any]:
    # Not by a search: MLflow may have put a run's model into another experiment than the run.
    made = run.outputs.model_outputs if run.outputs else []
    found = (_unless_gone(client.get_logged_model, each.model_id) for each in made)
    return [model for model in found if model is not None]


def _free_artifacts(uri: str, *, dry_run: bool) -> int:
    repository = get_artifact_repository(uri)
    byte_count = sum(_sizes(repository, ""))
    if byte_count and not dry_run:
        repository.delete_artifacts()
    return byte_count


def _sizes(repository: Any, folder: str) -> Iterator[int]:
    for entry in repository.list_artifacts(folder or None):
        if entry.is_dir:
            yield from _sizes(repository, entry.path)
        else:
            yield entry.file_size or 0


def _remove_unused_studies(tracking_uri: str, url: SecretStr) -> None:
    """Remove the studies that only deleted runs name; one that no run names is somebody's own."""
    address = url.get_secret_value().replace("postgresql://", "postgresql+psycopg2://", 1)
    client = mlflow.MlflowClient(tracking_uri)
    with mlflow_errors(tracking_uri):
        experiments = [each.experiment_id for each in _pages(client.search_experiments)]
        deleted = _studies(client, experiments, ViewType.DELETED_ONLY)
        unused = deleted - _studies(client, experiments, ViewType.ACTIVE_ONLY)
    for name in unused & set(optuna.get_all_study_names(address)):
        with suppress(KeyError):  # deleted by somebody else meanwhile
            optuna.delete_study(study_name=name, storage=address)


def _studies(client: mlflow.MlflowClient, experiments: list[str], view: int) -> set[str]:
    runs = _pages(client.search_runs, experiments, f"params.{STUDY_PARAM} LIKE '%'", view)
    return {run.data.params[STUDY_PARAM] for run in runs}


def _pages(search: Any, *arguments: Any) -> Iterator[Any]:
    """Yield what a search finds, page by page."""
    page = search(*arguments)
    yield from page
    while page.token:
        page = search(*arguments, page_token=page.token)
        yield from page
