"""The API as a process of its own, its clients, and what a test reads off both."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final, Self

import psutil
from prometheus_client.parser import text_string_to_metric_families
from pydantic import SecretStr

from tests.ports import free_port

START_SECONDS: Final = 60
STOP_SECONDS: Final = 30
ANSWER_SECONDS: Final = 60
JSON: Final = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Answer:
    """What came back.

    Attributes:
        status: The HTTP status code.
        body: As it was sent.
        seconds: From the request's first byte to the answer's last.
        headers: By their names in small letters.
    """

    status: int
    body: bytes
    seconds: float
    headers: Mapping[str, str]

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One connection that is kept alive; used by one thread."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=ANSWER_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        started = time.perf_counter()
        self._connection.request(method, path, body, headers | (JSON if body is not None else {}))
        response = self._connection.getresponse()
        content = response.read()
        told = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, content, time.perf_counter() - started, told)


@dataclass(frozen=True)
class ApiProcess:
    """A running API.

    Attributes:
        port: On 127.0.0.1.
        pid: Its process.
        log: What it writes to standard error: one JSON object a line.
    """

    port: int
    pid: int
    log: Path

    def ask(self, method: str, path: str, body: Any = None) -> Answer:
        """Return the answer to one request over a connection of its own; ``body`` is sent as JSON."""
        with Client(self.port) as client:
            return client.ask(method, path, None if body is None else json.dumps(body).encode())

    def read(self, path: str) -> Any:
        """Return the JSON that GET answers, which has to be a 200."""
        answer = self.ask("GET", path)
        assert answer.status == 200, answer.body
        return answer.json()

    def serves(self) -> int | None:
        """Return the version that is served, if any."""
        answer = self.ask("GET", "/health/ready")
        return int(answer.json()["model"]["version"]) if answer.status == 200 else None

    def metrics(self) -> dict[str, float]:
        """Return every sample of /metrics by its name and, behind colons, its labels' values in the labels' order."""
        text = self.ask("GET", "/metrics").body.decode()
        return {
            ":".join((sample.name, *(value for _, value in sorted(sample.labels.items())))): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def usage(self) -> "Usage":
        process = psutil.Process(self.pid)
        return Usage(process.memory_info().rss / 1e6, process.num_threads(), process.num_fds())

    def errors(self) -> list[str]:
        """Return the lines of the log that say ERROR."""
        return [line for line in self.log.read_text().splitlines() if '"level": "ERROR"' in line]


@dataclass(frozen=True)
class Usage:
    """What the process holds.

    Attributes:
        memory_mb: Resident set size.
        threads: Threads.
        descriptors: Open file descriptors.
    """

    memory_mb: float
    threads: int
    descriptors: int


@contextmanager
def running_api_process(
    folder: Path, *, model: str, mlflow_uri: str, warehouse: SecretStr, **variables: str
) -> Iterator[ApiProcess]:
    """Run ``python -m fastapi_app`` until the block ends, and yield it once it answers; its log is kept in ``folder``.

    Args:
        folder: For the log.
        model: Name of the registered model that it follows, every 0.1 s.
        mlflow_uri: The registry.
        warehouse: The warehouse's URL, of the role ``api_reader``.
        **variables: Set in its environment besides.
    """
    port, log = free_port(), folder / "api.log"
    environment = dict(os.environ) | {
        "MERCADO_ENV_FILE": os.devnull,
        "MERCADO_API_MODEL": model,
        "MERCADO_API_POLL_SECONDS": "0.1",
        "MERCADO_API_WAREHOUSE_URL": warehouse.get_secret_value(),
        "MLFLOW_TRACKING_URI": mlflow_uri,
        **variables,
    }
    with log.open("wb") as output:
        command = [sys.executable, "-m", "fastapi_app", "--port", str(port)]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    api = ApiProcess(port, process.pid, log)
    try:
        _wait_until_live(api, process)
        yield api
        process.send_signal(signal.SIGTERM)
        assert process.wait(STOP_SECONDS) in (0, -signal.SIGTERM), log.read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _wait_until_live(api: ApiProcess, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            assert api.ask("GET", "/health/live").status == 200
        except OSError:
            assert process.poll() is None, api.log.read_text()
            assert time.monotonic() < deadline, api.log.read_text()
            time.sleep(0.05)
        else:
            return
