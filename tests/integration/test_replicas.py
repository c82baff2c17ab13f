"""Two processes of the API beside each other: they answer alike, store each forecast once, follow the same champion."""

import json
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any, Final

import pytest
from pydantic import SecretStr

from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.store import read_candles
from mercado.registry import Registry
from mercado.series import CandleInterval
from mercado.warehouse.connection import connect
from tests.api.builders import train_forecaster
from tests.conftest import DatabaseServer
from tests.integration.api_process import Answer, ApiProcess, Client, running_api_process
from tests.integration.served_models import SYMBOL, body_of, past_candles, register, warehouse_with_window
from tests.integration.trainings import NEXT_CANDLE, empty_registry, wait_until
from tests.mlflow_server import MlflowServer
from tests.ports import free_port

MODEL: Final = "replicated-forecaster"
POLL_SECONDS: Final = 1.0
# To fetch and prove a small model, on a machine that has other things to do.
LOAD_SECONDS: Final = 5.0
MOVES: Final = 4
LIMITED: Final = {"MERCADO_API_TRUSTED_PROXIES": "127.0.0.1", "MERCADO_API_REQUESTS_PER_MINUTE": "2"}


@dataclass(frozen=True)
class Replicas:
    """Two processes on one warehouse and one registry.

    Attributes:
        processes: Both.
        registry: Whose champion they follow.
        forecasters: The registered versions.
        owner: The warehouse's URL of its owner.
    """

    processes: tuple[ApiProcess, ApiProcess]
    registry: Registry
    forecasters: Mapping[int, Forecaster]
    owner: SecretStr

    def newest(self) -> tuple[Answer, Answer]:
        one, other = (process.ask("GET", "/predict") for process in self.processes)
        return one, other

    def stored_ids(self, kind: str) -> list[str]:
        """Return the stored predictions of a kind, once neither process has any left to store."""
        for process in self.processes:
            wait_until(lambda process=process: process.metrics()["mercado_api_prediction_log_waiting"] == 0)
        statement = "select prediction_id::text from market_data.predictions where kind = %s"
        with connect(self.owner, application="tests") as connection:
            return [row[0] for row in connection.execute(statement, [kind])]


@pytest.fixture(scope="module")
def owner(database_server: DatabaseServer) -> SecretStr:
    """Return the owner's URL of a warehouse that holds 1000 candles."""
    return warehouse_with_window(database_server, "replicas_db")


@pytest.fixture(scope="module")
def forecasters(
    mlflow_server: MlflowServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[int, Forecaster]]:
    """Register two versions, the first of them champion."""
    empty_registry(mlflow_server.uri, MODEL)
    made = {}
    for seed in (61, 62):
        forecaster = train_forecaster(seed=seed)
        version = register(mlflow_server.uri, MODEL, forecaster, tmp_path_factory.mktemp(f"seed-{seed}"))
        made[version.version] = forecaster
    Registry(mlflow_server.uri, MODEL).promote(1)
    yield made
    empty_registry(mlflow_server.uri, MODEL)


@pytest.fixture(scope="module")
def replicas(
    owner: SecretStr,
    forecasters: dict[int, Forecaster],
    database_server: DatabaseServer,
    mlflow_server: MlflowServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Replicas]:
    served = {"model": MODEL, "mlflow_uri": mlflow_server.uri}
    polled, reader = {"MERCADO_API_POLL_SECONDS": str(POLL_SECONDS)}, database_server.url("api_reader", "replicas_db")
    folders = [tmp_path_factory.mktemp("api") for _ in range(2)]
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(running_api_process(folder, warehouse=reader, **served, **polled)) for folder in folders
        )
        for process in (one, other):
            wait_until(lambda process=process: process.ask("GET", "/predict").status == 200)
        yield Replicas((one, other), Registry(mlflow_server.uri, MODEL), forecasters, owner)


def test_both_answer_the_same_bytes_under_the_same_etag_and_the_forecast_is_stored_once(replicas: Replicas) -> None:
    one, other = replicas.newest()
    assert (one.status, one.body, one.headers["etag"]) == (other.status, other.body, other.headers["etag"])
    for process in replicas.processes:
        with Client(process.port) as client:
            assert client.ask("GET", "/predict", **{"If-None-Match": one.headers["etag"]}).status == 304
    assert replicas.stored_ids("latest").count(one.json()["prediction_id"]) == 1
    # Each of them has told the warehouse.
    stored = [process.metrics()["mercado_api_predictions_stored_total"] for process in replicas.processes]
    assert min(stored) >= 1
    passports = [process.read(f"/predictions/{one.json()['prediction_id']}") for process in replicas.processes]
    assert passports[0] == passports[1]


def test_a_new_candle_gives_both_the_same_new_forecast_which_is_stored_once(replicas: Replicas) -> None:
    before, _ = replicas.newest()
    with connect(replicas.owner, application="tests") as connection:
        connection.execute(NEXT_CANDLE)
    wait_until(lambda: all(answer.headers["etag"] != before.headers["etag"] for answer in replicas.newest()))
    one, other = replicas.newest()
    assert (one.body, one.headers["etag"]) == (other.body, other.headers["etag"])
    stored = replicas.stored_ids("latest")
    assert [stored.count(answer.json()["prediction_id"]) for answer in (before, one)] == [1, 1]


def test_the_same_candles_given_to_both_are_one_prediction(replicas: Replicas) -> None:
    body = body_of(past_candles(FEATURE_WINDOW_BARS, seed=9))
    answers = [process.ask("POST", "/predict", body) for process in replicas.processes]
    assert answers[0].body == answers[1].body
    assert replicas.stored_ids("given") == [answers[0].json()["prediction_id"]]


def numbers(answer: Any) -> list[float]:
    interval = answer["price_interval"]
    names = ("probability_up", "expected_log_return", "last_close", "forecast_price", "unusual_share")
    return [*(answer[name] for name in names), interval["lower_price"], interval["upper_price"]]


def expected(replicas: Replicas) -> dict[int, list[float]]:
    """Return the numbers of each version's forecast from the newest stored candles."""
    with connect(replicas.owner, application="tests") as connection:
        candles = read_candles(connection, SYMBOL, CandleInterval.ONE_HOUR, last=FEATURE_WINDOW_BARS)
    made = {}
    for number, forecaster in replicas.forecasters.items():
        each = forecaster.forecast(candles)
        made[number] = [
            each.probability_up,
            each.expected_log_return,
            each.last_close,
            each.forecast_price,
            each.unusual_share,
            each.lower_price,
            each.upper_price,
        ]
    return made


def ask_until(stop: Event, replicas: Replicas) -> list[Answer]:
    """Return what both answer, asked in turn as a proxy does."""
    answers = []
    with ExitStack() as stack:
        clients = [stack.enter_context(Client(process.port)) for process in replicas.processes]
        while not stop.is_set():
            answers += [client.ask("GET", "/predict") for client in clients]
    return answers


def seconds_until_both_serve(replicas: Replicas, number: int) -> float:
    replicas.registry.promote(number)
    started = time.monotonic()
    wait_until(lambda: [process.serves() for process in replicas.processes] == [number, number])
    return time.monotonic() - started


def test_while_the_alias_moves_each_answer_is_of_the_version_that_it_names_and_both_follow_within_a_poll(
    replicas: Replicas,
) -> None:
    made, stop = expected(replicas), Event()
    assert made[1] != made[2]
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(ask_until, stop, replicas)
        try:
            taken = [seconds_until_both_serve(replicas, 2 - move % 2) for move in range(MOVES)]
        finally:
            stop.set()
    assert max(taken) < POLL_SECONDS + LOAD_SECONDS, taken
    etags: dict[int, set[str]] = {1: set(), 2: set()}
    for answer in asked.result():
        assert answer.status == 200, answer.body
        told = answer.json()
        assert numbers(told) == made[told["model"]["version"]]
        etags[told["model"]["version"]].add(answer.headers["etag"])
    assert [len(each) for each in etags.values()] == [1, 1]


def test_a_replica_that_has_no_model_is_not_ready_though_the_others_are(
    replicas: Replicas, database_server: DatabaseServer, tmp_path: Path
) -> None:
    nowhere, reader = f"http://127.0.0.1:{free_port()}", database_server.url("api_reader", "replicas_db")
    with running_api_process(tmp_path, model=MODEL, mlflow_uri=nowhere, warehouse=reader, **LIMITED) as third:
        wait_until(lambda: "cannot" in third.ask("GET", "/health/ready").body.decode())
        assert third.ask("GET", "/health/ready").status == 503
        assert third.ask("GET", "/health/live").status == 200
        assert [process.ask("GET", "/health/ready").status for process in replicas.processes] == [200, 200]

        # Of a process as it is started: it believes its proxy about whom it has to limit.
        with Client(third.port) as client:
            asked = ["192.0.2.1", "192.0.2.1", "192.0.2.1", "192.0.2.2"]
            statuses = [client.ask("GET", "/models", **{"X-Forwarded-For": each}).status for each in asked]
        assert statuses == [200, 200, 429, 200]
        clients = {json.loads(line).get("client") for line in third.log.read_text().splitlines()}
        assert {"192.0.2.1", "192.0.2.2", "127.0.0.1"} <= clients
