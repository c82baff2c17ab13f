"""The simulator's command line, as an operator starts it."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

REPOSITORY = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "tests.simulators"]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for_seed(url: str) -> str:
    deadline = time.monotonic() + 30
    while True:
        try:
            return httpx.get(f"{url}/api/v3/ping", trust_env=False).headers["X-Mercado-Simulator"]
        except httpx.ConnectError:
            assert time.monotonic() < deadline, "the simulator did not start"
            time.sleep(0.05)


def test_the_command_serves_until_it_is_terminated() -> None:
    port = free_port()
    options = ["--port", str(port), "--profile", "no-signal", "--seed", "3", "--interval", "1d"]
    with subprocess.Popen([*COMMAND, *options], cwd=REPOSITORY, stdout=subprocess.DEVNULL) as process:
        try:
            assert wait_for_seed(f"http://127.0.0.1:{port}") == "binance; profile=no-signal; seed=3"
        finally:
            process.terminate()
        process.wait(timeout=10)


def test_an_instant_without_a_zone_is_refused_with_a_reason() -> None:
    wide = {**os.environ, "COLUMNS": "200"}
    answer = subprocess.run([*COMMAND, "--now", "2024-01-01"], cwd=REPOSITORY, capture_output=True, text=True, env=wide)
    assert answer.returncode == 2
    assert "expected an instant with a zone" in " ".join(answer.stderr.split())
