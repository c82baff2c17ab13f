"""Whatever is sent, the server never makes a mistake."""

import json
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.api.builders import VALUE_COLUMNS, column_body
from tests.api.client import TestClient

JSON = {"content-type": "application/json"}
FIELDS = ("open_time_ms", *VALUE_COLUMNS)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
)
lasting = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@lasting
@given(body=values)
def test_any_json_is_refused_and_never_breaks_the_server(lasting_client: TestClient, body: Any) -> None:
    assert lasting_client.post("/predict", content=json.dumps(body), headers=JSON).status_code == 422


@lasting
@given(content=st.binary(max_size=200))
def test_any_bytes_are_refused(lasting_client: TestClient, content: bytes) -> None:
    assert lasting_client.post("/predict", content=content, headers=JSON).status_code == 422


@lasting
@given(candles=st.dictionaries(st.sampled_from(FIELDS), st.lists(scalars, max_size=4)) | st.lists(values, max_size=4))
def test_any_candles_of_the_wrong_number_are_refused(lasting_client: TestClient, candles: Any) -> None:
    body = json.dumps({"symbol": "BTCUSDT", "interval": "1h", "candles": candles})
    assert lasting_client.post("/predict", content=body, headers=JSON).status_code == 422


@lasting
@given(field=st.sampled_from(FIELDS), position=st.integers(0, 999), value=scalars)
def test_any_one_value_put_into_good_candles_is_answered_or_refused(
    lasting_client: TestClient, field: str, position: int, value: Any
) -> None:
    body = column_body()
    body["candles"][field][position] = value
    answer = lasting_client.post("/predict", content=json.dumps(body), headers=JSON)
    assert answer.status_code in (200, 422)
    if answer.status_code == 422:
        assert answer.json()["errors"][0]["candle"]["position"] == position or field == "open_time_ms"
