"""What the servers are asked, each in its own protocol, and whether they answer what the model says."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from mercado.bitcoin.candles import PRICE_COLUMNS, CandleSeries
from mercado.bitcoin.features import FEATURE_NAMES
from tests.benchmarks.hours import SYMBOL
from tests.benchmarks.serving_load import http_request
from tests.benchmarks.serving_model import Served

TOLERANCE = 1e-6
MLSERVER_MODEL = "forecaster"
Numbers = dict[str, float]


class WrongAnswerError(Exception):
    """A server answered another number than its model gives."""


@dataclass(frozen=True)
class Questions:
    """Requests of one kind to one server, and their right answers.

    Attributes:
        requests: The bytes of each.
        expected: The numbers that each must be answered with.
        read: Returns those numbers from the JSON of an answer.
    """

    requests: list[bytes]
    expected: list[Numbers]
    read: Callable[[Any], Numbers]

    def check(self, answers: Sequence[tuple[int, bytes]]) -> None:
        """Return when all answers are right.

        Args:
            answers: The position of each request, and the body that answered it.

        Raises:
            WrongAnswerError: A number is missing, or differs by more than one in a million.
        """
        # Equal bodies to the same request are read once.
        for position, body in set(answers):
            found, expected = self.read(json.loads(body)), self.expected[position]
            names = sorted(expected)
            numbers = [[side[name] for name in names] for side in (found, expected)]
            if not np.allclose(*numbers, rtol=TOLERANCE, atol=TOLERANCE):
                raise WrongAnswerError(f"request {position}: expected {expected}, got {found}")


def latest(served: Served) -> Questions:
    """Return GET /predict of our API."""
    return Questions([http_request("GET", "/predict")], [_forecast(served, served.windows[-1])], _probability)


def given(served: Served) -> Questions:
    """Return POST /predict of our API, with 1000 candles as columns."""
    requests = [http_request("POST", "/predict", _json(_columns(window))) for window in served.windows]
    return Questions(requests, [_forecast(served, window) for window in served.windows], _probability)


def rows_for_ours(served: Served) -> Questions:
    """Return one row a request, for our API."""
    return _rows(served, "/predict/features", lambda row: {"features": [row]}, _first_of_lists)


def rows_for_mlflow(served: Served) -> Questions:
    """Return one row a request, for `mlflow models serve`."""
    return _rows(
        served,
        "/invocations",
        lambda row: {"dataframe_split": {"columns": list(FEATURE_NAMES), "data": [row]}},
        lambda answer: dict(answer["predictions"][0]),
    )


def rows_for_mlserver(served: Served) -> Questions:
    """Return one row a request, for MLServer: the Open Inference Protocol, a tensor for each column."""
    return _rows(served, f"/v2/models/{MLSERVER_MODEL}/infer", _tensors, _first_of_tensors)


def _rows(served: Served, path: str, body: Callable[[list[float]], Any], read: Callable[[Any], Numbers]) -> Questions:
    requests = [http_request("POST", path, _json(body(row.tolist()))) for row in served.rows]
    forecasts = served.forecaster.predict_features(served.rows)
    expected = [
        {name: float(values[position]) for name, values in vars(forecasts).items()} for position in range(len(requests))
    ]
    return Questions(requests, expected, read)


def _columns(window: CandleSeries) -> dict[str, Any]:
    names = ("open_time_ms", *PRICE_COLUMNS, "volume")
    candles = {name: getattr(window, name).tolist() for name in names}
    return {"symbol": SYMBOL, "interval": window.interval.value, "candles": candles}


def _tensors(row: list[float]) -> dict[str, Any]:
    tensors = [
        {"name": name, "shape": [1, 1], "datatype": "FP32", "data": [value]}
        for name, value in zip(FEATURE_NAMES, row, strict=True)
    ]
    return {"parameters": {"content_type": "pd"}, "inputs": tensors}


def _first_of_tensors(answer: Any) -> Numbers:
    return {tensor["name"]: float(tensor["data"][0]) for tensor in answer["outputs"]}


def _first_of_lists(answer: Any) -> Numbers:
    return {name: float(values[0]) for name, values in answer.items() if isinstance(values, list)}


def _forecast(served: Served, window: CandleSeries) -> Numbers:
    forecast = asdict(served.forecaster.forecast(window))
    return {name: forecast[name] for name in ("probability_up", "expected_log_return", "last_close", "forecast_price")}


def _probability(answer: Any) -> Numbers:
    return {name: value for name, value in answer.items() if isinstance(value, float | int)}


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()
