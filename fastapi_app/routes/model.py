"""GET /model."""

from fastapi import APIRouter

from fastapi_app.dependencies import FollowerStateDep
from fastapi_app.documentation import UNAVAILABLE
from fastapi_app.model_answers import ModelAnswer
from fastapi_app.model_descriptions import describe

router = APIRouter(tags=["model"])


@router.get("/model", summary="The served model", responses=UNAVAILABLE)
def read_model(state: FollowerStateDep) -> ModelAnswer:
    """Tell which version is served, what it was trained on, and whether a newer one could not be loaded."""
    return describe(state)
