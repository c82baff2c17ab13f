"""Start, watch and stop a local platform."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import requests

from mercado.errors import MercadoError, ServiceUnavailableError
from mercado.local.platform import REPOSITORY, Platform
from mercado.local.postgres import EmbeddedPostgres
from mercado.local.programs import AIRFLOW_COMPONENTS, airflow_environment, programs
from mercado.local.supervision import Supervisor, inherited_environment
from mercado.warehouse.schema import migrate

START_TIMEOUT_SECONDS = 180
POLL_SECONDS = 0.5
REQUEST_TIMEOUT_SECONDS = 5
INIT_SCRIPT = REPOSITORY / "postgres_init" / "init-databases.sh"
DATA_FOLDERS = ("landing_zone", "archive", "quarantine", "raw", "bitcoin")

Say = Callable[[str], None]


@contextmanager
def _step(say: Say, what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    say(f"  {what:<44} {time.monotonic() - started:5.1f} s")


def up(platform: Platform, say: Say) -> None:
    """Start everything and return when every service is healthy; what runs already is left as it is.

    Raises:
        PortTakenError: A port is in use by another program; nothing was started.
        ServiceUnavailableError: A service does not become healthy; names its log.
    """
    supervisor = Supervisor(platform)
    if not supervisor.running:
        platform.require_free_ports()
        _make_folders(platform)
        with _step(say, "PostgreSQL prepared"):
            platform.postgres.prepare()
        supervisor.start(programs(platform))
    try:
        _start_in_order(platform, supervisor, say)
    except MercadoError:
        supervisor.stop()
        raise


def _start_in_order(platform: Platform, supervisor: Supervisor, say: Say) -> None:
    with _step(say, "PostgreSQL answers, roles and databases there"):
        supervisor.start_program("postgres")
        _wait_until(platform.postgres.answers, supervisor, "postgres")
        create_databases(platform.postgres, platform.values)
    if platform.simulated:
        supervisor.start_program("simulators")
    supervisor.start_program("mlflow")
    with ThreadPoolExecutor() as pool, _step(say, "schemas migrated, Airflow prepared"):
        steps: list[Future[Any]] = [
            pool.submit(migrate, platform.database_url("warehouse")),
            pool.submit(_initialise_airflow, platform, supervisor.log("airflow-initialise")),
        ]
        for step in steps:
            step.result()
    supervisor.start_program("api")
    for component in AIRFLOW_COMPONENTS:
        supervisor.start_program(f"airflow-{component}")
    with _step(say, "every service healthy"):
        for name, healthy in health_checks(platform).items():
            _wait_until(healthy, supervisor, name)


def down(platform: Platform, say: Say) -> None:
    """Stop everything, the database last; data stays."""
    supervisor = Supervisor(platform)
    if not supervisor.running:
        say(f"Nothing of the platform '{platform.name}' is running.")
        return
    supervisor.stop()
    say(f"Stopped. Data is kept in {platform.state}; `make {platform.name}` starts it again.")


def destroy(platform: Platform) -> None:
    """Stop everything and delete the platform's databases, logs and artifacts; `data/` of real sources stays."""
    down(platform, lambda _: None)
    platform.postgres.destroy()
    shutil.rmtree(platform.state, ignore_errors=True)


def health_checks(platform: Platform) -> dict[str, Callable[[], bool]]:
    """Return for each service a function that tells whether it is healthy now."""
    ports = platform.ports
    checks: dict[str, Callable[[], bool]] = {
        "mlflow": lambda: _answers(f"http://127.0.0.1:{ports.mlflow}/health"),
        "api": lambda: _answers(f"http://127.0.0.1:{ports.api}/health/live"),
    }
    for component in AIRFLOW_COMPONENTS:
        checks[f"airflow-{component}"] = partial(_airflow_healthy, ports.airflow, component)
    if platform.simulated:
        checks["simulators"] = lambda: _answers(f"http://127.0.0.1:{ports.simulators}/api/v3/ping")
    return checks


def _make_folders(platform: Platform) -> None:
    platform.state.mkdir(mode=0o700, exist_ok=True)
    for name in DATA_FOLDERS:
        (platform.data / name).mkdir(parents=True, exist_ok=True)
    (platform.state / "mlflow" / "artifacts").mkdir(parents=True, exist_ok=True)


def create_databases(server: EmbeddedPostgres, values: Mapping[str, str]) -> None:
    """Create the roles and databases on a running server, as Compose does, by the script in ``postgres_init``.

    Args:
        server: The running server.
        values: The passwords by the names of ``.env.example``, and the databases' names where they differ.

    Raises:
        ServiceUnavailableError: The server refuses.
    """
    environment = {
        **values,
        "PATH": f"{server.binaries}:/usr/local/bin:/usr/bin:/bin",
        "PGHOST": "127.0.0.1",
        "PGPORT": str(server.port),
        "PGUSER": server.superuser,
        "PGPASSWORD": server.password,
    }
    finished = subprocess.run(["sh", str(INIT_SCRIPT)], env=environment, capture_output=True, text=True, check=False)
    if finished.returncode != 0:
        raise ServiceUnavailableError(
            f"The roles and databases cannot be created: {finished.stderr.strip()} (Was POSTGRES_PASSWORD changed "
            f"after the first start? It must stay what the cluster was created with.)"
        )


def _initialise_airflow(platform: Platform, log: Path) -> None:
    command = [sys.executable, "-m", "mercado_airflow.initialise"]
    with log.open("ab") as output:
        finished = subprocess.run(
            command,
            env=inherited_environment() | airflow_environment(platform),
            stdout=output,
            stderr=output,
            check=False,
        )
    if finished.returncode != 0:
        raise ServiceUnavailableError(f"Airflow cannot be prepared; see {log}.")


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=REQUEST_TIMEOUT_SECONDS).ok
    except requests.RequestException:
        return False


def _airflow_healthy(port: int, component: str) -> bool:
    try:
        answer = requests.get(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=REQUEST_TIMEOUT_SECONDS)
        states: dict[str, Any] = answer.json() if answer.ok else {}
    except requests.RequestException:
        return False
    key = {"api-server": "metadatabase", "dag-processor": "dag_processor"}.get(component, component)
    return (states.get(key) or {}).get("status") == "healthy"


def _wait_until(healthy: Callable[[], bool], supervisor: Supervisor, name: str) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    while not healthy():
        if supervisor.states().get(name) == "FATAL" or time.monotonic() > deadline:
            raise ServiceUnavailableError(f"{name} does not become healthy; see {supervisor.log(name)}.")
        time.sleep(POLL_SECONDS)


def addresses(platform: Platform) -> Iterable[tuple[str, str]]:
    """Return name and address of what a person opens."""
    ports = platform.ports
    return (
        ("Airflow", f"http://localhost:{ports.airflow}"),
        ("MLflow", f"http://localhost:{ports.mlflow}"),
        ("API", f"http://localhost:{ports.api}/docs"),
        ("PostgreSQL", f"127.0.0.1:{ports.postgres}, database {platform.values['POSTGRES_DB_WAREHOUSE']}"),
    )
