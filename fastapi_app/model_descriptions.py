"""Describes the served model and the readiness of the service."""

from datetime import UTC, datetime

from fastapi_app.answers.platform import RegisteredVersion
from fastapi_app.model_answers import FailedVersion, ModelAnswer, ModelReference, ReadyAnswer, TrainingData
from fastapi_app.model_source import ModelSource
from fastapi_app.served_model import FollowerState, PendingFailure, ServedModel
from fastapi_app.warehouse import WarehouseState
from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.errors import ModelNotReadyError, SchemaOutdatedError
from mercado.registry import REASON_TAG, VERDICT_TAG


def reference(served: ServedModel) -> ModelReference:
    """Return which version is served."""
    version = served.version
    return ModelReference(name=version.name, version=version.version, run_id=version.run_id, alias=served.alias)


def describe(state: FollowerState) -> ModelAnswer:
    """Return all that is known about the served model.

    Raises:
        ModelNotReadyError: None is loaded.
    """
    served = state.require_served()
    version, forecaster = served.version, served.forecaster
    return ModelAnswer(
        **reference(served).model_dump(),
        created_at_utc=_utc(version.created_at_ms),
        loaded_at_utc=served.loaded_at,
        symbol=forecaster.symbol,
        interval=forecaster.interval,
        horizon_candles=forecaster.horizon_bars,
        candles_needed=FEATURE_WINDOW_BARS,
        features=list(forecaster.feature_names),
        training=TrainingData(
            first_open_utc=_utc(forecaster.training_first_ms),
            last_open_utc=_utc(forecaster.training_last_ms),
            dataset_sha256=forecaster.training_digest,
        ),
        verdict=version.tags.get(VERDICT_TAG),
        tags=dict(version.tags),
        pending_failure=_failed(state.pending_failure),
        notice=state.notice,
    )


def describe_versions(source: ModelSource, *, mlflow_url: str) -> list[RegisteredVersion]:
    """Return every version of a model, newest first, with what the gate said of it.

    Raises:
        ServiceUnavailableError: The registry does not answer.
    """
    return [
        RegisteredVersion(
            version=version.version,
            created_at_utc=_utc(version.created_at_ms),
            aliases=list(version.aliases),
            verdict=version.tags.get(VERDICT_TAG),
            reason=version.tags.get(REASON_TAG),
            run_id=version.run_id,
            url=f"{mlflow_url}/#/models/{version.name}/versions/{version.version}",
        )
        for version in source.versions()
    ]


def readiness(state: FollowerState, warehouse: WarehouseState) -> ReadyAnswer:
    """Return that the service is ready, with what else is wrong.

    A warehouse that does not answer leaves it ready, for POST /predict needs none.

    Raises:
        ModelNotReadyError: No model is loaded.
        SchemaOutdatedError: The warehouse has another schema than this code needs.
    """
    served = state.served
    if served is None:
        also = f" Besides: {warehouse.trouble}" if warehouse.outdated else ""
        raise ModelNotReadyError(f"{state.trouble}{also}")
    if warehouse.outdated:
        raise SchemaOutdatedError(warehouse.trouble)
    return ReadyAnswer(
        model=reference(served),
        pending_failure=_failed(state.pending_failure),
        notice=state.notice,
        warehouse=warehouse.trouble,
    )


def _failed(failure: PendingFailure | None) -> FailedVersion | None:
    if failure is None:
        return None
    return FailedVersion(version=failure.version.version, reason=failure.reason, failed_at_utc=failure.failed_at)


def _utc(time_ms: int) -> datetime:
    return datetime.fromtimestamp(time_ms / 1000, tz=UTC)
