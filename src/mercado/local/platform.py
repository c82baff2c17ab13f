"""What a local platform consists of: its folders, its ports, its secrets; read once, checked before anything starts."""

import hashlib
import os
import socket
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from dotenv import dotenv_values
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from mercado.environment import REQUIRED_SECRETS, write_env_file
from mercado.errors import ConfigurationError, PortTakenError
from mercado.local.postgres import EmbeddedPostgres
from mercado.settings import postgres_url

# The local runtime belongs to a checkout, into whose .venv `make setup` installs this package as editable.
REPOSITORY = Path(__file__).resolve().parents[3]
KNOWN_DEFAULTS = frozenset({"admin", "airflow", "changeme", "change_me", "mlflow", "password", "postgres", "secret"})
# What the environment may choose for once; everything else is said in the file.
CHOICES = ("AIRFLOW_PORT", "MLFLOW_PORT", "API_PORT", "POSTGRES_PORT", "SIMULATORS_PORT", "SIMULATORS_PROFILE")


class Ports(BaseModel):
    """TCP ports on 127.0.0.1."""

    model_config = ConfigDict(frozen=True)

    airflow: int = Field(alias="AIRFLOW_PORT", gt=0, lt=65536)
    mlflow: int = Field(alias="MLFLOW_PORT", gt=0, lt=65536)
    api: int = Field(alias="API_PORT", gt=0, lt=65536)
    postgres: int = Field(alias="POSTGRES_PORT", gt=0, lt=65536)
    simulators: int = Field(alias="SIMULATORS_PORT", gt=0, lt=65536)


@dataclass(frozen=True)
class Platform:
    """One local platform.

    Attributes:
        name: ``local`` (real sources) or ``demo`` (simulators).
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
    def demo(cls, state: Path | None = None) -> Self:
        """Return the platform with simulated sources: secrets, databases and folders of its own under ``state``.

        Its ports and its simulators' profile follow the environment, then ``.env`` where there is one.

        Args:
            state: Folder of its own; default ``.demo`` in the checkout.
        """
        state = (state or REPOSITORY / ".demo").resolve()
        choices = {**dotenv_values(REPOSITORY / ".env"), **os.environ}
        return cls._from_file("demo", state, state / "env", choices=choices)

    @staticmethod
    def demo_exists() -> bool:
        """Return whether a demo was ever made in the checkout's ``.demo``."""
        return (REPOSITORY / ".demo" / "env").exists()

    @classmethod
    def _from_file(cls, name: str, state: Path, file: Path, *, choices: Mapping[str, str | None]) -> Self:
        _require_checkout()
        if not file.exists():
            raise ConfigurationError(f"{file} is missing: `make {'env' if name == 'local' else 'demo'}` writes it.")
        values = {key: value or "" for key, value in dotenv_values(file).items()}
        values |= {key: value for key in CHOICES if (value := choices.get(key))}
        _refuse_weak_secrets(values, file)
        return cls(name, state, values)

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
        except ValueError as error:
            raise ConfigurationError(f"A port in .env cannot be used: {error}") from error

    @property
    def data(self) -> Path:
        """Return the folder of the landing zone and its siblings; the demo has its own."""
        return self.state / "data" if self.simulated else REPOSITORY / (self.values["MERCADO_DATA_DIR"] or "data")

    @property
    def logs(self) -> Path:
        """Return the folder of the services' logs."""
        return self.state / "logs"

    @property
    def runtime(self) -> Path:
        """Return a private folder with a short path, as the socket of supervisor needs one."""
        digest = hashlib.sha256(str(self.state).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"mercado-{os.getuid()}-{digest}"

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

    def require_free_ports(self) -> None:
        """Return when every port that the platform needs is free.

        Raises:
            PortTakenError: One is in use; names it and the variable that moves it.
        """
        for variable, port in self.ports.model_dump(by_alias=True).items():
            if variable == "SIMULATORS_PORT" and not self.simulated:
                continue
            if port_answers(port):
                raise PortTakenError(
                    f"Port {port} is in use by another program. Stop it, or choose another port: {variable} in .env, "
                    f"or for once `{variable}={port + 1000} make {self.name}`."
                )


def write_local_settings() -> bool:
    """Write ``.env`` with fresh secrets unless it is there; return whether it was written."""
    return write_env_file(REPOSITORY / ".env.example", REPOSITORY / ".env")


def write_demo_settings(state: Path | None) -> None:
    """Make the demo's folder and write its settings with fresh secrets, unless they are there."""
    state = state or REPOSITORY / ".demo"
    state.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_env_file(REPOSITORY / ".env.example", state / "env")


def port_answers(port: int) -> bool:
    """Return whether a program listens on a port of 127.0.0.1."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def _require_checkout() -> None:
    if not (REPOSITORY / ".env.example").exists():
        raise ConfigurationError(f"{REPOSITORY} is no checkout of Mercado: run the local platform from one, by `make`.")


def _refuse_weak_secrets(values: dict[str, str], file: Path) -> None:
    for name in REQUIRED_SECRETS:
        value = values.get(name, "")
        if not value or value.lower() in KNOWN_DEFAULTS:
            problem = "is a known default" if value else "is missing"
            raise ConfigurationError(
                f"{name} in {file} {problem}. Remove the file and run `make env`, or set a secret."
            )
