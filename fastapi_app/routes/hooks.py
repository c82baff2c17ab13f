"""POST /hooks/mlflow, where a secret for it is set."""

from fastapi import APIRouter, HTTPException, Request, Response

from fastapi_app.dependencies import NowDep, ServicesDep
from fastapi_app.documentation import NOT_GENUINE
from fastapi_app.webhook import is_genuine, named_model

router = APIRouter(prefix="/hooks", tags=["model"])


@router.post("/mlflow", summary="MLflow's webhook", status_code=204, responses=NOT_GENUINE)
async def hear_mlflow(request: Request, services: ServicesDep, now: NowDep) -> Response:
    """Look at the registry at once; for MLflow's webhook of the event `model_version_alias.created`."""
    secret, body = services.webhook_secret, await request.body()
    if secret is None or not is_genuine(request.headers, body, secret, now=now):
        raise HTTPException(401, "The signature is not MLflow's, or is older than five minutes.")
    name = named_model(body)
    if name in (None, services.models.default.source.name):
        services.following.wake()
    services.models.others.look_again(name)
    return Response(status_code=204)
