"""Makes what lives as long as the process, and the threads that keep it current."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Final

from anyio import CapacityLimiter

from fastapi_app.dependencies import Services
from fastapi_app.limits import Limits
from fastapi_app.model_source import ModelSource
from fastapi_app.models import Models
from fastapi_app.prediction_log import PredictionLog
from fastapi_app.repeating import Repeating
from fastapi_app.served_series import ServedSeries
from fastapi_app.settings import ApiSettings, tracking
from fastapi_app.telemetry import ServiceCollector, Telemetry
from fastapi_app.warehouse import WarehouseReader, WarehouseWatch
from mercado.settings import BrowserSettings

WAREHOUSE_THREADS: Final = 20
WAREHOUSE_CHECK_SECONDS: Final = 10.0
CANDLE_CHECK_SECONDS: Final = 1.0
LOG_FLUSH_SECONDS: Final = 0.5


def build_services(
    settings: ApiSettings,
    limits: Limits,
    source: ModelSource,
    sources: Callable[[str], ModelSource],
    now: Callable[[], datetime],
) -> Services:
    """Return the services of one process; none of their threads runs yet.

    Args:
        settings: Of the API.
        limits: Bounds on requests.
        source: Where the default model comes from.
        sources: From the names of the other series' models to where they come from.
        now: The clock.
    """
    reader = WarehouseReader(settings.warehouse_url())
    watch, log, telemetry = WarehouseWatch(reader), PredictionLog(reader), Telemetry()
    models = _models(settings, limits, partial(ServedSeries, reader=reader, log=log, now=now), source, sources)
    telemetry.registry.register(ServiceCollector(models, log, watch, now=now))
    return Services(
        models=models,
        reader=reader,
        warehouse_threads=CapacityLimiter(WAREHOUSE_THREADS),
        watch=watch,
        log=log,
        telemetry=telemetry,
        mlflow_url=tracking().ui_url(),
        airflow_url=BrowserSettings.read().airflow_url,
        webhook_secret=settings.webhook_secret,
        following=Repeating(models.default.follower.poll, seconds=settings.poll_seconds, name="model follower"),
        now=now,
    )


def service_threads(services: Services) -> tuple[Repeating, ...]:
    """Return the threads that keep the services current."""
    return (
        services.following,
        services.models.others.following,
        Repeating(services.models.refresh, seconds=CANDLE_CHECK_SECONDS, name="latest forecasts"),
        Repeating(services.watch.check, seconds=WAREHOUSE_CHECK_SECONDS, name="warehouse watch"),
        Repeating(services.log.flush, seconds=LOG_FLUSH_SECONDS, name="prediction log"),
    )


def _models(
    settings: ApiSettings,
    limits: Limits,
    make: Callable[..., ServedSeries],
    source: ModelSource,
    sources: Callable[[str], ModelSource],
) -> Models:
    return Models(
        make(source),
        settings.trained,
        sources,
        lambda source, series: make(source, series=series),
        most=settings.models_in_memory,
        poll_seconds=settings.poll_seconds,
        cold_seconds=limits.cold_seconds,
    )
