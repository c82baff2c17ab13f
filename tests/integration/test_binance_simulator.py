"""The running Binance simulator, over real HTTP: every rule of its REST endpoints."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import httpx
import pytest

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.clock import parse_instant, to_milliseconds
from tests.simulators.running import SimulatorHandle, running_simulator

HOUR_MS = 3_600_000
NOW = parse_instant("2025-02-04T10:15:00Z")
NOW_MS = to_milliseconds(NOW)
FORMING_MS = NOW_MS - 15 * 60_000
GENESIS_MS = to_milliseconds(parse_instant("2017-08-17T04:00:00Z"))
SYMBOL = {"symbol": "BTCUSDT"}
HOURLY = {**SYMBOL, "interval": "1h"}


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


def open_times(client: httpx.Client, **asked: Any) -> list[int]:
    return [row[0] for row in klines(client, **asked)]


def test_ping_answers_an_empty_object(client: httpx.Client) -> None:
    assert client.get("/api/v3/ping").json() == {}


def test_time_is_that_of_the_simulated_clock(client: httpx.Client) -> None:
    assert client.get("/api/v3/time").json() == {"serverTime": NOW_MS}


def test_exchange_information_names_every_symbol_unless_some_are_asked_for(client: httpx.Client) -> None:
    symbols = client.get("/api/v3/exchangeInfo").json()["symbols"]
    assert [each["symbol"] for each in symbols] == ["BTCUSDT", "ETHUSDT", "SOLUSDT"]
    assert [each["baseAsset"] for each in symbols] == ["BTC", "ETH", "SOL"]


def test_each_symbol_has_candles_of_its_own(client: httpx.Client) -> None:
    closes = {
        symbol: [row[4] for row in client.get("/api/v3/klines", params={"symbol": symbol, "interval": "1h"}).json()]
        for symbol in ("BTCUSDT", "ETHUSDT", "SOLUSDT")
    }
    assert len({tuple(prices) for prices in closes.values()}) == len(closes)


@pytest.mark.parametrize("asked", [SYMBOL, {"symbols": '["BTCUSDT"]'}])
def test_exchange_information_names_limits_and_symbol(client: httpx.Client, asked: dict[str, str]) -> None:
    info = client.get("/api/v3/exchangeInfo", params=asked).json()
    weight = next(limit for limit in info["rateLimits"] if limit["rateLimitType"] == "REQUEST_WEIGHT")
    assert weight == {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000}
    (symbol,) = info["symbols"]
    assert (symbol["symbol"], symbol["status"]) == ("BTCUSDT", "TRADING")
    assert (symbol["baseAsset"], symbol["quoteAsset"]) == ("BTC", "USDT")
    assert {"PRICE_FILTER", "LOT_SIZE"} <= {entry["filterType"] for entry in symbol["filters"]}


def test_a_kline_has_twelve_fields_of_binances_types(client: httpx.Client) -> None:
    for row in klines(client, limit=20):
        assert [type(field) for field in row] == [int, *[str] * 5, int, str, int, str, str, str]
        assert all(re.fullmatch(r"\d+\.\d{8}", row[position]) for position in (1, 2, 3, 4, 5, 7, 9, 10))
        assert row[11] == "0"


def test_without_ends_the_most_recent_candles_come_oldest_first(client: httpx.Client) -> None:
    times = open_times(client)
    assert len(times) == 500
    assert times == sorted(times)
    assert times[-1] == FORMING_MS


def test_the_last_candle_is_forming_and_its_close_time_lies_ahead(client: httpx.Client) -> None:
    before, last = klines(client, limit=2)
    assert before[6] < NOW_MS < last[6]
    assert last[6] == FORMING_MS + HOUR_MS - 1


def test_with_a_start_only_the_oldest_come_from_it_on(client: httpx.Client) -> None:
    assert open_times(client, startTime=0, limit=2) == [GENESIS_MS, GENESIS_MS + HOUR_MS]


def test_with_an_end_only_the_most_recent_come_up_to_it(client: httpx.Client) -> None:
    end_ms = GENESIS_MS + 10 * HOUR_MS
    assert open_times(client, endTime=end_ms, limit=2) == [end_ms - HOUR_MS, end_ms]


def test_with_both_ends_the_oldest_come_and_none_after_the_end(client: httpx.Client) -> None:
    start_ms, end_ms = GENESIS_MS + HOUR_MS, GENESIS_MS + 3 * HOUR_MS
    hours = [start_ms, start_ms + HOUR_MS, end_ms]
    assert open_times(client, startTime=start_ms, endTime=end_ms) == hours
    assert open_times(client, startTime=start_ms, endTime=end_ms, limit=2) == hours[:2]


def test_both_ends_are_inclusive_to_the_millisecond_on_open_times(client: httpx.Client) -> None:
    hour = GENESIS_MS + 5 * HOUR_MS
    assert open_times(client, startTime=hour, endTime=hour) == [hour]
    assert open_times(client, startTime=hour + 1, endTime=hour + HOUR_MS - 1) == []


def test_a_range_without_candles_or_upside_down_is_an_empty_list(client: httpx.Client) -> None:
    assert klines(client, startTime=0, endTime=GENESIS_MS - 1) == []
    assert klines(client, startTime=NOW_MS + HOUR_MS) == []
    assert klines(client, startTime=GENESIS_MS + 9 * HOUR_MS, endTime=GENESIS_MS) == []


def test_more_than_a_thousand_candles_are_never_answered(client: httpx.Client) -> None:
    assert len(klines(client, startTime=0, limit=1_000)) == 1_000
    assert len(klines(client, startTime=0, limit=5_000)) == 1_000


def test_paging_by_the_last_open_time_meets_every_candle_once(client: httpx.Client) -> None:
    end_ms = GENESIS_MS + 3_500 * HOUR_MS
    paged: list[int] = []
    while page := open_times(client, startTime=paged[-1] + 1 if paged else 0, endTime=end_ms, limit=1_000):
        paged += page
    gaps = [later - earlier for earlier, later in pairwise(paged)]
    assert min(gaps) == HOUR_MS
    assert max(gaps) > HOUR_MS
    assert (paged[0], paged[-1]) == (GENESIS_MS, end_ms)


def test_times_in_microseconds_are_given_on_request_and_understood(client: httpx.Client) -> None:
    asked = {**HOURLY, "startTime": GENESIS_MS * 1_000, "limit": 1}
    headers = {"X-MBX-TIME-UNIT": "MICROSECOND"}
    (row,) = client.get("/api/v3/klines", params=asked, headers=headers).json()
    assert (row[0], row[6]) == (GENESIS_MS * 1_000, (GENESIS_MS + HOUR_MS) * 1_000 - 1)
    assert client.get("/api/v3/time", headers=headers).json() == {"serverTime": NOW_MS * 1_000}


def test_multiples_of_the_interval_are_served_on_the_utc_grid(client: httpx.Client) -> None:
    days = open_times(client, interval="1d", limit=10)
    assert all(time % CandleInterval.ONE_DAY.milliseconds == 0 for time in days)
    assert days[-1] == NOW_MS // (24 * HOUR_MS) * 24 * HOUR_MS


@pytest.mark.parametrize(
    ("path", "asked", "code"),
    [
        ("klines", {"interval": "1h"}, -1102),
        ("klines", SYMBOL, -1102),
        ("klines", {**HOURLY, "symbol": ""}, -1102),
        ("klines", {**HOURLY, "symbol": "btcusdt"}, -1100),
        ("klines", {**HOURLY, "limit": "ten"}, -1100),
        ("klines", {**HOURLY, "startTime": "-1"}, -1100),
        ("klines", {**HOURLY, "starttime": "1"}, -1104),
        ("klines", {**SYMBOL, "interval": "1H"}, -1120),
        ("klines", {**SYMBOL, "interval": "1m"}, -1120),
        ("klines", {**HOURLY, "symbol": "DOGEUSDT"}, -1121),
        ("klines", {**HOURLY, "limit": "0"}, -1130),
        ("exchangeInfo", {"symbol": "NOPE"}, -1121),
        ("exchangeInfo", {"symbols": "BTCUSDT"}, -1100),
        ("exchangeInfo", {"symbol": "BTCUSDT", "symbols": '["BTCUSDT"]'}, -1128),
        ("ping", {"x": "1"}, -1104),
    ],
)
def test_a_wrong_request_gets_binances_code(client: httpx.Client, path: str, asked: dict[str, str], code: int) -> None:
    answer = client.get(f"/api/v3/{path}", params=asked)
    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert set(answer.json()) == {"code", "msg"}


@pytest.mark.parametrize("path", ["/api/v1/klines", "/api/v3/nothing", "/"])
def test_an_unknown_path_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/api/v3/ping", "/api/v3/klines", "/nothing", "/archive/2020.zip"])
def test_every_answer_says_that_it_is_simulated(client: httpx.Client, path: str) -> None:
    assert client.get(path).headers["X-Mercado-Simulator"] == "binance; profile=reversal; seed=7"


def test_the_weight_is_counted_and_the_limit_enforced() -> None:
    with (
        running_simulator(now=NOW, weight_limit=30) as simulator,
        httpx.Client(base_url=simulator.base_url, trust_env=False) as client,
    ):
        used = [int(client.get("/api/v3/ping").headers["X-MBX-USED-WEIGHT-1M"]) for _ in range(2)]
        used.append(int(client.get("/api/v3/klines", params=HOURLY).headers["X-MBX-USED-WEIGHT"]))
        answers = [client.get("/api/v3/exchangeInfo") for _ in range(16)]
    assert [later - earlier for earlier, later in pairwise(used)] in (
        [1, 2],
        [0, 2],
        [1, 0],
    )  # the latter two when a minute ends
    statuses = [answer.status_code for answer in answers]
    assert statuses[0] == 200
    assert {429, 418} <= set(statuses)
    for answer in answers:
        if answer.status_code != 200:
            assert answer.json()["code"] == -1003
            assert 1 <= int(answer.headers["Retry-After"]) <= 120
