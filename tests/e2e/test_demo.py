"""The demo as local processes, from nothing to a served prediction, and what a person finds afterwards."""

import os
import socket
from pathlib import Path

import pytest

from mercado.registry import Registry
from tests.demo import Demo, fresh_environment
from tests.demo_promises import DemoPromises
from tests.secret_traces import files_with_secrets, secret_values

pytestmark = pytest.mark.timeout(600)


def test_no_secret_stands_on_a_command_line_in_a_log_or_in_an_artifact(demo: Demo) -> None:
    secrets = secret_values(demo.platform).values()
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = process.read_bytes()
        except OSError:
            continue
        assert [secret for secret in secrets if secret in line] == []
    for log in demo.state.rglob("*.log"):
        text = log.read_bytes()
        assert [secret for secret in secrets if secret in text] == [], log
    assert files_with_secrets(demo.platform.artifacts, demo.platform) == {}


def test_status_tells_state_and_memory_of_each_process(demo: Demo) -> None:
    lines = demo.run("status").stdout.splitlines()
    assert {line.split()[0] for line in lines[:-1]} >= {"postgres", "mlflow", "api", "airflow-scheduler", "simulators"}
    assert [line for line in lines[:-1] if "RUNNING" not in line] == []
    assert 500 < float(lines[-1].split()[-2].replace(",", "")) < 4000  # MB


def test_started_twice_with_other_ports_it_keeps_those_that_it_runs_with(demo: Demo) -> None:
    other = Demo(demo.state, fresh_environment())
    again = other.run("up")
    assert again.returncode == 0, f"{again.stdout}\n{again.stderr}"
    assert f"localhost:{demo.platform.ports.api}/docs" in again.stdout


def test_a_taken_port_is_one_clear_line_and_nothing_is_started(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        finished = Demo(tmp_path / "other", fresh_environment() | {"API_PORT": port}).run("up")
    assert finished.returncode == 1
    assert finished.stderr.count("\n") == 1
    assert f"Port {port} is in use by another program" in finished.stderr
    assert "API_PORT in .env" in finished.stderr
    assert not (tmp_path / "other" / "supervisord.conf").exists()


def test_new_candles_of_each_series_started_a_training_of_a_model_of_its_own(demo: Demo) -> None:
    runs = demo.airflow.ask("GET", "/api/v2/dags/bitcoin_training_pipeline/dagRuns?limit=100")["dag_runs"]
    started = {run["partition_key"]: run["state"] for run in runs if run["run_type"] == "asset_triggered"}
    assert started == {"BTCUSDT-1h": "success", "ETHUSDT-4h": "success"}
    for name in ("bitcoin-forecaster", "bitcoin-forecaster-ETHUSDT-4h"):
        assert Registry(demo.mlflow, name).versions()[-1].tags["verdict"] in ("promoted", "rejected")
    exported = {file.name for file in (demo.platform.data / "bitcoin").iterdir()}
    assert exported == {"BTCUSDT-1h.csv", "ETHUSDT-4h.csv"}


class TestDemo(DemoPromises):
    """The promises of every demo; the last of them stops this one and starts it again."""


def test_stopped_it_leaves_no_process(demo: Demo) -> None:
    assert demo.run("down").returncode == 0
    assert _processes_of(demo) == []


def test_the_tour_of_a_demo_that_does_not_run_says_how_to_start_it(demo: Demo) -> None:
    refused = demo.run("tour")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr.count("\n") == 1
    assert "does not run: `make demo` starts it" in refused.stderr


def _processes_of(demo: Demo) -> list[str]:
    """Return the command lines of processes that were started for the demo."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            line = (process / "cmdline").read_text().replace("\0", " ")
            belongs = str(demo.state).encode() in (process / "environ").read_bytes()
        except OSError:
            continue
        if belongs and process.name != str(os.getpid()):
            found.append(line)
    return found
