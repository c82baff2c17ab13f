"""POST /predict with input that cannot be used: always 422, naming the field and the candle."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.api.builders import HOUR_MS, LAST_OPEN_MS, Body, column_body, object_body
from tests.api.client import TestClient

BAD = 700
FIRST_OPEN_MS = LAST_OPEN_MS - 999 * HOUR_MS
BAD_OPENS = datetime.fromtimestamp((FIRST_OPEN_MS + BAD * HOUR_MS) / 1000, tz=UTC).isoformat().replace("+00:00", "Z")


@pytest.fixture
def client(lasting_client: TestClient) -> TestClient:
    return lasting_client


def refusal(client: TestClient, body: Any) -> dict[str, Any]:
    """Return the problem that is answered to ``body``, sent as JSON that may hold NaN."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.post("/predict", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return dict(answer.json())


def with_value(field: str, value: Any, *, position: int = BAD, objects: bool = False) -> Body:
    body = object_body() if objects else column_body()
    candles = body["candles"]
    if objects:
        candles[position][field] = value
    else:
        candles[field][position] = value
    return body


VALUES = {
    "a text": ("close", "90000"),
    "null": ("close", None),
    "a boolean": ("close", True),
    "a list": ("close", [90_000.0]),
    "NaN": ("close", float("nan")),
    "Infinity": ("high", float("inf")),
    "minus Infinity": ("low", float("-inf")),
    "a negative price": ("open", -1.0),
    "a price of zero": ("low", 0.0),
    "a price beyond all sense": ("high", 1e13),
    "an integer that is no float": ("high", 10**400),
    "a negative volume": ("volume", -0.001),
    "an integer volume of 60 digits": ("volume", 10**60),
}
WRONG_TIMES = {
    "a time as a boolean": True,
    "a time as text": "2025-12-01T00:00:00Z",
    "a time as a float": 1767222000000.0,
    "a time beyond int64": 2**63,
    "a time of 400 digits": 10**400,
    "a negative time": -HOUR_MS,
}


@pytest.mark.parametrize("objects", [False, True], ids=["columns", "objects"])
@pytest.mark.parametrize("case", VALUES)
def test_a_bad_value_is_named_with_its_field_and_candle(client: TestClient, case: str, objects: bool) -> None:
    field, value = VALUES[case]
    (fault,) = refusal(client, with_value(field, value, objects=objects))["errors"]
    assert fault["field"] == field
    assert fault["candle"] == {"position": BAD, "open_time_utc": BAD_OPENS}


@pytest.mark.parametrize("objects", [False, True], ids=["columns", "objects"])
@pytest.mark.parametrize("case", WRONG_TIMES)
def test_a_bad_time_is_named_with_its_candle(client: TestClient, case: str, objects: bool) -> None:
    (fault,) = refusal(client, with_value("open_time_ms", WRONG_TIMES[case], objects=objects))["errors"]
    assert fault["field"] == "open_time_ms"
    assert fault["candle"]["position"] == BAD


@pytest.mark.parametrize("literal", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_a_number_that_json_does_not_know_is_named(client: TestClient, literal: str) -> None:
    text = json.dumps(with_value("close", "HERE")).replace('"HERE"', literal)
    (fault,) = refusal(client, text.encode())["errors"]
    assert (fault["field"], fault["candle"]["position"]) == ("close", BAD)


def test_a_low_above_the_close_is_named(client: TestClient) -> None:
    (fault,) = refusal(client, with_value("low", 1e9))["errors"]
    assert fault["field"] in ("open", "close")
    assert fault["candle"] == {"position": BAD, "open_time_utc": BAD_OPENS}


def test_a_close_above_the_high_is_named(client: TestClient) -> None:
    (fault,) = refusal(client, with_value("close", 1e9))["errors"]
    assert (fault["field"], fault["candle"]["position"]) == ("close", BAD)


def descending(times: list[int]) -> list[int]:
    return times[::-1]


def repeated(times: list[int]) -> list[int]:
    return [*times[:BAD], times[BAD - 1], *times[BAD + 1 :]]


def off_grid(times: list[int]) -> list[int]:
    return [*times[:BAD], times[BAD] + 1, *times[BAD + 1 :]]


def gap(times: list[int]) -> list[int]:
    return [*(time - HOUR_MS for time in times[:BAD]), *times[BAD:]]


@pytest.mark.parametrize(("damage", "position"), [(descending, 1), (repeated, BAD), (off_grid, BAD), (gap, BAD)])
def test_times_off_the_grid_are_named(
    client: TestClient, damage: Callable[[list[int]], list[int]], position: int
) -> None:
    body = column_body()
    body["candles"]["open_time_ms"] = damage(body["candles"]["open_time_ms"])
    (fault,) = refusal(client, body)["errors"]
    assert (fault["field"], fault["candle"]["position"]) == ("open_time_ms", position)


def test_a_candle_that_is_not_closed_yet_is_refused(client: TestClient) -> None:
    body = column_body()
    body["candles"]["open_time_ms"] = [time + HOUR_MS for time in body["candles"]["open_time_ms"]]
    (fault,) = refusal(client, body)["errors"]
    assert fault["field"] == "open_time_ms"
    assert fault["candle"] == {"position": 999, "open_time_utc": "2026-01-01T00:00:00Z"}
    assert "not closed yet" in fault["message"]


@pytest.mark.parametrize("count", [0, 1, 999, 5001])
@pytest.mark.parametrize("build", [column_body, object_body])
def test_too_few_or_too_many_candles_are_refused(client: TestClient, build: Callable[..., Body], count: int) -> None:
    body = build(max(count, 1))
    if count == 0:
        body["candles"] = [] if isinstance(body["candles"], list) else {name: [] for name in body["candles"]}
    problem = refusal(client, body)
    assert {fault["field"] for fault in problem["errors"]} <= {"candles", *column_body(1)["candles"]}


@pytest.mark.parametrize("field", ["open_time_ms", "open", "volume"])
def test_columns_of_unequal_length_are_named(client: TestClient, field: str) -> None:
    body = column_body(1001)
    body["candles"][field].pop()
    (fault,) = refusal(client, body)["errors"]
    assert fault["field"] == (field if field != "open_time_ms" else "open")
    assert fault["candle"] is None


@pytest.mark.parametrize("field", ["open_time_ms", "close", "volume"])
@pytest.mark.parametrize("objects", [False, True], ids=["columns", "objects"])
def test_a_missing_field_is_named(client: TestClient, field: str, objects: bool) -> None:
    body = object_body() if objects else column_body()
    del (body["candles"][BAD] if objects else body["candles"])[field]
    (fault,) = refusal(client, body)["errors"]
    assert fault["field"] == field
    assert (fault["candle"] is not None) is objects


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"symbol": "ETHUSDT"}, "symbol"),
        ({"symbol": "btcusdt"}, "symbol"),
        ({"symbol": 1}, "symbol"),
        ({"interval": "1d"}, "interval"),
        ({"interval": "1M"}, "interval"),
        ({"interval": 3600}, "interval"),
        ({"candles": None}, "candles"),
        ({"candles": "all of them"}, "candles"),
        ({"candles": {}}, "open_time_ms"),
        ({"candles": [7] * 1000}, "candles"),
        ({"model": "mine"}, "model"),
    ],
)
def test_a_bad_field_is_named(client: TestClient, changes: Body, field: str) -> None:
    assert refusal(client, column_body() | changes)["errors"][0]["field"] == field


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe{}",
        b'"\\ud800"',
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 100_000,
        b"null",
        b"[]",
        b"7",
        b'{"symbol": "BTCUSDT",}',
    ],
)
def test_what_is_no_json_object_is_refused(client: TestClient, content: bytes) -> None:
    assert refusal(client, content)["errors"]


def test_a_body_of_another_media_type_is_refused(client: TestClient) -> None:
    answer = client.post("/predict", content=b"symbol=BTCUSDT", headers={"content-type": "text/plain"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "body"


def test_the_answer_to_a_thousand_faults_stays_short(client: TestClient) -> None:
    body = column_body() | {f"unknown_{number}": number for number in range(10_000)}
    problem = refusal(client, body)
    assert len(problem["errors"]) == 20
    assert "9999 more" in problem["detail"]
