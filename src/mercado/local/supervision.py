"""The conversation with the running supervisor daemon."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from mercado.errors import ServiceUnavailableError
from mercado.local.platform import REPOSITORY, Platform
from mercado.local.programs import Program
from mercado.local.supervisor_config import SOCKET, configuration, stated_environment
from mercado.local.waiting import wait_until

START_TIMEOUT_SECONDS = 10
STOP_TIMEOUT_SECONDS = 90
ALREADY_STARTED = 60
SETTINGS_PREFIXES = ("AIRFLOW", "BINANCE_", "MERCADO_", "MLFLOW_", "OPTUNA_", "PG", "POSTGRES_", "SIPSA_")


class Supervisor:
    """The daemon that runs the programs of one platform, reached over a socket that only its owner can open."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._socket = platform.runtime / SOCKET
        self._configuration = platform.state / "supervisord.conf"

    @property
    def running(self) -> bool:
        """Return whether the daemon answers.

        Raises:
            ServiceUnavailableError: Somebody else has made the folder of its socket.
        """
        self._require_own_folder()
        try:
            self._ask("getState")
        except OSError:
            return False
        return True

    def start(self, programs: list[Program]) -> None:
        """Start the daemon with ``programs`` known and none of them started."""
        self._platform.runtime.mkdir(mode=0o700, exist_ok=True)
        self._require_own_folder()
        self._write(programs)
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._configuration)]
        subprocess.run(command, check=True, cwd=REPOSITORY, env=inherited_environment())
        wait_until(
            lambda: self.running,
            seconds=START_TIMEOUT_SECONDS,
            problem=lambda: f"supervisor does not answer; see {self.log('supervisor')}.",
        )

    def start_program(self, name: str) -> None:
        """Start one program unless it runs."""
        try:
            self._ask("startProcess", name, False)
        except Fault as fault:
            if fault.faultCode != ALREADY_STARTED:
                raise ServiceUnavailableError(f"{name} does not start: {fault.faultString}") from fault

    def states(self) -> dict[str, str]:
        """Return each program's state: RUNNING, STARTING, STOPPED, BACKOFF or FATAL."""
        return {info["name"]: info["statename"] for info in self._ask("getAllProcessInfo")}

    def pids(self) -> dict[str, int]:
        """Return the process id of each program that runs; all are children of `pid`."""
        return {info["name"]: int(info["pid"]) for info in self._ask("getAllProcessInfo") if info["pid"]}

    @property
    def pid(self) -> int:
        """Return the daemon's process id."""
        return int(self._ask("getPID"))

    def log(self, name: str) -> Path:
        """Return the log of a program."""
        return self._platform.logs / f"{name}.log"

    def started_with(self, name: str) -> dict[str, str]:
        """Return the variables that the daemon gives a program, as its configuration states them."""
        return stated_environment(self._configuration, name)

    def stop(self) -> None:
        """Stop every program, the database last, then the daemon; return when all have ended."""
        pid = self.pid
        self._ask("shutdown")
        wait_until(
            lambda: not Path(f"/proc/{pid}").exists(),
            seconds=STOP_TIMEOUT_SECONDS,
            problem=lambda: f"supervisor (process {pid}) does not stop; see {self.log('supervisor')}.",
        )

    def _require_own_folder(self) -> None:
        runtime = self._platform.runtime
        if runtime.is_symlink() or (runtime.exists() and runtime.stat().st_uid != os.getuid()):
            raise ServiceUnavailableError(f"{runtime} belongs to somebody else: remove it and start again.")

    def _ask(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(serverurl=f"unix://{self._socket}")
        with ServerProxy("http://127.0.0.1", transport=transport) as server:
            return getattr(server.supervisor, method)(*arguments)

    def _write(self, programs: list[Program]) -> None:
        self._platform.logs.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            configuration(self._platform, programs).write(file)


def inherited_environment() -> dict[str, str]:
    """Return the caller's environment without settings, which each program gets from the platform alone.

    Compiled modules are always kept: without them every start compiles thousands of files again.
    """
    left_out = (*SETTINGS_PREFIXES, "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}
