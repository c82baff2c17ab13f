"""Start, watch and stop a local platform."""

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mercado.errors import MercadoError, ServiceUnavailableError
from mercado.local.health import health_checks
from mercado.local.platform import REPOSITORY, Platform
from mercado.local.postgres import EmbeddedPostgres
from mercado.local.programs import AIRFLOW_COMPONENTS, initialise_environment, programs
from mercado.local.record import FILE as RECORD_FILE
from mercado.local.record import RunningRecord
from mercado.local.supervision import Supervisor, inherited_environment
from mercado.local.waiting import wait_until
from mercado.warehouse.schema import migrate

START_TIMEOUT_SECONDS = 180
INIT_SCRIPT = REPOSITORY / "postgres_init" / "init-databases.sh"
STATE_FOLDERS = ("airflow", "logs", "mlflow", "postgres", "data")  # real sources keep their data elsewhere
STATE_FILES = ("env", "supervisord.conf", RECORD_FILE, "POSTGRES_IS_IN")
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
        ConfigurationError: A secret is missing, or a port cannot be used; nothing was started.
        ServiceUnavailableError: A service does not become healthy; names its log.
    """
    supervisor = Supervisor(platform)
    starting = not supervisor.running
    if starting:
        platform.require_secrets()
        platform.require_free_ports()
        _make_folders(platform)
        with _step(say, "PostgreSQL prepared"):
            platform.postgres.prepare()
        supervisor.start(programs(platform))
        RunningRecord(supervisor.pid, platform.choices).write(platform.state)
    try:
        _start_in_order(platform, supervisor, say)
    except MercadoError:
        if starting:
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
    """Stop everything and delete the platform's databases, logs and artifacts; `data/` of real sources stays.

    Only what the platform itself wrote into its folder is deleted.

    Raises:
        ServiceUnavailableError: PostgreSQL runs on though its supervisor ended; nothing was deleted.
    """
    down(platform, lambda _: None)
    if (pid := platform.postgres.running_pid()) is not None:
        raise ServiceUnavailableError(
            f"PostgreSQL in {platform.postgres.data} still runs though its supervisor has ended: stop it (kill {pid}) "
            f"and destroy again. Nothing was deleted."
        )
    platform.postgres.destroy()
    for name in STATE_FOLDERS:
        shutil.rmtree(platform.state / name, ignore_errors=True)
    for name in STATE_FILES:
        (platform.state / name).unlink(missing_ok=True)
    shutil.rmtree(platform.runtime, ignore_errors=True)
    if platform.state.exists() and not any(platform.state.iterdir()):
        platform.state.rmdir()


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
            env=inherited_environment() | initialise_environment(platform),
            stdout=output,
            stderr=output,
            check=False,
        )
    if finished.returncode != 0:
        raise ServiceUnavailableError(f"Airflow cannot be prepared; see {log}.")


def _wait_until(healthy: Callable[[], bool], supervisor: Supervisor, name: str) -> None:
    def problem() -> str:
        return f"{name} does not become healthy; see {supervisor.log(name)}."

    def settled() -> bool:
        if supervisor.states().get(name) == "FATAL":
            raise ServiceUnavailableError(problem())
        return healthy()

    wait_until(settled, seconds=START_TIMEOUT_SECONDS, problem=problem)


def addresses(platform: Platform) -> Iterable[tuple[str, str]]:
    """Return name and address of what a person opens."""
    ports = platform.ports
    return (
        ("Airflow", f"http://localhost:{ports.airflow}"),
        ("MLflow", f"http://localhost:{ports.mlflow}"),
        ("API", f"http://localhost:{ports.api}/docs"),
        ("PostgreSQL", f"127.0.0.1:{ports.postgres}, database {platform.values['POSTGRES_DB_WAREHOUSE']}"),
    )
