"""On a real server: no client makes it wait, grow or fail for the others, and its log is JSON."""

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psutil
import pytest
from fastapi import FastAPI

from fastapi_app.limits import Limits
from fastapi_app.main import create_app
from fastapi_app.services import WAREHOUSE_THREADS
from fastapi_app.settings import ApiSettings
from fastapi_app.warehouse import LatestCandles
from tests.api.builders import NOW, FolderRegistry, StoredCandles, column_body, generate_candles, read_from
from tests.api.client import TestClient
from tests.api.serving import running_server
from tests.ports import free_port

BODY_SECONDS: Final = 0.4
IN_FLIGHT: Final = 3
MEGABYTE: Final = 1_000_000
REPOSITORY: Final = Path(__file__).parents[2]


@pytest.fixture
def limited(registry: FolderRegistry, settings: ApiSettings) -> FastAPI:
    """An application that waits for no body and takes on little, and has a model and candles."""
    limits = Limits(body_seconds=BODY_SECONDS, in_flight=IN_FLIGHT)
    app = create_app(settings, registry, now=lambda: NOW, limits=limits)
    read_from(app, StoredCandles(LatestCandles(generate_candles(1000), 0, "binance")))
    return app


@contextmanager
def started_request(url: str, *, length: int = 1000) -> Iterator[HTTPConnection]:
    """Begin a POST whose body does not come."""
    parts = urlsplit(url)
    connection = HTTPConnection(str(parts.hostname), parts.port, timeout=10)
    connection.putrequest("POST", "/predict")
    connection.putheader("Content-Type", "application/json")
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    try:
        yield connection
    finally:
        connection.close()


def problem_kind(answer: HTTPResponse | httpx.Response, content: bytes) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"]
    return str(json.loads(content)["type"]).removeprefix("urn:mercado:problem:")


def wait_for(condition: Callable[[], bool], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen within {seconds} s"
        time.sleep(0.01)


def test_a_body_that_does_not_come_is_refused_in_time_and_its_connection_closed(limited: FastAPI) -> None:
    with running_server(limited) as url, started_request(url) as connection:
        started = time.monotonic()
        answer = connection.getresponse()
        assert BODY_SECONDS * 0.9 < time.monotonic() - started < BODY_SECONDS + 2
        assert answer.status == 408
        assert problem_kind(answer, answer.read()) == "body-too-slow"
        assert answer.headers["connection"] == "close"
        assert connection.sock is None


def test_a_body_that_trickles_is_given_no_more_time_for_each_byte(limited: FastAPI) -> None:
    with running_server(limited) as url, started_request(url) as connection:
        started = time.monotonic()
        with suppress(OSError):  # the server has closed the connection
            while time.monotonic() - started < 10:
                connection.send(b" ")
                time.sleep(0.05)
        assert time.monotonic() - started < BODY_SECONDS + 2


def test_slow_clients_hold_nobody_up(limited: FastAPI) -> None:
    with running_server(limited) as url, ExitStack() as slow, httpx.Client(base_url=url) as client:
        for _ in range(IN_FLIGHT - 1):
            slow.enter_context(started_request(url))
        for _ in range(20):
            assert client.post("/predict", json=column_body()).status_code == 200
            assert client.get("/predict").status_code == 200


def test_beyond_the_bound_a_body_is_refused_at_once_and_all_else_is_answered(limited: FastAPI) -> None:
    body = json.dumps(column_body()).encode()
    with running_server(limited) as url, ExitStack() as held, httpx.Client(base_url=url) as client:
        connections = [held.enter_context(started_request(url, length=len(body))) for _ in range(IN_FLIGHT)]
        wait_for(lambda: client.get("/metrics").text.count("mercado_api_requests_in_flight 4.0") == 1)
        refused = client.post("/predict", content=body)
        assert refused.status_code == 503
        assert problem_kind(refused, refused.content) == "overloaded"
        assert refused.headers["retry-after"] == "1"
        for path in ("/predict", "/health/live", "/health/ready", "/model"):
            assert client.get(path).status_code == 200
        for connection in connections:
            connection.send(body)
            assert connection.getresponse().status == 200
        assert client.post("/predict", content=body, headers={"Content-Type": "application/json"}).status_code == 200


def test_while_the_warehouse_hangs_health_and_forecasts_are_answered(limited: FastAPI) -> None:
    answered, asked = threading.Event(), threading.Semaphore(0)

    def hang() -> None:
        asked.release()
        answered.wait(30)

    limited.state.services.reader.answer = hang
    with running_server(limited) as url, ThreadPoolExecutor(60) as pool:
        waiting = [pool.submit(httpx.get, f"{url}/predictions/{uuid4()}", timeout=30) for _ in range(60)]
        try:
            for _ in range(WAREHOUSE_THREADS):
                assert asked.acquire(timeout=10)
            for path in ("/health/live", "/health/ready", "/predict", "/metrics"):
                assert httpx.get(f"{url}{path}", timeout=2).status_code == 200
            batch = column_body() | {"as_of_utc": ["2026-01-01T00:00:00Z"]}
            for path, body in (("/predict", column_body()), ("/predict/batch", batch)):
                assert httpx.post(f"{url}{path}", json=body, timeout=2).status_code == 200
        finally:
            answered.set()
        assert {each.result().status_code for each in waiting} == {404}


@pytest.mark.parametrize(
    ("origins", "origin", "allowed"),
    [
        ("", "https://desk.example", None),
        ("https://desk.example, https://other.example", "https://desk.example", "https://desk.example"),
        ("https://desk.example", "https://evil.example", None),
    ],
)
def test_browsers_may_ask_from_the_configured_origins_only(
    registry: FolderRegistry, origins: str, origin: str, allowed: str | None
) -> None:
    settings = ApiSettings(_env_file=None, MERCADO_API_CORS_ORIGINS=origins)
    client = TestClient(create_app(settings, registry, now=lambda: NOW))
    preflight = {"Origin": origin, "Access-Control-Request-Method": "POST"}
    assert client.get("/health/live", headers={"Origin": origin}).headers.get("access-control-allow-origin") == allowed
    asked = client.options("/predict", headers=preflight)
    assert asked.headers.get("access-control-allow-origin") == allowed
    assert (asked.status_code == 200) == (allowed is not None)


@dataclass(frozen=True)
class Program:
    """``python -m fastapi_app``, with nothing beside it that answers.

    Attributes:
        process: The process.
        url: Its address.
        log: Its standard error.
    """

    process: psutil.Popen
    url: str
    log: Path

    def get(self, path: str) -> httpx.Response:
        return httpx.get(self.url + path, timeout=5)

    def end(self) -> float:
        """Return how many seconds it takes to end."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(30)
        return time.monotonic() - started


@contextmanager
def running_program(log: Path) -> Iterator[Program]:
    port = free_port()
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MLFLOW", "MERCADO"))} | {
        "MERCADO_ENV_FILE": os.devnull,
        "MLFLOW_TRACKING_URI": f"http://127.0.0.1:{free_port()}",
        "MERCADO_API_WAREHOUSE_URL": f"postgresql://api_reader:very-secret@127.0.0.1:{free_port()}/warehouse_db",
        "MERCADO_API_POLL_SECONDS": "0.2",
    }
    command = (sys.executable, "-m", "fastapi_app", "--port", str(port))
    with log.open("wb") as stderr:
        process = psutil.Popen(command, env=environment, cwd=REPOSITORY, stdout=stderr, stderr=stderr)
    running = Program(process, f"http://127.0.0.1:{port}", log)

    def live() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return running.get("/health/live").status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_for(live, seconds=60)
        yield running
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(10)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with running_program(tmp_path_factory.mktemp("program") / "log") as running:
        yield running


def test_the_program_lives_says_why_it_is_not_ready_logs_json_only_and_ends_within_seconds(tmp_path: Path) -> None:
    with running_program(tmp_path / "log") as program:
        wait_for(lambda: "MLflow" in program.get("/health/ready").json()["detail"])
        answer = httpx.get(f"{program.url}/health/ready", headers={"X-Request-ID": "asked-by-a-test"})
        assert answer.status_code == 503
        assert "cannot answer" in answer.json()["detail"]
        assert program.get("/predict").status_code == 503
        assert program.get("/nowhere").status_code == 404
        assert program.end() < 10
    lines = [json.loads(line) for line in program.log.read_text().splitlines()]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    (asked,) = (line for line in lines if line.get("request_id") == "asked-by-a-test")
    assert (asked["route"], asked["status"], asked["level"]) == ("/health/ready", 503, "INFO")
    assert "very-secret" not in program.log.read_text()


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_of_50_megabytes_is_refused_and_never_held(program: Program, announced: bool) -> None:
    for _ in range(3):  # what the first requests of a process take is not this one's
        httpx.post(f"{program.url}/predict", json=column_body(5000))
    before, most = program.process.memory_info().rss, 0

    def chunks() -> Iterator[bytes]:
        nonlocal most
        for _ in range(50):
            yield b" " * MEGABYTE
            most = max(most, program.process.memory_info().rss)

    headers = {"Content-Type": "application/json"} | ({"Content-Length": str(50 * MEGABYTE)} if announced else {})
    answer = httpx.post(f"{program.url}/predict", content=chunks(), headers=headers, timeout=30)
    assert answer.status_code == 413
    assert problem_kind(answer, answer.content) == "body-too-large"
    assert most - before < 20 * MEGABYTE
    assert program.get("/health/live").status_code == 200
