"""The application: ``uvicorn fastapi_app.main:create_app --factory``."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Final

from fastapi import FastAPI

import mercado
from fastapi_app.bodies import BodyLimit
from fastapi_app.dependencies import Services
from fastapi_app.documentation import DESCRIPTION, FAILED, TAGS, Api, add_docs
from fastapi_app.error_handlers import add_error_handlers
from fastapi_app.follower import ModelFollower
from fastapi_app.model_source import ModelSource, mlflow_source
from fastapi_app.repeating import Repeating
from fastapi_app.routes import forecasts, health, model
from fastapi_app.settings import ApiSettings, tracking_uri
from fastapi_app.warehouse import WarehouseReader, WarehouseWatch

WAREHOUSE_CHECK_SECONDS: Final = 30.0


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(tz=UTC)


def create_app(
    settings: ApiSettings | None = None,
    source: ModelSource | None = None,
    now: Callable[[], datetime] = utc_now,
) -> FastAPI:
    """Return the application; it asks no other service until it is started, and its start waits for none.

    Args:
        settings: Read from the environment when not given.
        source: Where models come from; by default MLflow's registry.
        now: The clock.

    Raises:
        ConfigurationError: A setting has a value that cannot be used.
    """
    settings = settings or ApiSettings.read()
    reader = WarehouseReader(settings.warehouse_url())
    services = Services(
        follower=ModelFollower(source or mlflow_source(tracking_uri(), settings.model), now=now),
        reader=reader,
        watch=WarehouseWatch(reader),
        now=now,
    )
    threads = (
        Repeating(services.follower.poll, seconds=settings.poll_seconds, name="model follower"),
        Repeating(services.watch.check, seconds=WAREHOUSE_CHECK_SECONDS, name="warehouse watch"),
    )
    app = Api(
        title="Mercado forecasts",
        version=mercado.__version__,
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        responses=FAILED,
        lifespan=_running(threads),
    )
    app.state.services = services
    app.add_middleware(BodyLimit)
    add_error_handlers(app)
    add_docs(app)
    for routes in (forecasts, model, health):
        app.include_router(routes.router)
    return app


def _running(threads: tuple[Repeating, ...]) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            for thread in threads:
                thread.stop()

    return lifespan
