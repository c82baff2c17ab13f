"""The command line as tests run it: a process of its own."""

import subprocess
import sys
from pathlib import Path

MERCADO = str(Path(sys.executable).parent / "mercado")


def run_mercado(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run the command line to its end and return what it printed."""
    return run_command(environment, MERCADO, *arguments)


def run_command(environment: dict[str, str], *command: str) -> "subprocess.CompletedProcess[str]":
    """Run any command to its end and return what it printed."""
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
