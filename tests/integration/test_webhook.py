"""MLflow's webhook: a real MLflow server tells a real API at once that another version is champion."""

from pathlib import Path

import mlflow

from mercado.registry import Registry
from mercado.warehouse.schema import migrate
from tests.api.builders import train_forecaster
from tests.conftest import PASSWORD, DatabaseServer
from tests.integration.api_process import running_api_process
from tests.integration.served_models import register
from tests.integration.trainings import empty_registry, wait_until
from tests.mlflow_server import running_mlflow

MODEL = "hooked-forecaster"
SECRET = "a-secret-of-enough-length"
# MLflow calls public https addresses only, unless it is told otherwise, and remembers its webhooks for a minute.
ON_LOOPBACK = {
    "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http",
    "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
    "MLFLOW_WEBHOOK_CACHE_TTL": "1",
}
NEVER = {"MERCADO_API_POLL_SECONDS": "3600"}


def test_a_signed_message_is_followed_at_once_and_an_unsigned_one_is_refused(
    database_server: DatabaseServer, tmp_path: Path
) -> None:
    migrate(database_server.create_database("hooked_db"))
    reader = database_server.url("api_reader", "hooked_db")
    with running_mlflow(tmp_path, postgres_port=database_server.port, password=PASSWORD, **ON_LOOPBACK) as server:
        empty_registry(server.uri, MODEL)
        registry, client = Registry(server.uri, MODEL), mlflow.MlflowClient(server.uri)
        first, second = (
            register(server.uri, MODEL, train_forecaster(seed=seed), tmp_path / f"seed {seed}") for seed in (1, 2)
        )
        registry.promote(first.version)
        settings = {"MERCADO_API_WEBHOOK_SECRET": SECRET, **NEVER}
        with running_api_process(tmp_path, model=MODEL, mlflow_uri=server.uri, warehouse=reader, **settings) as api:
            hook = client.create_webhook(
                name="mercado-api",
                url=f"http://127.0.0.1:{api.port}/hooks/mlflow",
                events=["model_version_alias.created"],
                secret=SECRET,
            )
            try:
                wait_until(lambda: api.serves() == first.version)
                registry.promote(second.version)
                wait_until(lambda: api.serves() == second.version)
                assert api.ask("POST", "/hooks/mlflow", {"entity": "model_version_alias"}).status == 401
            finally:
                client.delete_webhook(hook.webhook_id)
                empty_registry(server.uri, MODEL)
