"""``MERCADO_AUTH=on``: MLflow asks for a log-in, the API for its key, and every client of the platform brings them."""

import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
import requests

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from mercado.environment import AUTH_SECRETS, MLFLOW_ADMIN, fresh_values
from mercado.errors import ServiceRefusedError
from mercado.registry import Registry
from mercado.warehouse.connection import connect
from tests.api.builders import train_forecaster
from tests.api.client import TestClient
from tests.commands import run_mercado
from tests.conftest import PASSWORD, DatabaseServer
from tests.integration.served_models import register
from tests.mlflow_server import MlflowServer, running_mlflow

MODEL = "guarded-forecaster"
SECRETS = {name: value for name, value in fresh_values().items() if name in AUTH_SECRETS} | {"MERCADO_AUTH": "on"}
CREDENTIALS = (MLFLOW_ADMIN, SECRETS["MLFLOW_ADMIN_PASSWORD"])
SEARCH = "/api/2.0/mlflow/registered-models/search"


def guarded_mlflow(
    server: DatabaseServer, folder: Path, secrets: dict[str, str] = SECRETS
) -> AbstractContextManager[MlflowServer]:
    return running_mlflow(folder, postgres_port=server.port, password=PASSWORD, settings=secrets)


@contextmanager
def logged_in() -> Iterator[None]:
    """Log MLflow's client of this process in, as the environment of a task or of the API does."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLFLOW_TRACKING_USERNAME", CREDENTIALS[0])
        patch.setenv("MLFLOW_TRACKING_PASSWORD", CREDENTIALS[1])
        yield


@pytest.fixture(scope="module")
def mlflow_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("guarded")


@pytest.fixture(scope="module")
def guarded(database_server: DatabaseServer, mlflow_folder: Path) -> Iterator[MlflowServer]:
    """Yield a server that asks for a log-in, on the database of servers that do not: the switch was turned on."""
    with guarded_mlflow(database_server, mlflow_folder) as server:
        yield server


def status(server: MlflowServer, path: str, credentials: tuple[str, str] | None = None) -> int:
    return requests.get(f"{server.uri}{path}", auth=credentials, timeout=30).status_code


def test_mlflow_answers_only_who_logs_in_and_its_health_everybody(guarded: MlflowServer) -> None:
    assert status(guarded, SEARCH) == 401
    assert status(guarded, SEARCH, (MLFLOW_ADMIN, "a-wrong-password")) == 401
    assert status(guarded, SEARCH, CREDENTIALS) == 200
    assert status(guarded, "/api/2.0/mlflow-artifacts/artifacts?path=0") == 401
    assert status(guarded, "/health") == 200


def test_who_is_not_logged_in_is_told_so_by_the_platforms_own_error(guarded: MlflowServer) -> None:
    with pytest.raises(ServiceRefusedError, match="You are not authenticated"):
        Registry(guarded.uri, MODEL).versions()


def test_a_training_registers_and_the_api_serves_behind_its_key(guarded: MlflowServer, tmp_path: Path) -> None:
    with logged_in():
        version = register(guarded.uri, MODEL, train_forecaster(seed=3), tmp_path / "model")
        Registry(guarded.uri, MODEL).promote(version.version)
        settings = ApiSettings(_env_file=None, MERCADO_API_MODEL=MODEL, **SECRETS)
        app = create_app(settings, Registry(guarded.uri, MODEL))
        app.state.services.follower.poll()
        client = TestClient(app)
        assert client.get("/health/ready").json()["model"]["version"] == version.version
        assert client.get("/model").status_code == 401
        assert client.get("/model", headers={"X-API-Key": SECRETS["MERCADO_API_KEY"]}).status_code == 200


def test_the_command_line_logs_in_from_the_settings_file(guarded: MlflowServer, tmp_path: Path) -> None:
    file, port = tmp_path / "settings", guarded.uri.rsplit(":", 1)[1]
    file.write_text("".join(f"{name}={value}\n" for name, value in {**SECRETS, "MLFLOW_PORT": port}.items()))
    listed = run_mercado({"MERCADO_ENV_FILE": str(file)}, "model", "list", "--model", "nobodys")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert "No version yet" in listed.stdout


def test_the_password_goes_to_the_platforms_own_server_only(guarded: MlflowServer) -> None:
    elsewhere = {"MERCADO_ENV_FILE": "/dev/null", "MLFLOW_TRACKING_URI": guarded.uri, **SECRETS}
    refused = run_mercado(elsewhere, "model", "list")
    assert refused.returncode == 1
    assert "You are not authenticated" in refused.stderr


def test_the_users_have_a_migration_table_of_their_own(guarded: MlflowServer, database_server: DatabaseServer) -> None:
    with connect(database_server.url("mlflow", "mlflow_db")) as connection:
        found = connection.execute("select tablename from pg_tables where tablename like 'alembic%'").fetchall()
    assert {name for (name,) in found} == {"alembic_version", "alembic_version_auth"}


def test_the_file_that_holds_the_databases_password_is_its_owners_alone(
    guarded: MlflowServer, mlflow_folder: Path
) -> None:
    (file,) = mlflow_folder.glob("*.ini")
    assert PASSWORD in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_password_that_was_changed_in_the_settings_is_mlflows_at_its_next_start(
    guarded: MlflowServer, database_server: DatabaseServer, tmp_path: Path
) -> None:
    changed = SECRETS | {"MLFLOW_ADMIN_PASSWORD": "another-password-of-enough-length"}
    with guarded_mlflow(database_server, tmp_path, changed) as server:
        assert status(server, SEARCH, (MLFLOW_ADMIN, changed["MLFLOW_ADMIN_PASSWORD"])) == 200
        assert status(server, SEARCH, CREDENTIALS) == 401
