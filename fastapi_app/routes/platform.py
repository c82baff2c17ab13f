"""The platform itself: GET /platform."""

from typing import Any

import psycopg
from fastapi import APIRouter

import mercado
from fastapi_app.answers.platform import Links, PlatformAnswer
from fastapi_app.dependencies import ServicesDep
from fastapi_app.documentation import UNAVAILABLE
from fastapi_app.reading import ask
from mercado.marts.candles import stored_series
from mercado.marts.quality import is_simulated

router = APIRouter(responses=UNAVAILABLE)


@router.get("/platform", summary="What this platform is", tags=["data health"])
async def read_platform(services: ServicesDep) -> PlatformAnswer:
    """Tell the version, whether the data is simulated, and where Airflow, MLflow and this documentation are."""
    held: dict[str, Any] = await ask(services, _held)
    links = Links(airflow=services.airflow_url, mlflow=services.mlflow_url, docs="/docs")
    return PlatformAnswer(version=mercado.__version__, links=links, **held)


def _held(connection: psycopg.Connection) -> dict[str, Any]:
    return {"simulated": is_simulated(connection), "series": stored_series(connection)}
