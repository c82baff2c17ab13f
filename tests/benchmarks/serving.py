"""Our API against ``mlflow models serve`` and MLServer: one machine, one model version, one core for each server."""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from mercado.settings import postgres_url
from tests.benchmarks.hours import hours_name
from tests.benchmarks.servers import training_platform
from tests.benchmarks.serving_contenders import WHAT_WAS_TRIED, command_of, mlflow_server, mlserver, our_api
from tests.benchmarks.serving_figures import (
    CONCURRENCIES,
    GET,
    POST,
    Measured,
    Round,
    latencies,
    ratios,
    recorded_rounds,
    targets,
)
from tests.benchmarks.serving_load import closed_loop
from tests.benchmarks.serving_model import PARAMS, Served, register_champion
from tests.benchmarks.serving_questions import Questions, given, latest
from tests.benchmarks.serving_servers import Contender, Running, pinned, running
from tests.benchmarks.training_sharing import store_candles
from tests.conftest import PASSWORD

PACKAGES = ("numpy", "TA-Lib", "xgboost-cpu", "fastapi", "uvicorn", "pydantic", "mlflow")
ROUNDS, ROUND_SECONDS, WARM_UP_SECONDS = 3, 2.5, 1.0
STARTS = 3
SERVER_CORE, LOAD_CORE = 0, 1


def run() -> dict[str, Any]:
    """Measure and return the figures."""
    if not {SERVER_CORE, LOAD_CORE} <= os.sched_getaffinity(0):
        sys.exit(f"expected cores {SERVER_CORE} and {LOAD_CORE}, this process may use {os.sched_getaffinity(0)}")
    load_average = os.getloadavg()[0]
    # PostgreSQL and MLflow share the load generator's core.
    with pinned(LOAD_CORE), _prepared() as (served, contenders):
        starts = {each.name: _start_seconds(each) for each in contenders}
        with ExitStack() as stack:
            ours, *rivals = contenders
            servers = {ours.name: stack.enter_context(running(ours, core=SERVER_CORE))}
            _say("the endpoints of our API")
            server = servers[ours.name]
            endpoints = _measured({GET: (server, latest(served)), POST: (server, given(served))})
            for rival in rivals:
                servers[rival.name] = stack.enter_context(running(rival, core=SERVER_CORE))
            _say("rows of features")
            scoring = _measured({each.name: (servers[each.name], each.rows) for each in contenders})
            described = {each.name: _described(each, servers[each.name], starts[each.name]) for each in contenders}
    recorded = recorded_rounds(endpoints)
    return {
        "what": f"A forecaster of {hours_name()} ({PARAMS.rounds} trees of depth {PARAMS.max_depth} for the direction) "
        f"behind three servers, each on one core, the load generator, PostgreSQL and MLflow on the other",
        "ours": latencies(recorded),
        "ratio": ratios(scoring),
        "target": targets(),
        "endpoints": recorded,
        "scoring": recorded_rounds(scoring),
        "servers": described,
        "tried": WHAT_WAS_TRIED,
        "load": {
            "rounds": ROUNDS,
            "seconds": ROUND_SECONDS,
            "starts": STARTS,
            "machine_load_before": round(load_average, 2),
        },
    }


@contextmanager
def _prepared() -> Iterator[tuple[Served, list[Contender]]]:
    """Yield the registered champion and the contenders, ours first, on a platform with stored candles."""
    with training_platform() as environment, tempfile.TemporaryDirectory() as name:
        folder, uri = Path(name), environment["MLFLOW_TRACKING_URI"]
        _say("storing candles, registering the model")
        store_candles(environment, "1h")
        served = register_champion(uri)
        _say("installing the rivals")
        ours = our_api(served, folder, api_settings(environment))
        yield served, [ours, mlflow_server(served, folder, uri), mlserver(served, folder, uri)]


def api_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the settings of our API on a platform."""
    port = int(conninfo_to_dict(environment["MERCADO_WAREHOUSE_URL"])["port"])
    reader = postgres_url(user="api_reader", password=SecretStr(PASSWORD), port=port, database="warehouse_db")
    return {
        "MERCADO_API_WAREHOUSE_URL": reader.get_secret_value(),
        "MLFLOW_TRACKING_URI": environment["MLFLOW_TRACKING_URI"],
    }


def _start_seconds(contender: Contender) -> list[float]:
    """Return what some starts took; one more is that of the measured server."""
    seconds = []
    for _ in range(STARTS - 1):
        with running(contender, core=SERVER_CORE) as server:
            seconds.append(server.start_seconds)
    _say(f"{contender.name} started in {seconds} s")
    return seconds


def _measured(asked: dict[str, tuple[Running, Questions]]) -> Measured:
    """Return the rounds of each, interleaved, so that all meet the same machine; every answer is checked."""
    measured: Measured = {name: {concurrency: [] for concurrency in CONCURRENCIES} for name in asked}
    for server, questions in asked.values():
        closed_loop([server.port], questions.requests, concurrency=CONCURRENCIES[1], seconds=WARM_UP_SECONDS)
    for concurrency in CONCURRENCIES:
        for _ in range(ROUNDS):
            for name, (server, questions) in asked.items():
                found = _round(server, questions, concurrency)
                measured[name][concurrency].append(found)
                _say(f"{name} at {concurrency}: {found}")
    return measured


def _round(server: Running, questions: Questions, concurrency: int) -> Round:
    before = server.processor_seconds()
    load = closed_loop([server.port], questions.requests, concurrency=concurrency, seconds=ROUND_SECONDS)
    taken = server.processor_seconds() - before
    questions.check(load.answers)
    return Round.of(load, server_seconds=taken)


def _described(contender: Contender, server: Running, starts: list[float]) -> dict[str, Any]:
    return {
        "command": command_of(contender),
        "versions": dict(contender.versions),
        "start_seconds": round(min(*starts, server.start_seconds), 2),
        **server.memory_mb(),
    }


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
