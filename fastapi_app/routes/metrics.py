"""GET /metrics."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from fastapi_app.dependencies import ServicesDep

router = APIRouter(tags=["health"])


@router.get(
    "/metrics",
    summary="Metrics for Prometheus",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus' text format."}
    },
)
async def read_metrics(services: ServicesDep) -> Response:
    """Tell latencies by route and model version, ages of model and candles, swaps, and the prediction log's queue."""
    return Response(generate_latest(services.telemetry.registry), media_type=CONTENT_TYPE_LATEST)
