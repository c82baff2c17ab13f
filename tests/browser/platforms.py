"""The platform under test: first without any data, then after a demo; and its API once more, asking for a key."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final

import requests

from mercado.local.platform import Platform
from mercado.local.programs import Program, programs
from mercado.local.settings_files import write_demo_settings
from mercado.local.waiting import wait_until
from tests.demo import Demo, fresh_environment
from tests.ports import free_port

KEY: Final = "a-key-of-the-browser-tests"
START_SECONDS: Final = 60
STOP_SECONDS: Final = 30


@contextmanager
def empty_platform(state: Path) -> Iterator[Demo]:
    """Start a demo's services with migrated schemas and run no DAG; stop and delete them afterwards."""
    write_demo_settings(state)
    demo = Demo(state, fresh_environment())
    try:
        started = demo.run("start")
        assert started.returncode == 0, f"{started.stdout}\n{started.stderr}"
        yield demo
    finally:
        destroyed = demo.run("destroy", "--yes")
    assert destroyed.returncode == 0, destroyed.stderr


@contextmanager
def guarded_api(platform: Platform, log: Path) -> Iterator[str]:
    """Run the platform's API a second time, with ``MERCADO_AUTH=on`` and ``KEY``, and yield its address.

    Args:
        platform: That runs.
        log: Where the process writes to.
    """
    port = free_port()
    program = _api_with_key(platform, port)
    environment = {**os.environ, **program.environment}
    with log.open("wb") as output:
        process = subprocess.Popen(program.command, env=environment, stdout=output, stderr=output)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _lives(address), seconds=START_SECONDS, problem=log.read_text)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(STOP_SECONDS)


def _api_with_key(platform: Platform, port: int) -> Program:
    asking = {"MERCADO_AUTH": "on", "MERCADO_API_KEY": KEY, "API_PORT": str(port)}
    known = {program.name: program for program in programs(replace(platform, values=platform.values | asking))}
    return known["api"]


def _lives(address: str) -> bool:
    try:
        return requests.get(f"{address}/health/live", timeout=1).ok
    except requests.ConnectionError:
        return False
