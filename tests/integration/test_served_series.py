"""Two series, each trained through every step and served by one API: every number is its own forecaster's."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final

import numpy as np
import pytest
from pydantic import SecretStr

from fastapi_app.main import create_app
from fastapi_app.model_source import mlflow_source
from fastapi_app.settings import ApiSettings
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.forecasts import Forecast, forecast_of_row
from mercado.bitcoin.grid import Grid, instant, to_grid
from mercado.bitcoin.store import read_candles
from mercado.bitcoin.training import Trainer
from mercado.registry import Registry, model_name
from mercado.series import CandleInterval, Series
from mercado.warehouse.connection import connect
from tests.api.client import TestClient
from tests.conftest import DatabaseServer
from tests.integration.served_models import SYMBOL, body_of
from tests.integration.test_series_and_horizons import FOUR_HOURS, PLAN, train
from tests.integration.trainings import END, HOUR, empty_registry, latest_unbroken, store_candles
from tests.mlflow_server import MlflowServer
from tests.simulated_rules import SIMULATED_RULES
from tests.simulators.generated import Profile

POINTS: Final = 200
MONTHS: Final = {HOUR: 17, FOUR_HOURS: 30}
PLANS: Final = {HOUR: PLAN, FOUR_HOURS: replace(PLAN, holdout_bars=1200)}
NUMBERS: Final = ("probability_up", "expected_log_return", "last_close", "forecast_price", "unusual_share")


@dataclass(frozen=True)
class Trained:
    """A series with the champion that was trained on it.

    Attributes:
        series: Which one.
        grid: All of its candles.
        rows: The training set made from them.
        forecaster: Fetched from the registry.
    """

    series: Series
    grid: Grid
    rows: TrainingSet
    forecaster: Forecaster

    @property
    def query(self) -> str:
        return f"symbol={self.series.symbol}&interval={self.series.interval}"

    def chosen(self) -> list[int]:
        """Return places of training rows that have a whole window of candles up to them."""
        first_ms = int(self.grid.series.open_time_ms[FEATURE_WINDOW_BARS])
        places = np.flatnonzero(self.rows.open_time_ms >= first_ms)
        picked = np.random.default_rng(5).choice(places, POINTS, replace=False)
        return sorted(picked.tolist())

    def window(self, open_ms: int) -> Grid:
        stop = int(np.searchsorted(self.grid.series.open_time_ms, open_ms)) + 1
        return self.grid[stop - FEATURE_WINDOW_BARS : stop]


@pytest.fixture(scope="module")
def warehouse(database_server: DatabaseServer) -> SecretStr:
    """Return the URL of a warehouse that holds candles of one and of four hours, with a planted signal."""
    url = database_server.create_database("two_series_db")
    for interval, months in MONTHS.items():
        store_candles(url, Profile.REVERSAL, months=months, interval=interval)
    return url


@pytest.fixture(scope="module")
def trained(
    warehouse: SecretStr,
    mlflow_server: MlflowServer,
    optuna_url: SecretStr,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[dict[CandleInterval, Trained]]:
    """Train a champion of each series; it is one by hand where the gate, after so short a training, refuses it."""
    made = {}
    names = [model_name(SYMBOL, interval) for interval in MONTHS]
    for name in names:
        empty_registry(mlflow_server.uri, name)
    with connect(warehouse, application="tests") as connection:
        trainer = Trainer(connection, mlflow_server.uri, optuna_url, SIMULATED_RULES)
        for interval, name in zip(MONTHS, names, strict=True):
            _, registered = train(trainer, interval, PLANS[interval])
            registry = Registry(mlflow_server.uri, name)
            registry.promote(registered.version)
            champion = registry.champion()
            assert champion is not None
            forecaster = Forecaster.load(registry.download(champion, tmp_path_factory.mktemp(name)))
            candles = read_candles(connection, SYMBOL, interval)
            rows = build_training_set(candles, symbol=SYMBOL)
            made[interval] = Trained(Series(SYMBOL, interval), to_grid(candles), rows, forecaster)
    yield made
    for name in names:
        empty_registry(mlflow_server.uri, name)


@pytest.fixture(scope="module")
def client(
    trained: dict[CandleInterval, Trained], mlflow_server: MlflowServer, database_server: DatabaseServer
) -> Iterator[TestClient]:
    settings = ApiSettings(
        _env_file=None,
        MERCADO_SERIES=",".join(str(each.series) for each in trained.values()),
        MERCADO_API_WAREHOUSE_URL=database_server.url("api_reader", "two_series_db"),
    )
    app = create_app(settings, now=lambda: END, sources=partial(mlflow_source, mlflow_server.uri))
    app.state.services.follower.poll()
    with TestClient(app) as client:
        yield client


@pytest.fixture(params=list(MONTHS), ids=str)
def served(request: pytest.FixtureRequest, trained: dict[CandleInterval, Trained]) -> Trained:
    return trained[request.param]


def numbers_of(forecast: Forecast) -> list[float]:
    return [*(getattr(forecast, name) for name in NUMBERS), forecast.lower_price, forecast.upper_price]


def numbers_in(answer: Any) -> list[float]:
    interval = answer["price_interval"]
    return [*(answer[name] for name in NUMBERS), interval["lower_price"], interval["upper_price"]]


def test_the_newest_forecast_is_the_forecasters_bit_for_bit(client: TestClient, served: Trained) -> None:
    answer = client.get(f"/predict?{served.query}")
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["symbol"], told["interval"]) == (served.series.symbol, served.series.interval)
    assert told["model"]["name"] == model_name(served.series.symbol, served.series.interval)
    assert numbers_in(told) == numbers_of(served.forecaster.forecast(served.grid[-FEATURE_WINDOW_BARS:].series))
    step_ms = served.series.interval.milliseconds
    assert told["as_of_utc"] == instant(int(served.grid.series.open_time_ms[-1]) + step_ms)
    assert told["target_close_utc"] == instant(int(served.grid.series.open_time_ms[-1]) + 2 * step_ms)


def test_stored_and_given_candles_give_the_training_rows_forecasts_bit_for_bit(
    client: TestClient, served: Trained
) -> None:
    chosen = served.chosen()
    trained = served.forecaster.predict_features(served.rows.features[chosen])
    opens = served.rows.open_time_ms[chosen].tolist()
    windows = [served.window(open_ms) for open_ms in opens]
    expected = [numbers_of(forecast_of_row(window.series, trained, row)) for row, window in enumerate(windows)]
    moments = [instant(open_ms + served.series.interval.milliseconds) for open_ms in opens]
    request = {"symbol": served.series.symbol, "interval": served.series.interval, "as_of_utc": moments}
    answer = client.post("/predict/batch", json=request)
    assert answer.status_code == 200, answer.text
    assert [numbers_in(each) for each in answer.json()["forecasts"]] == expected

    given = latest_unbroken(served.grid.series, FEATURE_WINDOW_BARS)
    posted = client.post("/predict", json=body_of(given))
    assert posted.status_code == 200, posted.text
    assert numbers_in(posted.json()) == numbers_of(served.forecaster.forecast(given))


def test_training_rows_are_scored_by_the_model_of_the_series_that_the_address_names(
    client: TestClient, served: Trained
) -> None:
    rows = served.rows.features[served.chosen()]
    answer = client.post(f"/predict/features?{served.query}", json={"features": rows.tolist()})
    assert answer.status_code == 200, answer.text
    expected = {name: column.tolist() for name, column in vars(served.forecaster.predict_features(rows)).items()}
    assert {name: answer.json()[name] for name in expected} == expected


def test_each_series_has_forecasts_of_its_own_and_they_are_stored_under_its_model(
    client: TestClient, trained: dict[CandleInterval, Trained]
) -> None:
    answers = {interval: client.get(f"/predict?{each.query}").json() for interval, each in trained.items()}
    assert answers[HOUR] == client.get("/predict").json()
    assert numbers_in(answers[HOUR]) != numbers_in(answers[FOUR_HOURS])
    client.app.state.services.log.flush()
    for interval, answer in answers.items():
        passport = client.get(f"/predictions/{answer['prediction_id']}").json()
        assert passport["model"]["name"] == model_name(SYMBOL, interval)
        assert passport["candles"]["interval"] == interval
        assert passport["candles"]["as_stored"] is True


def test_every_version_of_a_series_is_listed_with_its_verdict(client: TestClient, served: Trained) -> None:
    (version,) = client.get(f"/model/versions?{served.query}").json()["items"]
    assert version["aliases"] == ["champion"]
    assert version["verdict"] in ("promoted", "rejected")
    described = client.get(f"/model?{served.query}").json()
    assert described["training"]["dataset_sha256"] == served.forecaster.training_digest
    assert described["version"] == version["version"]
