"""The TCP ports of a local platform, all on 127.0.0.1, and whether they can be had."""

import errno
import socket
from collections import Counter

from pydantic import BaseModel, ConfigDict, Field

from mercado.errors import ConfigurationError, PortTakenError

LOOPBACK = "127.0.0.1"
HIGHEST_PORT = 65535


class Ports(BaseModel):
    """One port per service, by the variable that chooses it."""

    model_config = ConfigDict(frozen=True)

    airflow: int = Field(alias="AIRFLOW_PORT", gt=0, le=HIGHEST_PORT)
    mlflow: int = Field(alias="MLFLOW_PORT", gt=0, le=HIGHEST_PORT)
    api: int = Field(alias="API_PORT", gt=0, le=HIGHEST_PORT)
    postgres: int = Field(alias="POSTGRES_PORT", gt=0, le=HIGHEST_PORT)
    simulators: int = Field(alias="SIMULATORS_PORT", gt=0, le=HIGHEST_PORT)

    def needed(self, *, simulated: bool) -> dict[str, int]:
        """Return the ports of the services that run, by variable; simulators run only where sources are simulated."""
        ports: dict[str, int] = self.model_dump(by_alias=True)
        return ports if simulated else {name: port for name, port in ports.items() if name != "SIMULATORS_PORT"}


def require_free(ports: dict[str, int], *, command: str) -> None:
    """Return when every port can be listened on.

    Args:
        ports: By variable.
        command: What the person ran, to be repeated with another port.

    Raises:
        PortTakenError: One is in use; names it and the variable that moves it.
        ConfigurationError: Two services have the same port, or this user may not use one.
    """
    for port, uses in Counter(ports.values()).items():
        if uses > 1:
            names = " and ".join(name for name, value in ports.items() if value == port)
            raise ConfigurationError(f"{names} are both {port}: choose another port for one of them in .env.")
    for variable, port in ports.items():
        _require_free(variable, port, command)


def port_answers(port: int) -> bool:
    """Return whether a program listens on a port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def _require_free(variable: str, port: int, command: str) -> None:
    other = port + 1000 if port + 1000 <= HIGHEST_PORT else port - 1000
    remedy = f"choose another port: {variable} in .env, or for once `{variable}={other} {command}`."
    try:
        _bind(port)
    except PermissionError as error:
        raise ConfigurationError(f"Port {port} is for administrators only: {remedy}") from error
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTakenError(f"Port {port} is in use by another program. Stop it, or {remedy}") from error


def _bind(port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((LOOPBACK, port))
