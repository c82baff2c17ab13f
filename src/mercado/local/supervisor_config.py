"""Supervisor's configuration of a platform's programs, in the notation that its parser reads back unchanged."""

import configparser
import os
import re
import shlex
from pathlib import Path

from supervisor.datatypes import dict_of_key_value_pairs

from mercado.errors import ConfigurationError
from mercado.local.platform import REPOSITORY, Platform
from mercado.local.programs import Program

SOCKET = "supervisor.sock"
LOG_BYTES = "10MB"
LOG_BACKUPS = "2"
# What supervisor's parser would read otherwise: it knows no escape inside quotes, and strips quotes and comments.
UNWRITABLE = re.compile(r"""["\n]|^'|'$|\s[#;]""")


def configuration(platform: Platform, programs: list[Program]) -> configparser.RawConfigParser:
    """Return the configuration of a daemon that knows ``programs`` and starts none by itself.

    Raises:
        ConfigurationError: A variable's value has characters that the notation cannot hold; names it.
    """
    config = configparser.RawConfigParser()
    config.optionxform = str  # type: ignore[assignment,method-assign]
    config["unix_http_server"] = {"file": str(platform.runtime / SOCKET), "chmod": "0600"}
    config["rpcinterface:supervisor"] = {
        "supervisor.rpcinterface_factory": "supervisor.rpcinterface:make_main_rpcinterface"
    }
    config["supervisord"] = {
        "logfile": _escaped(platform.logs / "supervisor.log"),
        "pidfile": _escaped(platform.runtime / "supervisor.pid"),
        "childlogdir": _escaped(platform.logs),
        "directory": _escaped(REPOSITORY),
        "umask": "022",
    } | ({"user": "root"} if os.getuid() == 0 else {})
    for program in programs:
        config[f"program:{program.name}"] = _section(platform, program)
    return config


def stated_environment(file: Path, program: str) -> dict[str, str]:
    """Return the variables that a configuration file gives a program, as supervisor reads them."""
    config = configparser.RawConfigParser()
    config.read(file, encoding="utf-8")
    pairs: dict[str, str] = dict_of_key_value_pairs(config[f"program:{program}"]["environment"])
    return {name: value.replace("%%", "%") for name, value in pairs.items()}


def _section(platform: Platform, program: Program) -> dict[str, str]:
    section = {
        "command": " ".join(_escaped(shlex.quote(part)) for part in program.command),
        "environment": ",".join(_assignment(name, value) for name, value in program.environment.items()),
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
        "stdout_logfile": _escaped(platform.logs / f"{program.name}.log"),
        "stdout_logfile_maxbytes": LOG_BYTES,
        "stdout_logfile_backups": LOG_BACKUPS,
    }
    return section | ({"user": program.user, "directory": "/"} if program.user else {})


def _assignment(name: str, value: str) -> str:
    """Return a variable as supervisor's configuration writes it.

    Raises:
        ConfigurationError: The value has characters that this notation cannot hold.
    """
    if UNWRITABLE.search(value):
        raise ConfigurationError(
            f"{name} cannot be handed to a process: it has a double quote, a line break, a quote at an end, or a # or "
            f"; behind a space. Choose a value without."
        )
    return f'{name}="{_escaped(value)}"'


def _escaped(value: object) -> str:
    """Return text in which supervisor's ``%(name)s`` expansion changes nothing."""
    return str(value).replace("%", "%%")
