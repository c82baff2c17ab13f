"""GET /predictions/{id}."""

from functools import partial
from typing import Annotated
from uuid import UUID

from anyio import to_thread
from fastapi import APIRouter, Path

from fastapi_app.dependencies import ServicesDep
from fastapi_app.documentation import BAD_ID, NOT_FOUND, UNAVAILABLE
from fastapi_app.passport import Passport, passport

router = APIRouter(prefix="/predictions", tags=["forecasts"])


@router.get("/{prediction_id}", summary="A prediction's passport", responses=NOT_FOUND | BAD_ID | UNAVAILABLE)
async def read_prediction(
    prediction_id: Annotated[UUID, Path(description="`prediction_id` of an answer.")], services: ServicesDep
) -> Passport:
    """Trace a prediction to its model, training run and data, to the loads and raw answers behind its candles."""
    work = partial(passport, prediction_id, services.reader, services.log, mlflow_url=services.mlflow_url)
    return await to_thread.run_sync(work, limiter=services.warehouse_threads)
