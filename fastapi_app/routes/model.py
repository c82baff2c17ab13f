"""The models that are served: GET /model, /model/versions and /models."""

from functools import partial

from anyio import to_thread
from fastapi import APIRouter

from fastapi_app.answers.platform import RegisteredVersion
from fastapi_app.dependencies import IntervalQuery, SeriesDep, ServicesDep, SymbolQuery
from fastapi_app.documentation import NO_SUCH_SERIES, UNAVAILABLE
from fastapi_app.model_answers import ModelAnswer
from fastapi_app.model_descriptions import describe, describe_versions
from fastapi_app.model_list import ListedModel, describe_models
from fastapi_app.reading import Listed

router = APIRouter(tags=["model"])


@router.get("/model", summary="A served model", responses=NO_SUCH_SERIES | UNAVAILABLE)
def read_model(series: SeriesDep) -> ModelAnswer:
    """Tell which version is served, what it was trained on, and whether a newer one could not be loaded."""
    return describe(series.follower.state)


@router.get("/model/versions", summary="Versions and their verdicts", responses=NO_SUCH_SERIES | UNAVAILABLE)
async def list_versions(
    services: ServicesDep, symbol: SymbolQuery = None, interval: IntervalQuery = None
) -> Listed[RegisteredVersion]:
    """List every version of a model in MLflow's registry, the newest first, with what the gate said of it."""
    source = services.models.source(services.models.choose(symbol, interval))
    work = partial(describe_versions, source, mlflow_url=services.mlflow_url)
    return Listed(items=await to_thread.run_sync(work), next=None)


@router.get("/models", summary="The models of all series")
async def list_models(services: ServicesDep) -> Listed[ListedModel]:
    """List the series that can be asked for, the default model's first, and what is served of each.

    The default model always is in memory. Another is loaded when it is first asked for, and may make room for others.
    """
    return Listed(items=describe_models(services.models), next=None)
