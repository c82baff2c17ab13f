"""What the endpoints are given: one set of services per process, and for each request one model and one instant.

The functions are coroutines though they wait for nothing: FastAPI would run plain ones in threads, at 80 µs each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from anyio import CapacityLimiter
from fastapi import Depends, Request
from pydantic import SecretStr

from fastapi_app.follower import ModelFollower
from fastapi_app.latest_forecast import LatestForecast
from fastapi_app.model_source import ModelSource
from fastapi_app.prediction_log import PredictionLog
from fastapi_app.repeating import Repeating
from fastapi_app.served_model import FollowerState, ServedModel
from fastapi_app.telemetry import Telemetry
from fastapi_app.warehouse import WarehouseReader, WarehouseWatch


@dataclass(frozen=True)
class Services:
    """What lives as long as the process.

    Attributes:
        follower: Holds the served model.
        reader: Reads the warehouse.
        warehouse_threads: Bounds the threads that wait for it. Forecasts from given candles have others, and go on
            while it hangs.
        watch: Knows the warehouse's state.
        log: Stores predictions.
        latest: Keeps the answer to GET /predict.
        telemetry: Gathers metrics.
        source: The registry of the model's versions.
        mlflow_url: MLflow's address for a person's browser.
        airflow_url: Airflow's.
        webhook_secret: Of MLflow's webhook, if there is one.
        following: The thread that polls the registry.
        now: The present instant, aware, UTC.
    """

    follower: ModelFollower
    reader: WarehouseReader
    warehouse_threads: CapacityLimiter
    watch: WarehouseWatch
    log: PredictionLog
    latest: LatestForecast
    telemetry: Telemetry
    source: ModelSource
    mlflow_url: str
    airflow_url: str
    webhook_secret: SecretStr | None
    following: Repeating
    now: Callable[[], datetime]


async def _services(request: Request) -> Services:
    return cast("Services", request.app.state.services)


ServicesDep = Annotated[Services, Depends(_services)]


async def _follower_state(services: ServicesDep) -> FollowerState:
    return services.follower.state


FollowerStateDep = Annotated[FollowerState, Depends(_follower_state)]


async def _served(request: Request, state: FollowerStateDep) -> ServedModel:
    served = state.require_served()
    request.state.model_version = str(served.version.version)
    return served


async def _now(services: ServicesDep) -> datetime:
    return services.now()


async def _request_id(request: Request) -> str | None:
    return getattr(request.state, "request_id", None)


ServedModelDep = Annotated[ServedModel, Depends(_served)]
NowDep = Annotated[datetime, Depends(_now)]
RequestIdDep = Annotated[str | None, Depends(_request_id)]
