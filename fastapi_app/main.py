"""The application: ``uvicorn fastapi_app.main:create_app --factory``."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Final

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

import mercado
from fastapi_app.access import Guarded
from fastapi_app.bodies import BodyLimit
from fastapi_app.dependencies import Services
from fastapi_app.documentation import DESCRIPTION, FAILED, TAGS, Api, add_docs, guarded_responses
from fastapi_app.error_handlers import add_error_handlers
from fastapi_app.limits import Limits
from fastapi_app.model_source import ModelSource, mlflow_source
from fastapi_app.observing import REQUEST_ID, Observed
from fastapi_app.routes import (
    forecasts,
    health,
    hooks,
    market_data,
    metrics,
    model,
    platform,
    predictions,
    prices,
    quality,
)
from fastapi_app.routes.page import add_page
from fastapi_app.services import build_services, service_threads
from fastapi_app.settings import ApiSettings, tracking
from fastapi_app.tracing import Tracing

ROUTES: Final = (forecasts, predictions, model, prices, market_data, quality, platform, health, metrics)


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(tz=UTC)


def create_app(
    settings: ApiSettings | None = None,
    source: ModelSource | None = None,
    now: Callable[[], datetime] = utc_now,
    limits: Limits = Limits(),  # noqa: B008 - it is immutable
    sources: Callable[[str], ModelSource] | None = None,
) -> FastAPI:
    """Return the application; it asks no other service until it is started, and its start waits for none.

    Args:
        settings: Read from the environment when not given.
        source: Where the default model comes from; by default MLflow's registry.
        now: The clock.
        limits: Bounds on requests.
        sources: From the names of the other series' models to where they come from; by default MLflow's registry.

    Raises:
        ConfigurationError: A setting has a value that cannot be used.
    """
    settings = settings or ApiSettings.read()
    sources = sources or partial(mlflow_source, tracking().resolved_uri())
    services = build_services(settings, limits, source or sources(settings.model), sources, now)
    tracing = Tracing(settings.otlp_endpoint) if settings.otlp_endpoint else None
    app = Api(
        title="Mercado forecasts",
        version=mercado.__version__,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        responses=FAILED | guarded_responses(settings),
        lifespan=_running(services, tracing),
    )
    app.state.services = services
    _add_middleware(app, settings, limits)
    if tracing:
        tracing.add_to(app)
    add_error_handlers(app)
    add_docs(app)
    for routes in (*ROUTES, *([hooks] if settings.webhook_secret else [])):
        app.include_router(routes.router)
    add_page(app)
    return app


def _add_middleware(app: FastAPI, settings: ApiSettings, limits: Limits) -> None:
    """Wrap the application, from the inside out."""
    app.add_middleware(BodyLimit, limit=limits.body_bytes, seconds=limits.body_seconds)
    key = settings.asked_key()
    if key or settings.requests_per_minute:
        app.add_middleware(Guarded, key=key, requests_per_minute=settings.requests_per_minute)
    if origins := settings.allowed_origins():
        app.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST"],
            allow_headers=["*"],
            expose_headers=["ETag", "Link", REQUEST_ID],
        )
    app.add_middleware(Observed, telemetry=app.state.services.telemetry, most_in_flight=limits.in_flight)


def _running(services: Services, tracing: Tracing | None) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    threads = service_threads(services)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            for thread in threads:
                thread.stop()
            services.log.flush()
            services.reader.close()
            if tracing:
                tracing.stop()

    return lifespan
