"""The platform and its model's versions: GET /platform and /model/versions."""

from functools import partial
from typing import Any

import psycopg
from anyio import to_thread
from fastapi import APIRouter

import mercado
from fastapi_app.answers.platform import Links, PlatformAnswer, RegisteredVersion
from fastapi_app.dependencies import ServicesDep
from fastapi_app.documentation import UNAVAILABLE
from fastapi_app.model_descriptions import describe_versions
from fastapi_app.reading import Listed, ask
from mercado.marts.candles import stored_series
from mercado.marts.quality import is_simulated

router = APIRouter(responses=UNAVAILABLE)


@router.get("/platform", summary="What this platform is", tags=["data health"])
async def read_platform(services: ServicesDep) -> PlatformAnswer:
    """Tell the version, whether the data is simulated, and where Airflow, MLflow and this documentation are."""
    held: dict[str, Any] = await ask(services, _held)
    links = Links(airflow=services.airflow_url, mlflow=services.mlflow_url, docs="/docs")
    return PlatformAnswer(version=mercado.__version__, links=links, **held)


@router.get("/model/versions", summary="Versions and their verdicts", tags=["model"])
async def list_versions(services: ServicesDep) -> Listed[RegisteredVersion]:
    """List every version of the served model in MLflow's registry, the newest first, with what the gate said of it."""
    work = partial(describe_versions, services.source, mlflow_url=services.mlflow_url)
    return Listed(items=await to_thread.run_sync(work), next=None)


def _held(connection: psycopg.Connection) -> dict[str, Any]:
    return {"simulated": is_simulated(connection), "series": stored_series(connection)}
