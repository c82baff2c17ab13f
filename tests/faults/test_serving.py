"""Predictions go on while PostgreSQL or MLflow is down or hangs, and beside clients that send or read too slowly.

Each outage lasts a minute, or FAULT_SECONDS, but never less than what is tested needs.
"""

import itertools
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

import pytest
from pydantic import SecretStr

from fastapi_app.main import create_app
from fastapi_app.prediction_log import MOST_WAITING
from fastapi_app.settings import ApiSettings
from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.grid import instant
from mercado.registry import Registry
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.api.builders import HOUR_MS, FolderRegistry, save_model, train_forecaster
from tests.api.client import TestClient
from tests.conftest import DatabaseServer
from tests.faults.faulty_servers import FaultyMlflow, FaultyPostgres
from tests.integration.api_process import ApiProcess, Client, running_api_process
from tests.integration.served_models import SYMBOL, body_of, columns_of, past_candles, register, store_series
from tests.integration.trainings import empty_registry, wait_until

MODEL: Final = "faults-forecaster"
OUTAGE_SECONDS: Final = float(os.environ.get("FAULT_SECONDS") or 60)
# The machine is shared, so this tells waiting for a server (3 s and more) from computing, no more.
SLOWEST_SECONDS: Final = 1.5
RECOVERY_SECONDS: Final = 10
CLIENTS, PAUSE_SECONDS = 4, 0.02
MEMORY_GROWTH_MB: Final = 80
# Beyond them, new connections of the pool and of clients.
MORE_THREADS, MORE_DESCRIPTORS = 45, 20
CANDLES: Final = past_candles(FEATURE_WINDOW_BARS + 100)
BATCH: Final = 1000
# What is posted is other candles than the stored ones, and each time another window of them.
POSTED_CANDLES: Final = past_candles(FEATURE_WINDOW_BARS + 10_000, seed=8)
BATCHED_CANDLES: Final = past_candles(FEATURE_WINDOW_BARS + MOST_WAITING + BATCH - 1, seed=9)

pytestmark = pytest.mark.timeout(600)


@dataclass
class Platform:
    """What the API works with, and the API.

    Attributes:
        postgres: Of the warehouse alone.
        mlflow: Its own database is elsewhere.
        registry: In it.
        api: A process of its own.
        stored: How many of `CANDLES` are stored.
    """

    postgres: FaultyPostgres
    mlflow: FaultyMlflow
    registry: Registry
    api: ApiProcess
    stored: int = FEATURE_WINDOW_BARS

    @property
    def owner(self) -> SecretStr:
        return self.postgres.databases.warehouse_url

    def store_next_candle(self) -> datetime:
        """Store one more candle, and return when it closed."""
        self.stored += 1
        with connect(self.owner, application="tests") as connection:
            store_series(connection, CANDLES[: self.stored])
        return closes(CANDLES, self.stored - 1)

    def promote_another(self) -> int:
        """Make the other one of the two versions champion, and return it."""
        champion = self.registry.champion()
        version = 2 if champion is None or champion.version == 1 else 1
        self.registry.promote(version)
        return version

    def stored_ids(self) -> set[UUID]:
        with connect(self.owner, application="tests") as connection:
            return {row[0] for row in connection.execute("select prediction_id from market_data.predictions")}

    def is_well(self) -> bool:
        answer = self.api.ask("GET", "/health/ready")
        ready = answer.json() if answer.status == 200 else {"notice": "not ready"}
        return not (ready["notice"] or ready["warehouse"] or ready["pending_failure"]) and self.waiting() == 0

    def waiting(self) -> int:
        return int(self.api.metrics()["mercado_api_prediction_log_waiting"])


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyPostgres]:
    """Yield a PostgreSQL whose warehouse holds the first 1000 of `CANDLES`."""
    with FaultyPostgres(tmp_path_factory.mktemp("warehouse")) as postgres:
        postgres.create_databases()
        migrate(postgres.databases.warehouse_url)
        with connect(postgres.databases.warehouse_url, application="tests") as connection:
            store_series(connection, CANDLES[:FEATURE_WINDOW_BARS])
        yield postgres


@pytest.fixture(scope="module")
def running(
    postgres: FaultyPostgres, database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Platform]:
    with ExitStack() as stack:
        folder = tmp_path_factory.mktemp("mlflow")
        mlflow = stack.enter_context(FaultyMlflow(folder, postgres_port=database_server.port))
        empty_registry(mlflow.uri, MODEL)
        for seed in (1, 2):
            register(mlflow.uri, MODEL, train_forecaster(seed=seed), tmp_path_factory.mktemp(f"model-{seed}"))
        registry = Registry(mlflow.uri, MODEL)
        registry.promote(1)
        api = running_api_process(
            tmp_path_factory.mktemp("api"),
            model=MODEL,
            mlflow_uri=mlflow.uri,
            warehouse=postgres.databases.url("api_reader", "warehouse_db"),
            MLFLOW_HTTP_REQUEST_TIMEOUT="1",
        )
        yield Platform(postgres, mlflow, registry, stack.enter_context(api))


@pytest.fixture
def platform(running: Platform) -> Platform:
    wait_until(running.is_well)
    return running


@dataclass
class Traffic:
    """What clients were answered who asked all the time, by the kind of request.

    Attributes:
        seconds: How long each answer took, by request.
        faults: Answers other than 200.
        ids: Predictions that were named.
    """

    seconds: dict[str, list[float]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    ids: set[UUID] = field(default_factory=set)

    def add(self, client: Client, method: str, path: str, body: bytes | None = None) -> None:
        answer = client.ask(method, path, body)
        self.seconds.setdefault(f"{method} {path}", []).append(answer.seconds)
        if answer.status != 200:
            self.faults.append(f"{method} {path}: {answer.status} {answer.body[:300]!r}")
        elif "prediction_id" in answer.json():
            self.ids.add(UUID(answer.json()["prediction_id"]))

    def slowest(self) -> float:
        return max(itertools.chain.from_iterable(self.seconds.values()))

    def count(self) -> int:
        return sum(map(len, self.seconds.values()))


POSTED_WINDOWS: Final = itertools.cycle(range(10_000))


def next_body() -> bytes:
    start = next(POSTED_WINDOWS)
    return json.dumps(body_of(POSTED_CANDLES[start : start + FEATURE_WINDOW_BARS])).encode()


@contextmanager
def traffic(api: ApiProcess) -> Iterator[Traffic]:
    """Let clients ask until the block ends; then no answer may have been an error, or slow."""
    seen, stop = Traffic(), threading.Event()

    def ask() -> None:
        with Client(api.port) as client:
            while not stop.wait(PAUSE_SECONDS):
                seen.add(client, "GET", "/predict")
                seen.add(client, "POST", "/predict", next_body())
                seen.add(client, "GET", "/health/ready")

    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(ask) for _ in range(CLIENTS)]
        try:
            yield seen
        finally:
            stop.set()
    for client in clients:
        client.result()
    assert seen.faults == []
    assert seen.slowest() < SLOWEST_SECONDS


@contextmanager
def steady_resources(api: ApiProcess) -> Iterator[None]:
    """Check that the process holds little more after the block than before."""
    before = api.usage()
    yield
    after = api.usage()
    assert after.memory_mb < before.memory_mb + MEMORY_GROWTH_MB
    assert after.threads <= before.threads + MORE_THREADS
    assert after.descriptors <= before.descriptors + MORE_DESCRIPTORS


def closes(series: CandleSeries, position: int) -> datetime:
    return datetime.fromtimestamp((int(series.open_time_ms[position]) + HOUR_MS) / 1000, UTC)


def as_of(api: ApiProcess) -> datetime:
    return datetime.fromisoformat(api.read("/predict")["as_of_utc"])


def seconds_until(condition: Callable[[], bool]) -> float:
    started = time.monotonic()
    wait_until(condition)
    return time.monotonic() - started


def test_predictions_go_on_while_postgresql_is_down_and_are_all_stored_when_it_is_back(platform: Platform) -> None:
    api = platform.api
    with steady_resources(api), traffic(api) as seen:
        before = as_of(api)
        platform.postgres.kill()
        time.sleep(OUTAGE_SECONDS)
        wait_until(lambda: "does not answer" in (api.read("/health/ready")["warehouse"] or ""))
        assert api.metrics()["mercado_api_warehouse_trouble"] == 1
        champion = platform.promote_another()
        wait_until(lambda: api.read("/predict")["model"]["version"] == champion)
        assert as_of(api) == before
        waiting = platform.waiting()
        assert waiting > 10

        platform.postgres.start()
        newest = platform.store_next_candle()
        assert seconds_until(lambda: as_of(api) == newest) < RECOVERY_SECONDS
        wait_until(lambda: platform.waiting() < waiting)
    wait_until(platform.is_well)
    assert seen.ids <= platform.stored_ids()


def test_a_postgresql_that_hangs_holds_up_no_prediction(platform: Platform) -> None:
    api = platform.api
    with steady_resources(api), traffic(api) as seen:
        platform.postgres.freeze()
        try:
            time.sleep(OUTAGE_SECONDS)
            champion = platform.promote_another()
            wait_until(lambda: api.serves() == champion and api.read("/predict")["model"]["version"] == champion)
        finally:
            platform.postgres.thaw()
        newest = platform.store_next_candle()
        assert seconds_until(lambda: as_of(api) == newest) < RECOVERY_SECONDS
    wait_until(platform.is_well)
    assert seen.ids <= platform.stored_ids()


def test_questions_that_need_postgresql_do_not_hold_up_those_that_do_not(platform: Platform) -> None:
    api = platform.api
    platform.postgres.kill()
    try:
        with ThreadPoolExecutor(60) as pool, traffic(api) as seen:
            passports = [pool.submit(api.ask, "GET", f"/predictions/{uuid4()}") for _ in range(60)]
            statuses = [passport.result().status for passport in passports]
    finally:
        platform.postgres.start()
    assert set(statuses) == {503}
    assert seen.count() > 10


def test_predictions_beyond_the_logs_bound_are_counted_and_all_others_are_stored(platform: Platform) -> None:
    api, known = platform.api, platform.stored_ids()
    dropped = api.metrics()["mercado_api_predictions_dropped_total:queue_full"]
    ids: list[UUID] = []
    with steady_resources(api):
        platform.postgres.kill()
        try:
            for start in range(0, MOST_WAITING + BATCH, BATCH):
                ids += batch_ids(api, BATCHED_CANDLES[start : start + FEATURE_WINDOW_BARS + BATCH - 1])
            waiting, metrics = platform.waiting(), api.metrics()
        finally:
            platform.postgres.start()
        wait_until(platform.is_well)
    assert waiting == MOST_WAITING
    assert metrics["mercado_api_predictions_dropped_total:queue_full"] - dropped == len(ids) - MOST_WAITING
    assert set(ids[:MOST_WAITING]) <= platform.stored_ids()
    assert not known & set(ids)


def batch_ids(api: ApiProcess, series: CandleSeries) -> list[UUID]:
    """Return the ids of the forecasts as of each of the last closes, from a thousand candles each."""
    ends = series.open_time_ms[FEATURE_WINDOW_BARS - 1 :] + HOUR_MS
    request = {"symbol": SYMBOL, "interval": series.interval, "candles": columns_of(series)}
    answer = api.ask("POST", "/predict/batch", request | {"as_of_utc": [instant(end_ms) for end_ms in ends]})
    assert answer.status == 200, answer.body
    return [UUID(forecast["prediction_id"]) for forecast in answer.json()["forecasts"]]


@pytest.mark.parametrize("fault", ["freeze", "kill"])
def test_predictions_go_on_while_mlflow_is_down_and_the_next_champion_is_followed(
    platform: Platform, fault: str
) -> None:
    api = platform.api
    before = api.serves()
    with steady_resources(api), traffic(api):
        getattr(platform.mlflow, fault)()
        try:
            wait_until(lambda: "cannot answer" in (api.read("/health/ready")["notice"] or ""))
            assert "cannot answer" in api.read("/model")["notice"]
            assert api.metrics()[f"mercado_api_model_trouble:{MODEL}"] == 1
            time.sleep(OUTAGE_SECONDS)
            assert api.serves() == before
            newest = platform.store_next_candle()
            assert seconds_until(lambda: as_of(api) == newest) < RECOVERY_SECONDS
        finally:
            platform.mlflow.thaw() if fault == "freeze" else platform.mlflow.start()
        champion = platform.promote_another()
        assert seconds_until(lambda: api.serves() == champion) < RECOVERY_SECONDS
    wait_until(platform.is_well)


def test_clients_that_send_byte_by_byte_or_never_read_hold_up_nobody_else(platform: Platform) -> None:
    api = platform.api
    body = next_body()
    head = f"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    # Five answers of 1.5 MB, which no buffer holds.
    big = b"GET /docs-files/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n" * 5
    with steady_resources(api), ExitStack() as stack:
        slow, deaf = ([stack.enter_context(connected(api.port)) for _ in range(80)] for _ in range(2))
        for connection in slow:
            connection.sendall(head.encode())
        for connection in deaf:
            connection.sendall(big)
        wait_until(lambda: in_flight(api) > len(slow) + len(deaf))
        with traffic(api) as seen:
            for byte in body[:40]:
                for connection in slow:
                    connection.sendall(bytes([byte]))
                time.sleep(0.1)
        assert seen.count() > 100
        # All of them are given up while they are still connected; the one that is left asks for the metrics.
        wait_until(lambda: in_flight(api) == 1)


def in_flight(api: ApiProcess) -> int:
    return int(api.metrics()["mercado_api_requests_in_flight"])


def connected(port: int) -> socket.socket:
    """Return a connection that takes little before it is read from."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    return connection


def test_while_postgresql_is_down_the_newest_forecast_says_from_when_it_is_stale(
    platform: Platform, tmp_path: Path
) -> None:
    save_model(tmp_path, train_forecaster())
    closed = closes(CANDLES, platform.stored - 1)
    clock = [closed + timedelta(minutes=5)]
    url = platform.postgres.databases.url("api_reader", "warehouse_db")
    settings = ApiSettings(_env_file=None, MERCADO_API_POLL_SECONDS=0.1, MERCADO_API_WAREHOUSE_URL=url)
    app = create_app(settings, FolderRegistry({1: tmp_path}, champion_number=1), now=lambda: clock[0])
    with TestClient(app) as client:
        wait_until(lambda: client.get("/predict").status_code == 200)
        fresh = client.get("/predict")
        platform.postgres.kill()
        try:
            time.sleep(1.5)
            clock[0] = datetime.fromisoformat(fresh.json()["stale_from_utc"])
            stale = client.get("/predict", headers={"If-None-Match": fresh.headers["etag"]})
            assert stale.status_code == 200
            assert stale.json() == fresh.json() | {"stale": True}
        finally:
            platform.postgres.start()
    assert fresh.json()["stale"] is False
