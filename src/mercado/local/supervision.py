"""Supervisor: the configuration written from the programs, and the conversation with the running daemon."""

import configparser
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from xmlrpc.client import Fault, ServerProxy

from supervisor.xmlrpc import SupervisorTransport

from mercado.errors import ServiceUnavailableError
from mercado.local.platform import REPOSITORY, Platform
from mercado.local.programs import Program

STOP_TIMEOUT_SECONDS = 90
LOG_BYTES = "10MB"
ALREADY_STARTED = 60
SETTINGS_PREFIXES = ("AIRFLOW", "BINANCE_", "MERCADO_", "MLFLOW_", "OPTUNA_", "PG", "POSTGRES_", "SIPSA_")


class Supervisor:
    """The daemon that runs the programs of one platform, reached over a socket that only its owner can open."""

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._socket = platform.runtime / "supervisor.sock"
        self._configuration = platform.state / "supervisord.conf"

    @property
    def running(self) -> bool:
        """Return whether the daemon answers."""
        try:
            self._rpc().supervisor.getState()
        except OSError:
            return False
        return True

    def start(self, programs: list[Program]) -> None:
        """Start the daemon with ``programs`` known and none of them started."""
        runtime = self._platform.runtime
        runtime.mkdir(mode=0o700, exist_ok=True)
        status = runtime.lstat()
        if runtime.is_symlink() or status.st_uid != os.getuid():
            raise ServiceUnavailableError(f"{runtime} belongs to somebody else: remove it and start again.")
        self._write(programs)
        command = [sys.executable, "-m", "supervisor.supervisord", "-c", str(self._configuration)]
        subprocess.run(command, check=True, cwd=REPOSITORY, env=inherited_environment())
        _wait(lambda: self.running, "supervisor does not answer", seconds=10)

    def start_program(self, name: str) -> None:
        """Start one program unless it runs."""
        try:
            self._rpc().supervisor.startProcess(name, False)
        except Fault as fault:
            if fault.faultCode != ALREADY_STARTED:
                raise ServiceUnavailableError(f"{name} does not start: {fault.faultString}") from fault

    def states(self) -> dict[str, str]:
        """Return each program's state: RUNNING, STARTING, STOPPED, BACKOFF or FATAL."""
        return {info["name"]: info["statename"] for info in self._rpc().supervisor.getAllProcessInfo()}

    def log(self, name: str) -> Path:
        """Return the log of a program."""
        return self._platform.logs / f"{name}.log"

    def stop(self) -> None:
        """Stop every program, the database last, then the daemon; return when all have ended."""
        pid = int(self._rpc().supervisor.getPID())
        self._rpc().supervisor.shutdown()
        _wait(lambda: not Path(f"/proc/{pid}").exists(), "supervisor does not stop", seconds=STOP_TIMEOUT_SECONDS)

    def _rpc(self) -> Any:
        return ServerProxy("http://127.0.0.1", transport=SupervisorTransport(serverurl=f"unix://{self._socket}"))

    def _write(self, programs: list[Program]) -> None:
        self._platform.logs.mkdir(parents=True, exist_ok=True)
        config = configparser.RawConfigParser()
        config.optionxform = str  # type: ignore[assignment,method-assign]
        config["unix_http_server"] = {"file": str(self._socket), "chmod": "0600"}
        config["rpcinterface:supervisor"] = {
            "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
        }
        config["supervisord"] = {
            "logfile": _escaped(self._platform.logs / "supervisor.log"),
            "pidfile": _escaped(self._platform.runtime / "supervisor.pid"),
            "childlogdir": _escaped(self._platform.logs),
            "directory": _escaped(REPOSITORY),
            "umask": "022",
        } | ({"user": "root"} if os.getuid() == 0 else {})
        for program in programs:
            config[f"program:{program.name}"] = self._section(program)
        descriptor = os.open(self._configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            config.write(file)

    def _section(self, program: Program) -> dict[str, str]:
        environment = ",".join(f'{name}="{_escaped(value)}"' for name, value in program.environment.items())
        section = {
            "command": " ".join(_quoted(part) for part in program.command),
            "environment": environment,
            "priority": str(program.priority),
            "autostart": "false",
            "autorestart": "true",
            "startsecs": "2",
            "startretries": "5",
            "stopsignal": program.stop_signal,
            "stopwaitsecs": "30",
            "stopasgroup": "true" if program.stop_signal == "TERM" else "false",
            "killasgroup": "true",
            "redirect_stderr": "true",
            "stdout_logfile": _escaped(self.log(program.name)),
            "stdout_logfile_maxbytes": LOG_BYTES,
            "stdout_logfile_backups": "2",
        }
        return section | ({"user": program.user, "directory": "/"} if program.user else {})


def inherited_environment() -> dict[str, str]:
    """Return the caller's environment without settings, which each program gets from the platform alone.

    Compiled modules are always kept: without them every start compiles thousands of files again.
    """
    left_out = (*SETTINGS_PREFIXES, "PYTHONDONTWRITEBYTECODE")
    return {name: value for name, value in os.environ.items() if not name.startswith(left_out)}


def _escaped(value: object) -> str:
    """Return text in which supervisor's ``%(name)s`` expansion and quoting change nothing."""
    return str(value).replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')


def _quoted(part: str) -> str:
    return f'"{_escaped(part)}"' if any(sign in part for sign in " \"'\\;") else _escaped(part)


def _wait(condition: Any, problem: str, *, seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise ServiceUnavailableError(f"{problem} within {seconds:.0f} s.")
        time.sleep(0.1)
