"""POST /predict/batch: each forecast is the one that a single request would get, and knows nothing later."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import numpy as np
import pytest
from fastapi import FastAPI

from fastapi_app.batch import LONGEST_SPAN_BARS, MOST_INSTANTS
from fastapi_app.warehouse import LatestCandles
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.grid import to_grid
from tests.api.builders import HOUR_MS, Body, StoredCandles, column_body, generate_candles, read_from, without
from tests.api.client import TestClient

COUNT = 1300
HISTORY = generate_candles(COUNT)
NEWEST = "2026-01-01T00:00:00Z"
THREE_MISSING = without(HISTORY, 250, 251, 1250)


def closes(bar: int) -> str:
    """Return when a candle of `HISTORY` closed."""
    return datetime.fromtimestamp((int(HISTORY.open_time_ms[bar]) + HOUR_MS) / 1000, tz=UTC).isoformat()


def batch_body(*instants: str, count: int = 0, **changes: Any) -> Body:
    """Return a body for some instants, of the newest ``count`` candles or of the stored ones."""
    series = {"symbol": "BTCUSDT", "interval": "1h"}
    candles = {"candles": column_body(count)["candles"]} if count else {}
    return series | {"as_of_utc": list(instants)} | candles | changes


def refusal(answer: httpx.Response, field: str = "as_of_utc") -> str:
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"] == field
    assert answer.json()["errors"][0]["candle"] is None
    return str(answer.json()["errors"][0]["message"])


@pytest.fixture
def stored() -> StoredCandles:
    return StoredCandles(LatestCandles(HISTORY[-1000:], 0, "binance"), history=HISTORY)


@pytest.fixture
def reading(app: FastAPI, stored: StoredCandles) -> TestClient:
    """A client of an application that reads ``stored``."""
    read_from(app, stored)
    return TestClient(app, raise_server_exceptions=False)


def test_each_forecast_from_given_candles_is_a_single_requests_to_the_last_bit(lasting_client: TestClient) -> None:
    bars = [1299, 999, *np.random.default_rng(7).integers(1000, COUNT, 8).tolist()]
    body = column_body(COUNT)
    answer = lasting_client.post("/predict/batch", json=batch_body(*map(closes, bars), count=COUNT)).json()
    for bar, forecast in zip(bars, answer["forecasts"], strict=True):
        window = {name: values[bar - 999 : bar + 1] for name, values in body["candles"].items()}
        single = lasting_client.post("/predict", json=body | {"candles": window}).json()
        assert forecast == {name: single[name] for name in forecast}
        assert (answer["model"], answer["data_origin"]) == (single["model"], single["data_origin"])


def test_the_newest_of_the_stored_candles_gives_what_get_answers(reading: TestClient) -> None:
    batch, newest = reading.post("/predict/batch", json=batch_body(NEWEST)).json(), reading.get("/predict").json()
    (forecast,) = batch["forecasts"]
    assert forecast == {name: newest[name] for name in forecast}
    assert batch["data_origin"] == newest["data_origin"] == "binance"


def test_stored_and_given_candles_give_the_same_forecasts(reading: TestClient) -> None:
    instants = [closes(bar) for bar in (999, 1100, 1299)]
    stored, given = (reading.post("/predict/batch", json=batch_body(*instants, count=count)) for count in (0, COUNT))
    assert stored.json()["forecasts"] == given.json()["forecasts"]


@pytest.mark.parametrize("bars", [[1249, 1251, 1100], [1249], [1251], [1100]])
def test_a_gap_in_the_window_is_filled_and_counted(
    reading: TestClient, stored: StoredCandles, forecaster: Forecaster, bars: list[int]
) -> None:
    stored.history = THREE_MISSING
    grid = to_grid(THREE_MISSING)
    # The window that ends with bar 1249 begins inside a gap, which is filled with what came before it.
    filled = {1249: 2, 1251: 1, 1100: 2}
    answer = reading.post("/predict/batch", json=batch_body(*map(closes, bars))).json()
    for bar, forecast in zip(bars, answer["forecasts"], strict=True):
        expected = forecaster.forecast(grid[bar - 999 : bar + 1].series)
        assert forecast["filled_candles"] == filled[bar]
        assert forecast["probability_up"] == expected.probability_up
        assert forecast["forecast_price"] == expected.forecast_price


def test_instants_may_repeat_and_come_in_any_order_and_zone(reading: TestClient) -> None:
    instants = [closes(1200), closes(1299), closes(1200), "2026-01-01T02:00:00+02:00"]
    forecasts = reading.post("/predict/batch", json=batch_body(*instants)).json()["forecasts"]
    assert forecasts[0] == forecasts[2]
    assert forecasts[1] == forecasts[3]
    assert [forecast["as_of_utc"] for forecast in forecasts[2:]] == [closes(1200).replace("+00:00", "Z"), NEWEST]


def test_each_prediction_is_stored_once_with_the_request_that_asked_for_it(
    reading: TestClient, app: FastAPI, stored: StoredCandles
) -> None:
    body = batch_body(closes(1200), closes(1201), closes(1200))
    answer = reading.post("/predict/batch", json=body, headers={"X-Request-ID": "asked-by-a-test"}).json()
    app.state.services.log.flush()
    kept = {str(row.prediction_id): row for row in stored.stored if row.kind == "as_of"}
    assert list(kept) == [forecast["prediction_id"] for forecast in answer["forecasts"][:2]]
    assert {row.request_id for row in kept.values()} == {"asked-by-a-test"}


def test_as_many_instants_as_allowed_are_answered(reading: TestClient) -> None:
    answer = reading.post("/predict/batch", json=batch_body(*[NEWEST] * MOST_INSTANTS))
    assert len(answer.json()["forecasts"]) == MOST_INSTANTS


@pytest.mark.parametrize("count", [0, COUNT])
@pytest.mark.parametrize(
    ("instant", "reason"),
    [
        ("2025-12-31T23:30:00Z", "is no time at which a candle of 1h closes"),
        ("2025-12-31T23:59:59.9996Z", "is no time at which a candle of 1h closes"),
        ("2026-01-01T01:00:00Z", "there is no candle that closed then"),
        ("2028-01-01T01:00:00Z", "there is no candle that closed then"),
        (closes(998), "a forecast needs 1000 candles up to then, there are 999"),
        (closes(0), "a forecast needs 1000 candles up to then, there are 1"),
        ("2025-01-01T00:00:00Z", "there is no candle that closed then"),
    ],
)
def test_an_instant_that_cannot_be_forecast_from_is_named(
    reading: TestClient, count: int, instant: str, reason: str
) -> None:
    message = refusal(reading.post("/predict/batch", json=batch_body(NEWEST, instant, count=count)))
    assert message.startswith(f"Instant 1 ({instant[:19]}")
    assert reason in message


def test_a_time_at_which_nothing_is_stored_is_the_requests_fault(reading: TestClient) -> None:
    for instant in ("1990-01-01T00:00:00Z", "2100-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00"):
        assert "No candle of BTCUSDT 1h" in refusal(reading.post("/predict/batch", json=batch_body(instant)))


def test_an_instant_in_a_gap_is_refused(reading: TestClient, stored: StoredCandles) -> None:
    stored.history = THREE_MISSING
    answer = reading.post("/predict/batch", json=batch_body(closes(1249), closes(1250)))
    assert refusal(answer) == f"Instant 1 ({closes(1250).replace('+00:00', 'Z')}): there is no candle that closed then."


def test_instants_too_far_apart_are_refused(reading: TestClient) -> None:
    far = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(hours=LONGEST_SPAN_BARS + 1)
    message = refusal(reading.post("/predict/batch", json=batch_body(NEWEST, far.isoformat())))
    assert "more than 20000 candles apart" in message


@pytest.mark.parametrize(
    ("instants", "reason"),
    [
        ([], "at least 1 item"),
        ([NEWEST] * (MOST_INSTANTS + 1), "at most 1000 items"),
        (["2026-01-01T00:00:00"], "Item 0: Input should have timezone info"),
        ([NEWEST, "yesterday"], "Item 1: "),
        ([1_767_225_600], "Item 0: "),
        (["1767225600"], "Item 0: "),
        ([None], "Item 0: "),
        (NEWEST, "valid list"),
    ],
)
@pytest.mark.parametrize("count", [0, 1000])
def test_instants_that_are_none_are_refused(lasting_client: TestClient, instants: Any, reason: str, count: int) -> None:
    body = batch_body(count=count) | {"as_of_utc": instants}
    assert reason in refusal(lasting_client.post("/predict/batch", json=body))


@pytest.mark.parametrize(("field", "value"), [("symbol", "ETHUSDT"), ("interval", "1d")])
def test_another_series_than_the_models_is_refused(reading: TestClient, field: str, value: str) -> None:
    assert value in refusal(reading.post("/predict/batch", json=batch_body(NEWEST, **{field: value})), field)


def test_given_candles_must_obey_the_rules_and_be_closed(lasting_client: TestClient) -> None:
    body = batch_body(NEWEST, count=1100)
    early = {name: [*values[:50], *values[51:]] for name, values in body["candles"].items()}
    late = body["candles"] | {"open_time_ms": [time + HOUR_MS for time in body["candles"]["open_time_ms"]]}
    for candles, position, reason in ((early, 50, "candles are missing between"), (late, 1099, "is not closed yet")):
        error = lasting_client.post("/predict/batch", json=body | {"candles": candles}).json()["errors"][0]
        assert (error["field"], error["candle"]["position"]) == ("open_time_ms", position)
        assert reason in error["message"]


def test_candles_as_objects_are_not_taken(lasting_client: TestClient) -> None:
    refusal(lasting_client.post("/predict/batch", json=batch_body(NEWEST, candles=[])), "candles")


def test_without_a_warehouse_given_candles_are_forecast_from_and_stored_ones_cannot_be(client: TestClient) -> None:
    assert client.post("/predict/batch", json=batch_body(NEWEST, count=1000)).status_code == 200
    answer = client.post("/predict/batch", json=batch_body(NEWEST))
    assert answer.status_code == 503
    assert "MERCADO_API_WAREHOUSE_URL" in answer.json()["detail"]
