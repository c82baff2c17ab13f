"""What a local platform consists of: its folders, its ports, its secrets; read once, checked before anything starts."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from dotenv import dotenv_values
from pydantic import SecretStr, ValidationError

from mercado.environment import (
    AUTH,
    BROKER_PASSWORD,
    MOST_REPLICAS,
    MOST_WORKERS,
    REPLICAS,
    WORKERS,
    secret_problems,
)
from mercado.errors import ConfigurationError
from mercado.local.ports import Ports, require_free
from mercado.local.postgres import EmbeddedPostgres
from mercado.local.record import RunningRecord
from mercado.settings import named_faults, postgres_url

# The local runtime belongs to a checkout, into whose .venv `make setup` installs this package as editable.
REPOSITORY = Path(__file__).resolve().parents[3]
EXAMPLE = REPOSITORY / ".env.example"
DEMO = REPOSITORY / ".demo"
# What the environment may choose for once; everything else is said in the file.
CHOICES = (
    "AIRFLOW_PORT",
    "MLFLOW_PORT",
    "API_PORT",
    "POSTGRES_PORT",
    "REDIS_PORT",
    "SIMULATORS_PORT",
    "SIMULATORS_PROFILE",
    "MERCADO_SERIES",
)


@dataclass(frozen=True)
class Platform:
    """One local platform.

    Attributes:
        name: ``local`` and ``up`` (real sources; processes and containers) or ``demo`` (simulators).
        state: Folder with everything that the platform writes but the data folders.
        values: The variables of ``.env.example`` with their values.
    """

    name: str
    state: Path
    values: dict[str, str]

    @classmethod
    def local(cls) -> Self:
        """Return the platform with real sources, configured by ``.env``."""
        return cls._from_file("local", REPOSITORY / ".local", REPOSITORY / ".env", choices=dict(os.environ))

    @classmethod
    def docker(cls) -> Self:
        """Return the platform of `make up`: containers with real sources, configured by ``.env``."""
        return cls._from_file("up", REPOSITORY / ".docker", REPOSITORY / ".env", choices=dict(os.environ))

    @classmethod
    def demo(cls, state: Path) -> Self:
        """Return the platform with simulated sources: secrets, databases and folders of its own under ``state``.

        Its ports and its simulators' profile are those that it runs with; when it does not run, they follow the
        environment, then ``.env`` where there is one.
        """
        state = state.resolve()
        choices = {**dotenv_values(REPOSITORY / ".env"), **os.environ}
        return cls._from_file("demo", state, state / "env", choices=choices)

    @classmethod
    def _from_file(cls, name: str, state: Path, file: Path, *, choices: Mapping[str, str | None]) -> Self:
        _require_checkout()
        stated = {**dotenv_values(EXAMPLE), **dotenv_values(file)}
        if file.is_file() and AUTH not in dotenv_values(file):
            stated[AUTH] = ""  # of an older version, in which the API asks for a key if there is one
        stated |= {key: value for key in CHOICES if (value := choices.get(key))}
        record = RunningRecord.read(state)
        return cls(
            name, state, {key: value or "" for key, value in stated.items()} | dict(record.choices if record else {})
        )

    @property
    def settings_file(self) -> Path:
        """Return the file with the settings and secrets."""
        return self.state / "env" if self.simulated else REPOSITORY / ".env"

    @property
    def choices(self) -> dict[str, str]:
        """Return the ports, the simulators' profile and the series, as variables."""
        return {name: self.values[name] for name in CHOICES}

    @property
    def authenticates(self) -> bool:
        """Return whether MLflow asks for a log-in and the API for its key.

        Raises:
            ConfigurationError: The switch is neither on nor off.
        """
        if self.values[AUTH] not in ("on", "off", ""):
            raise ConfigurationError(f"{AUTH} in {self.settings_file} is neither on nor off: {self.values[AUTH]!r}.")
        return self.values[AUTH] == "on"

    @property
    def simulated(self) -> bool:
        """Return whether the sources are the simulators."""
        return self.name == "demo"

    @property
    def ports(self) -> Ports:
        """Return the ports.

        Raises:
            ConfigurationError: A port is missing or no number; names it.
        """
        try:
            return Ports.model_validate(self.values)
        except ValidationError as error:
            raise ConfigurationError(f"A port in .env cannot be used: {named_faults(error)}.") from error

    @property
    def data(self) -> Path:
        """Return the folder of the landing zone and its siblings; the demo has its own."""
        return self.state / "data" if self.simulated else REPOSITORY / (self.values["MERCADO_DATA_DIR"] or "data")

    @property
    def backups(self) -> Path:
        """Return the folder of the backups."""
        stated = self.values["MERCADO_BACKUP_DIR"]
        return REPOSITORY / stated if stated else self.data / "backups"

    @property
    def backups_kept(self) -> int:
        """Return how many backups are kept, 1 or more; raises as `workers`."""
        return self._count("MERCADO_BACKUP_KEEP", least=1)

    @property
    def workers(self) -> int:
        """Return how many workers run Airflow's tasks when it runs in containers; 0: the scheduler does.

        Raises:
            ConfigurationError: That is no whole number.
        """
        return self._count(WORKERS, least=0, most=MOST_WORKERS)

    @property
    def replicas(self) -> int:
        """Return how many APIs there are when it runs in containers, 1 or more; raises as `workers`."""
        return self._count(REPLICAS, least=1, most=MOST_REPLICAS)

    @property
    def may_have_workers(self) -> bool:
        """Return whether the settings have what workers need, so that there may have been some."""
        return bool(self.values[BROKER_PASSWORD])

    def _count(self, name: str, *, least: int, most: int | None = None) -> int:
        stated = self.values[name]
        if not stated.isdecimal() or int(stated) < least or (most is not None and int(stated) > most):
            bounds = f"{least} or more" if most is None else f"{least} to {most}"
            raise ConfigurationError(f"{name} in {self.settings_file} must be a whole number, {bounds}.")
        return int(stated)

    @property
    def artifacts(self) -> Path:
        """Return the folder of MLflow's artifacts, when the platform is local processes."""
        return self.state / "mlflow" / "artifacts"

    @property
    def database_names(self) -> dict[str, str]:
        """Return the name of each database by its role, in the order in which a backup looks at them."""
        return {
            role: self.values[f"POSTGRES_DB_{role.upper()}"] for role in ("airflow", "warehouse", "mlflow", "optuna")
        }

    @property
    def logs(self) -> Path:
        """Return the folder of the services' logs."""
        return self.state / "logs"

    @property
    def runtime(self) -> Path:
        """Return a private folder with a short path, as the socket of supervisor needs one; TMPDIR plays no part."""
        digest = hashlib.sha256(str(self.state).encode()).hexdigest()[:12]
        return Path("/tmp") / f"mercado-{os.getuid()}-{digest}"  # noqa: S108  supervision checks its owner

    @property
    def postgres(self) -> EmbeddedPostgres:
        """Return the embedded server of this platform."""
        superuser, password = self.values["POSTGRES_USER"], self.values["POSTGRES_PASSWORD"]
        return EmbeddedPostgres(self.state, self.ports.postgres, superuser, password)

    def database_url(self, role: str, database: str | None = None) -> SecretStr:
        """Return the URL with which ``role`` (airflow, mlflow, optuna, warehouse) reaches its database."""
        return postgres_url(
            user=role,
            password=SecretStr(self.values[f"{role.upper()}_DB_PASSWORD"]),
            port=self.ports.postgres,
            database=self.values[f"POSTGRES_DB_{(database or role).upper()}"],
        )

    @property
    def api_reader_url(self) -> SecretStr:
        """Return the URL with which the API reads the warehouse."""
        return postgres_url(
            user="api_reader",
            password=SecretStr(self.values["API_READER_PASSWORD"]),
            port=self.ports.postgres,
            database=self.values["POSTGRES_DB_WAREHOUSE"],
        )

    def require_secrets(self, *, in_addresses: bool = False) -> None:
        """Return when every secret is set and none is a known default.

        Args:
            in_addresses: Whether database passwords go into addresses unquoted, as on Compose.

        Raises:
            ConfigurationError: One is not; names it.
        """
        for name, problem in secret_problems(self.values, in_addresses=in_addresses).items():
            raise ConfigurationError(
                f"{name} in {self.settings_file} {problem}. Set a secret of your own there; before the first start "
                f"you may also remove the file, and `make {self.name}` writes a new one."
            )

    def require_free_ports(self) -> None:
        """Return when every port that the platform needs can be listened on; raises as `require_free`."""
        require_free(self.ports.needed(simulated=self.simulated), command=f"make {self.name}")


def _require_checkout() -> None:
    if not EXAMPLE.exists():
        raise ConfigurationError(f"{REPOSITORY} is no checkout of Mercado: run the local platform from one, by `make`.")
