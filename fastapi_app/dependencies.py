"""What the endpoints are given: one set of services per process, and for each request one model and one instant.

The functions are coroutines though they wait for nothing: FastAPI would run plain ones in threads, at 80 µs each.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, cast

from anyio import CapacityLimiter
from fastapi import Depends, Query, Request
from pydantic import SecretStr

from fastapi_app.follower import ModelFollower
from fastapi_app.forecast_request import SeriesRequest
from fastapi_app.latest_forecast import LatestForecast
from fastapi_app.model_answers import ModelReference
from fastapi_app.model_descriptions import reference
from fastapi_app.models import Models
from fastapi_app.prediction_log import PredictionLog
from fastapi_app.repeating import Repeating
from fastapi_app.served_model import ServedModel
from fastapi_app.served_series import ServedSeries
from fastapi_app.telemetry import Telemetry
from fastapi_app.warehouse import WarehouseReader, WarehouseWatch
from mercado.series import CandleInterval


@dataclass(frozen=True)
class Services:
    """What lives as long as the process.

    Attributes:
        models: Holds the models that are served.
        reader: Reads the warehouse.
        warehouse_threads: Bounds the threads that wait for it. Forecasts from given candles have others, and go on
            while it hangs.
        watch: Knows the warehouse's state.
        log: Stores predictions.
        telemetry: Gathers metrics.
        mlflow_url: MLflow's address for a person's browser.
        airflow_url: Airflow's.
        webhook_secret: Of MLflow's webhook, if there is one.
        following: The thread that follows the default model.
        now: The present instant, aware, UTC.
    """

    models: Models
    reader: WarehouseReader
    warehouse_threads: CapacityLimiter
    watch: WarehouseWatch
    log: PredictionLog
    telemetry: Telemetry
    mlflow_url: str
    airflow_url: str
    webhook_secret: SecretStr | None
    following: Repeating
    now: Callable[[], datetime]

    @property
    def follower(self) -> ModelFollower:
        """Return what holds the default model."""
        return self.models.default.follower

    @property
    def latest(self) -> LatestForecast:
        """Return what keeps the default model's newest forecast."""
        return self.models.default.latest


async def _services(request: Request) -> Services:
    return cast("Services", request.app.state.services)


ServicesDep = Annotated[Services, Depends(_services)]


SymbolQuery = Annotated[
    str | None,
    Query(
        pattern="^[A-Z0-9]{1,20}$",
        description="As Binance spells it; by default that of the default model.",
        examples=["BTCUSDT"],
    ),
]
IntervalQuery = Annotated[
    CandleInterval | None,
    Query(description="Length of a candle; by default that of the default model.", examples=["1h"]),
]


async def _series(services: ServicesDep, symbol: SymbolQuery = None, interval: IntervalQuery = None) -> ServedSeries:
    return await services.models.find(symbol, interval)


SeriesDep = Annotated[ServedSeries, Depends(_series)]


async def _served(request: Request, series: SeriesDep) -> ServedModel:
    return require_served(request, series)


def require_served(request: Request, series: ServedSeries) -> ServedModel:
    """Return the version that answers a request; metrics and log are told.

    Raises:
        ModelNotReadyError: None is loaded.
    """
    served = series.follower.state.require_served()
    note_model(request, reference(served))
    return served


async def find_served(services: Services, request: Request, asked: SeriesRequest) -> ServedModel:
    """Return the version that answers a request whose body names the series; as `Models.find` and `require_served`."""
    return require_served(request, await services.models.find(asked.symbol, asked.interval))


def note_model(request: Request, model: ModelReference) -> None:
    """Let metrics and log tell which model answers a request."""
    request.state.model = model.name
    request.state.model_version = str(model.version)


async def _now(services: ServicesDep) -> datetime:
    return services.now()


async def _request_id(request: Request) -> str | None:
    return getattr(request.state, "request_id", None)


ServedModelDep = Annotated[ServedModel, Depends(_served)]
NowDep = Annotated[datetime, Depends(_now)]
RequestIdDep = Annotated[str | None, Depends(_request_id)]
