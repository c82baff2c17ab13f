"""10,000 requests while the alias moves 20 times, twice to a model that must not be served: no error, no mixture."""

import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from pydantic import SecretStr

from mercado.bitcoin.features import FEATURE_NAMES, FEATURE_WINDOW_BARS
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.golden import FILE_NAME
from mercado.bitcoin.predictions import prediction_id
from mercado.registry import ModelVersion, Registry
from mercado.warehouse.connection import connect
from tests.api.builders import train_forecaster
from tests.conftest import DatabaseServer
from tests.integration.api_process import Answer, ApiProcess, Client, running_api_process
from tests.integration.served_models import (
    SYMBOL,
    body_of,
    past_candles,
    register,
    stored_file,
    warehouse_with_window,
)
from tests.integration.trainings import empty_registry, wait_until
from tests.mlflow_server import MlflowServer

MODEL: Final = "swapped-forecaster"
REQUESTS: Final = 10_000
CLIENTS: Final = 10
MEMORY_GROWTH_MB: Final = 60
GOOD: Final = ("a", "b", "c", "d")
BROKEN, WRONG = "broken", "wrong"
# Served before the first request is "a". No good one follows itself, so each move to one is a swap.
MOVES: Final = (*"bcdab", BROKEN, *"cdabcd", WRONG, *"abcdabc")
REASONS: Final = {BROKEN: "direction.ubj is damaged", WRONG: "probability_up of its golden vectors"}
WINDOWS: Final = 6
SCORED_ROWS: Final = (1, 8, 64)
Numbers = Any


@dataclass(frozen=True)
class Question:
    """A request, and how to read the numbers of its answer.

    Attributes:
        method: HTTP method.
        path: Of the endpoint.
        body: JSON, or ``None``.
        numbers: From the answer's JSON to what is compared; its version is compared besides.
        expected: What each version computes here, by its number.
    """

    method: str
    path: str
    body: bytes | None
    numbers: Callable[[Any], Numbers]
    expected: Mapping[int, Numbers]


@dataclass
class Tally:
    """What the clients were answered.

    Attributes:
        answered: Answers by path and version.
        faults: Answers that should not have come.
        ids: Predictions that were named, with their version.
    """

    answered: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    ids: dict[str, int] = field(default_factory=dict)

    @property
    def count(self) -> int:
        return sum(self.answered.copy().values())

    def is_due(self, count: int) -> bool:
        """Return whether so many answers have come, or one that should not have."""
        return self.count >= count or bool(self.faults)

    def add(self, question: Question, answer: Answer) -> None:
        content = answer.json() if answer.status == 200 else {}
        version = content.get("model", {}).get("version")
        if version not in question.expected or question.numbers(content) != question.expected[version]:
            self.faults.append(f"{question.path} {answer.status} {answer.body[:300]!r}")
            return
        self.answered[question.path, version] += 1
        if "prediction_id" in content:
            self.ids[content["prediction_id"]] = version


@dataclass(frozen=True)
class Models:
    """Six registered versions: four that are good and two that must not be served."""

    versions: Mapping[str, ModelVersion]
    forecasters: Mapping[int, Forecaster]
    registry: Registry

    @property
    def good(self) -> dict[int, ModelVersion]:
        return {self.versions[name].version: self.versions[name] for name in GOOD}

    def promote(self, name: str) -> int:
        self.registry.promote(self.versions[name].version)
        return self.versions[name].version


@pytest.fixture(scope="module")
def models(mlflow_server: MlflowServer, tmp_path_factory: pytest.TempPathFactory) -> Models:
    empty_registry(mlflow_server.uri, MODEL)
    versions, forecasters = {}, {}
    for seed, name in enumerate((*GOOD, BROKEN, WRONG), start=1):
        forecaster = train_forecaster(seed=seed)
        versions[name] = register(mlflow_server.uri, MODEL, forecaster, tmp_path_factory.mktemp(name))
        forecasters[versions[name].version] = forecaster
    booster = stored_file(mlflow_server, versions[BROKEN], "direction.ubj")
    booster.write_bytes(booster.read_bytes()[:1000])
    golden = stored_file(mlflow_server, versions[WRONG], FILE_NAME)
    content = json.loads(golden.read_text())
    content["vectors"][0]["forecast"]["probability_up"] += 1e-4
    golden.write_text(json.dumps(content))
    return Models(versions, forecasters, Registry(mlflow_server.uri, MODEL))


@pytest.fixture(scope="module")
def database(database_server: DatabaseServer) -> SecretStr:
    """Return the owner's URL of a warehouse that holds the 1000 candles of the last window."""
    return warehouse_with_window(database_server, "swaps_db")


@pytest.fixture
def api(
    models: Models, mlflow_server: MlflowServer, database: SecretStr, database_server: DatabaseServer, tmp_path: Path
) -> Iterator[ApiProcess]:
    """Yield an API that serves "a"."""
    first = models.promote("a")
    warehouse = database_server.url("api_reader", "swaps_db")
    with running_api_process(tmp_path, model=MODEL, mlflow_uri=mlflow_server.uri, warehouse=warehouse) as api:
        wait_until(lambda: api.serves() == first and api.ask("GET", "/predict").status == 200)
        yield api


def forecast_numbers(answer: Any) -> Numbers:
    interval = answer["price_interval"]
    names = ("prediction_id", "probability_up", "expected_log_return", "last_close", "forecast_price", "unusual_share")
    return [*(answer[name] for name in names), interval["lower_price"], interval["upper_price"]]


def score_numbers(answer: Any) -> Numbers:
    return {name: values for name, values in answer.items() if name != "model"}


def forecast_questions(models: Models) -> list[Question]:
    """Return GET /predict, and POST /predict with other windows."""
    # Windows of other candles than the stored ones, so that each prediction is its own.
    series = past_candles(FEATURE_WINDOW_BARS + WINDOWS, seed=8)
    windows = [past_candles(FEATURE_WINDOW_BARS), *(series[i : i + FEATURE_WINDOW_BARS] for i in range(WINDOWS))]
    questions = []
    for place, window in enumerate(windows):
        expected = {}
        for number, version in models.good.items():
            forecast = models.forecasters[number].forecast(window)
            expected[number] = [
                str(prediction_id(version, SYMBOL, window.digest)),
                forecast.probability_up,
                forecast.expected_log_return,
                forecast.last_close,
                forecast.forecast_price,
                forecast.unusual_share,
                forecast.lower_price,
                forecast.upper_price,
            ]
        method, body = ("POST", json.dumps(body_of(window)).encode()) if place else ("GET", None)
        questions.append(Question(method, "/predict", body, forecast_numbers, expected))
    return questions


def score_questions(models: Models) -> list[Question]:
    rng = np.random.default_rng(7)
    questions = []
    for count in SCORED_ROWS:
        rows = rng.normal(0, 0.5, (count, len(FEATURE_NAMES))).astype(np.float32)
        expected = {}
        for number in models.good:
            forecasts = models.forecasters[number].predict_features(rows)
            expected[number] = {name: column.tolist() for name, column in vars(forecasts).items()}
        body = json.dumps({"features": rows.tolist()}).encode()
        questions.append(Question("POST", "/predict/features", body, score_numbers, expected))
    return questions


def mixture(models: Models) -> list[Question]:
    """Return 60 questions in the order in which each client asks them, again and again."""
    latest, *given = forecast_questions(models)
    runs = {number: version.run_id for number, version in models.good.items()}
    ready = Question("GET", "/health/ready", None, lambda answer: answer["model"]["run_id"], runs)
    scores = itertools.cycle(score_questions(models))
    tens = ([latest] * 4 + [posted, ready, scored] * 2 for posted, scored in zip(given, scores, strict=False))
    return list(itertools.chain.from_iterable(tens))


def ask_until(stop: threading.Event, api: ApiProcess, questions: list[Question], tally: Tally, *, start: int) -> None:
    with Client(api.port) as client:
        for question in itertools.islice(itertools.cycle(questions), start, None):
            if stop.is_set() and tally.count >= REQUESTS:
                return
            tally.add(question, client.ask(question.method, question.path, question.body))


def move_alias(name: str, api: ApiProcess, models: Models) -> None:
    """Make a version champion and return when it is served, or refused and everybody is told."""
    number = models.promote(name)
    if name in GOOD:
        wait_until(lambda: api.serves() == number)
        return
    wait_until(lambda: (api.read("/model")["pending_failure"] or {}).get("version") == number)
    for path in ("/model", "/health/ready"):
        answer = api.read(path)
        assert REASONS[name] in answer["pending_failure"]["reason"]
    metrics = api.metrics()
    assert metrics[f"mercado_api_model_failed:{MODEL}:{number}"] == 1
    assert metrics[f"mercado_api_model_trouble:{MODEL}"] == 1


def load_while_the_alias_moves(api: ApiProcess, models: Models) -> Tally:
    """Return what `CLIENTS` clients were answered, who ask without a pause until the alias has made all its moves."""
    questions, tally, stop = mixture(models), Tally(), threading.Event()
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(ask_until, stop, api, questions, tally, start=4 * i) for i in range(CLIENTS)]
        try:
            for number, name in enumerate(MOVES, start=1):
                move_alias(name, api, models)
                wait_until(partial(tally.is_due, number * REQUESTS // len(MOVES)))
        finally:
            stop.set()
    for client in clients:
        client.result()
    return tally


def stored_versions(database: SecretStr) -> dict[str, int]:
    with connect(database, application="tests") as connection:
        return dict(
            connection.execute("select prediction_id::text, model_version from market_data.predictions").fetchall()
        )


def test_no_request_fails_and_each_is_answered_by_exactly_one_good_version_while_the_alias_moves(
    api: ApiProcess, models: Models, database: SecretStr
) -> None:
    before = api.usage()
    tally = load_while_the_alias_moves(api, models)
    after = api.usage()
    assert tally.faults == []
    assert tally.count >= REQUESTS
    assert {version for _, version in tally.answered} == set(models.good)
    assert after.memory_mb < before.memory_mb + MEMORY_GROWTH_MB
    assert api.errors() == []

    wait_until(lambda: api.metrics()["mercado_api_prediction_log_waiting"] == 0)
    metrics = api.metrics()
    assert metrics[f"mercado_api_model_swaps_total:{MODEL}"] == 1 + len(MOVES) - len(REASONS)
    assert metrics[f"mercado_api_model_failures_total:{MODEL}"] == len(REASONS)
    assert metrics[f"mercado_api_model_trouble:{MODEL}"] == 0
    assert sum(count for name, count in metrics.items() if "predictions_dropped_total" in name) == 0
    timed = [name.split(":") for name in metrics if name.startswith("mercado_api_request_seconds_count:")]
    assert {(model, version) for _, _, model, version, _ in timed} == {
        ("none", "none"),
        *((MODEL, str(number)) for number in models.good),
    }
    # Each named once, by the version that the answer named; beside them only those of GET /predict that nobody fetched.
    stored = stored_versions(database)
    assert tally.ids.items() <= stored.items()
    assert set(stored.values()) == set(models.good)


def test_the_versions_differ_in_every_number_that_could_tell_them_apart(models: Models) -> None:
    for question in mixture(models):
        answers = [json.dumps(numbers) for numbers in question.expected.values()]
        assert len(set(answers)) == len(GOOD)
