"""The faults of the running Binance simulator, as a client meets them."""

import time
from collections.abc import Iterator

import httpx
import pytest

from tests.simulators.clock import parse_instant
from tests.simulators.running import SimulatorHandle, running_simulator

KLINES = "/api/v3/klines"
ASKED = {"symbol": "BTCUSDT", "interval": "1h", "limit": "1000"}
ZIP = "/archive/data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2020-01.zip"


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatorHandle]:
    with running_simulator(now=parse_instant("2025-02-04T10:15:00Z")) as handle:
        yield handle


@pytest.fixture
def simulator(running: SimulatorHandle) -> SimulatorHandle:
    running.clear_faults()
    running.clear_requests()
    return running


@pytest.fixture
def client(simulator: SimulatorHandle) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=simulator.base_url, trust_env=False) as client:
        yield client


def statuses(client: httpx.Client, count: int, path: str = KLINES) -> list[int]:
    return [client.get(path, params=ASKED if path == KLINES else None).status_code for _ in range(count)]


@pytest.mark.parametrize("status", [429, 418])
def test_a_limit_fault_asks_to_wait(simulator: SimulatorHandle, client: httpx.Client, status: int) -> None:
    simulator.add_fault("status", status=status, retry_after=3, path=KLINES)
    answer = client.get(KLINES, params=ASKED)
    assert answer.status_code == status
    assert answer.headers["Retry-After"] == "3"
    assert answer.json()["code"] == -1003


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_server_fault_has_its_status(simulator: SimulatorHandle, client: httpx.Client, status: int) -> None:
    simulator.add_fault("status", status=status)
    assert statuses(client, 2) == [status, status]


def test_a_restricted_location_is_answered_in_binances_shape(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("status", status=451)
    answer = client.get(KLINES, params=ASKED)
    assert answer.status_code == 451
    assert answer.json()["code"] == 0
    assert "restricted location" in answer.json()["msg"]


def test_a_firewall_answers_html(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("status", status=403)
    answer = client.get(KLINES, params=ASKED)
    assert answer.status_code == 403
    assert answer.headers["Content-Type"].startswith("text/html")


def test_garbage_is_html_with_status_200(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("garbage", path=KLINES)
    answer = client.get(KLINES, params=ASKED)
    assert answer.status_code == 200
    assert answer.text.startswith("<html>")


@pytest.mark.parametrize("path", [KLINES, ZIP, f"{ZIP}.CHECKSUM"])
def test_a_cut_answer_promises_more_than_it_delivers(
    simulator: SimulatorHandle, client: httpx.Client, path: str
) -> None:
    simulator.add_fault("cut", path=path, times=1)
    received: list[bytes] = []
    with client.stream("GET", path, params=ASKED if path == KLINES else None) as answer:
        promised = int(answer.headers["Content-Length"])
        with pytest.raises(httpx.RemoteProtocolError):
            received.extend(answer.iter_raw())
    assert 0 < len(b"".join(received)) < promised
    assert statuses(client, 1, path) == [200]


def test_a_slow_answer_is_late_and_whole_and_holds_nobody_else_up(
    simulator: SimulatorHandle, client: httpx.Client
) -> None:
    simulator.add_fault("slow", path=KLINES, delay_seconds=0.4)
    started = time.monotonic()
    assert len(client.get(KLINES, params=ASKED).json()) == 1_000
    assert time.monotonic() - started >= 0.4
    with pytest.raises(httpx.ReadTimeout):
        client.get(KLINES, params=ASKED, timeout=0.1)
    assert statuses(client, 1, "/api/v3/ping") == [200]


def test_a_request_that_was_given_up_is_logged_when_it_came(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("slow", path=KLINES, delay_seconds=0.3)
    with pytest.raises(httpx.ReadTimeout):
        client.get(KLINES, params=ASKED, timeout=0.1)
    assert [entry["status"] for entry in simulator.requests()] == [None]
    simulator.clear_requests()
    time.sleep(0.4)
    assert simulator.requests() == []


def test_a_wrong_checksum_spoils_checksum_files_only(simulator: SimulatorHandle, client: httpx.Client) -> None:
    right, content = client.get(f"{ZIP}.CHECKSUM").text, client.get(ZIP).content
    simulator.add_fault("wrong_checksum", times=1)
    assert client.get(ZIP).content == content
    wrong = client.get(f"{ZIP}.CHECKSUM").text
    assert len(wrong) == len(right)
    assert wrong.split()[0] != right.split()[0]
    assert wrong.split()[1] == right.split()[1]
    assert client.get(f"{ZIP}.CHECKSUM").text == right


def test_a_fault_comes_after_so_many_requests_and_goes_after_so_many(
    simulator: SimulatorHandle, client: httpx.Client
) -> None:
    simulator.add_fault("status", status=503, path=KLINES, after=2, times=2)
    assert statuses(client, 3, "/api/v3/ping") == [200, 200, 200]
    assert statuses(client, 6) == [200, 200, 503, 503, 200, 200]


def test_faults_can_be_cleared(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("status", status=500)
    simulator.clear_faults()
    assert statuses(client, 1) == [200]


def test_spoilt_answers_say_that_they_are_simulated_too(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("status", status=451)
    assert client.get(KLINES).headers["X-Mercado-Simulator"] == "binance; profile=reversal; seed=7"


def test_the_log_holds_each_request_and_no_control_request(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.add_fault("status", status=502, path="/api/v3/time")
    client.get("/api/v3/time")
    client.get(KLINES, params={"symbol": "BTCUSDT"})
    assert simulator.requests() == [
        {"method": "GET", "path": "/api/v3/time", "query": "", "status": 502},
        {"method": "GET", "path": KLINES, "query": "symbol=BTCUSDT", "status": 400},
    ]
    simulator.clear_requests()
    assert simulator.requests() == []


@pytest.mark.parametrize("body", [{"kind": "meteor"}, {"kind": "cut", "tmies": 1}, {"kind": "status", "status": 200}])
def test_an_unknown_fault_is_refused(simulator: SimulatorHandle, body: dict[str, object]) -> None:
    answer = httpx.post(f"{simulator.base_url}/_simulator/faults", json=body, trust_env=False)
    assert answer.status_code == 422
    assert answer.json()["detail"]


@pytest.mark.parametrize(
    "body", [{}, {"instant": "2025-01-01T00:00:00"}, {"offset_seconds": 1, "instant": None, "x": 1}]
)
def test_an_unclear_time_is_refused(simulator: SimulatorHandle, body: dict[str, object]) -> None:
    assert httpx.post(f"{simulator.base_url}/_simulator/now", json=body, trust_env=False).status_code == 422


def test_the_server_is_gone_when_its_block_ends() -> None:
    with running_simulator(now=parse_instant("2020-01-01T00:00:00Z")) as handle:
        assert httpx.get(f"{handle.base_url}/api/v3/ping", trust_env=False).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{handle.base_url}/api/v3/ping", trust_env=False)
