"""GET /health/live and GET /health/ready."""

from fastapi import APIRouter

from fastapi_app.dependencies import ServicesDep
from fastapi_app.documentation import UNAVAILABLE
from fastapi_app.model_answers import LiveAnswer, ReadyAnswer
from fastapi_app.model_descriptions import readiness

# Coroutines, for a plain function would wait for a thread, and a busy process must not be taken for a dead one.
router = APIRouter(prefix="/health", tags=["health"])


@router.get("/live", summary="Does the process run?")
async def read_liveness() -> LiveAnswer:
    """Answer 200 as long as the process can answer at all."""
    return LiveAnswer()


@router.get("/ready", summary="Can it forecast?", responses=UNAVAILABLE)
async def read_readiness(services: ServicesDep) -> ReadyAnswer:
    """Answer 200 when the default model is served, else 503 with the reason.

    It asks no other service, so it never waits. Of several replicas each answers for itself.
    """
    return readiness(services.follower.state, services.watch.state)
