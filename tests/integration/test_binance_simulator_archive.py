"""The running Binance simulator, over real HTTP: its archive, its clock, and replays."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.simulators.clock import parse_instant, to_milliseconds
from tests.simulators.running import SimulatorHandle, running_simulator

HOUR_MS = 3_600_000
NOW = parse_instant("2025-02-04T10:15:00Z")
HOURLY = {"symbol": "BTCUSDT", "interval": "1h"}
MONTHLY = "/archive/data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-"
DAILY = "/archive/data/spot/daily/klines/BTCUSDT/1h/BTCUSDT-1h-"


@pytest.fixture(scope="module")
def simulator() -> Iterator[SimulatorHandle]:
    with running_simulator(now=NOW) as handle:
        yield handle


@pytest.fixture
def client(simulator: SimulatorHandle) -> Iterator[httpx.Client]:
    simulator.set_now(NOW)
    with httpx.Client(base_url=simulator.base_url, trust_env=False) as client:
        yield client


def klines(client: httpx.Client, **asked: Any) -> list[list[Any]]:
    rows: list[list[Any]] = client.get("/api/v3/klines", params={**HOURLY, **asked}).raise_for_status().json()
    return rows


def archive_rows(client: httpx.Client, path: str) -> list[list[str]]:
    content = client.get(path).raise_for_status().content
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        (name,) = archive.namelist()
        assert name == Path(path).with_suffix(".csv").name
        return list(csv.reader(io.StringIO(archive.read(name).decode())))


def test_a_month_of_the_archive_is_what_rest_serves(client: httpx.Client) -> None:
    start_ms = to_milliseconds(parse_instant("2024-02-01T00:00:00Z"))
    rest = klines(client, startTime=start_ms, endTime=start_ms + 29 * 24 * HOUR_MS - 1, limit=1_000)
    assert archive_rows(client, f"{MONTHLY}2024-02.zip") == [[str(field) for field in row] for row in rest]


def test_a_checksum_is_that_of_the_file_and_the_bytes_never_change(client: httpx.Client) -> None:
    path = f"{MONTHLY}2017-08.zip"
    first, second = client.get(path).content, client.get(path).content
    line = client.get(f"{path}.CHECKSUM").text
    assert first == second
    assert line == f"{hashlib.sha256(first).hexdigest()}  BTCUSDT-1h-2017-08.zip\n"


def test_archive_times_are_in_microseconds_from_2025_on(client: httpx.Client) -> None:
    last_of_2024 = archive_rows(client, f"{DAILY}2024-12-31.zip")[-1]
    first_of_2025 = archive_rows(client, f"{DAILY}2025-01-01.zip")[0]
    assert (last_of_2024[0], last_of_2024[6]) == ("1735686000000", "1735689599999")
    assert (first_of_2025[0], first_of_2025[6]) == ("1735689600000000", "1735693199999999")


@pytest.mark.parametrize(
    "path",
    [
        f"{MONTHLY}2017-07.zip",
        f"{MONTHLY}2025-02.zip",
        f"{MONTHLY}2024-13.zip",
        f"{DAILY}2025-02-04.zip",
        f"{DAILY}2025-02-04.zip.CHECKSUM",
        MONTHLY.replace("BTCUSDT", "DOGEUSDT") + "2020-01.zip",
        MONTHLY.replace("1h", "1m") + "2020-01.zip",
        f"{DAILY}2020-01.csv",
    ],
)
def test_what_the_archive_does_not_hold_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_month_appears_on_its_first_monday(simulator: SimulatorHandle, client: httpx.Client) -> None:
    simulator.set_now(parse_instant("2025-02-02T23:59:59Z"))
    assert client.get(f"{MONTHLY}2025-01.zip").status_code == 404
    assert client.get(f"{DAILY}2025-02-01.zip").status_code == 200
    simulator.advance(seconds=1)
    assert len(archive_rows(client, f"{MONTHLY}2025-01.zip")) > 700


def test_moving_the_clock_closes_the_forming_candle(simulator: SimulatorHandle, client: httpx.Client) -> None:
    (forming,) = klines(client, limit=1)
    simulator.advance(seconds=45 * 60)
    closed, new = klines(client, limit=2)
    assert closed[0] == forming[0]
    assert closed[4:6] != forming[4:6]
    assert new[0] == to_milliseconds(NOW) + 45 * 60_000


def test_the_real_clock_cannot_be_set() -> None:
    with running_simulator() as simulator:
        answer = httpx.post(f"{simulator.base_url}/_simulator/now", json={"offset_seconds": 1}, trust_env=False)
    assert answer.status_code == 409


def test_a_restarted_simulator_serves_the_same_candles(client: httpx.Client) -> None:
    with running_simulator(now=NOW) as other, httpx.Client(base_url=other.base_url, trust_env=False) as another_client:
        assert klines(another_client, limit=1_000) == klines(client, limit=1_000)


def test_a_replay_names_its_file_and_stands_still_after_its_last_candle(tmp_path: Path) -> None:
    path = tmp_path / "recorded.csv"
    path.write_text("open_time,open,high,low,close,volume\n3600000,10.5,11,10,10.75,2.5\n7200000,10.75,12,10,11,0\n")
    with (
        running_simulator(replay=path) as simulator,
        httpx.Client(base_url=simulator.base_url, trust_env=False) as client,
    ):
        rows = klines(client)
        assert client.get("/api/v3/ping").headers["X-Mercado-Simulator"] == (
            "binance; profile=replay; file=recorded.csv"
        )
        now_ms = client.get("/api/v3/time").json()["serverTime"]
    assert [row[0] for row in rows] == [HOUR_MS, 2 * HOUR_MS, 3 * HOUR_MS]
    assert rows[0][1:6] == ["10.50000000", "11.00000000", "10.00000000", "10.75000000", "2.50000000"]
    assert 3 * HOUR_MS < now_ms < rows[-1][6]
