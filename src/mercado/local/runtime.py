"""A platform as local processes: start in order, watch, stop."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mercado.errors import MercadoError, ServiceUnavailableError
from mercado.local.folders import bound_log, delete_state, make_folders
from mercado.local.health import health_checks
from mercado.local.memory import proportional_set_bytes
from mercado.local.platform import REPOSITORY, Platform
from mercado.local.postgres import EmbeddedPostgres
from mercado.local.programs import AIRFLOW_COMPONENTS, initialise_environment, programs
from mercado.local.record import RunningRecord
from mercado.local.supervision import Supervisor, inherited_environment
from mercado.local.waiting import wait_until
from mercado.warehouse.schema import migrate

START_TIMEOUT_SECONDS = 180
MEGABYTE = 1_000_000
INIT_SCRIPT = REPOSITORY / "postgres_init" / "init-databases.sh"
Say = Callable[[str], None]


@contextmanager
def _step(say: Say, what: str) -> Iterator[None]:
    started = time.monotonic()
    yield
    say(f"  {what:<44} {time.monotonic() - started:5.1f} s")


@dataclass(frozen=True)
class LocalProcesses:
    """The services of a platform as processes under supervisor.

    Attributes:
        platform: Its settings, ports and folders.
    """

    platform: Platform
    description = "local processes"
    make_options = ""

    @property
    def running(self) -> bool:
        """Return whether it was started and not stopped since."""
        return Supervisor(self.platform).running

    def up(self, say: Say) -> None:
        """Start everything and return when every service is healthy; what runs already is left as it is.

        Raises:
            ConfigurationError: A secret is missing, or a port cannot be used; nothing was started.
            ServiceUnavailableError: A service does not become healthy; names its log.
        """
        supervisor = Supervisor(self.platform)
        starting = not supervisor.running
        if starting:
            self._start_supervisor(supervisor, say)
        try:
            _start_in_order(self.platform, supervisor, say)
        except MercadoError:
            if starting:
                supervisor.stop()
            raise

    def _start_supervisor(self, supervisor: Supervisor, say: Say) -> None:
        self.platform.require_secrets()
        self.platform.require_free_ports()
        make_folders(self.platform)
        with _step(say, "PostgreSQL prepared"):
            self.platform.postgres.prepare()
        supervisor.start(programs(self.platform))
        RunningRecord(supervisor.pid, self.platform.choices).write(self.platform.state)

    def down(self, say: Say) -> None:
        """Stop everything, the database last; data stays."""
        supervisor = Supervisor(self.platform)
        if not supervisor.running:
            say(f"Nothing of the platform '{self.platform.name}' is running.")
            return
        supervisor.stop()
        say(f"Stopped. Data is kept in {self.platform.state}; `make {self.platform.name}` starts it again.")

    def destroy(self) -> None:
        """Stop everything and delete the platform's databases, logs and artifacts; `data/` of real sources stays.

        Raises:
            ServiceUnavailableError: PostgreSQL runs on though its supervisor ended; nothing was deleted.
        """
        self.down(lambda _: None)
        postgres = self.platform.postgres
        if (pid := postgres.running_pid()) is not None:
            raise ServiceUnavailableError(
                f"PostgreSQL in {postgres.data} still runs though its supervisor has ended: stop it (kill {pid}) and "
                f"destroy again. Nothing was deleted."
            )
        postgres.destroy()
        delete_state(self.platform)

    def status_lines(self) -> Iterator[str]:
        """Yield a line per program, with its state and its memory (PSS, children included), and the sum."""
        supervisor = Supervisor(self.platform)
        if not supervisor.running:
            yield "Nothing runs."
            return
        memory = {name: proportional_set_bytes(pid) for name, pid in supervisor.pids().items()}
        for name, state in supervisor.states().items():
            yield f"  {name:<24} {state:<10} {memory.get(name, 0) / MEGABYTE:>7,.0f} MB"
        together = proportional_set_bytes(supervisor.pid)
        yield f"  {'all, with supervisor':<24} {'':<10} {together / MEGABYTE:>7,.0f} MB"

    def log(self, service: str) -> str:
        """Return how a person reads the log of a service."""
        return str(self.platform.logs / f"{service}.log")


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
    bound_log(log)
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
