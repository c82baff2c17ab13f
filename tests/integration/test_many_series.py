"""Twelve series with room for three models: each answer is its own model's, memory stays flat, none waits for ever."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import SecretStr

from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.forecaster import Forecaster
from mercado.registry import Registry, model_name
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.api.builders import train_forecaster
from tests.conftest import DatabaseServer
from tests.integration.api_process import Answer, ApiProcess, running_api_process
from tests.integration.served_models import body_of, past_candles, register, store_series, stored_file
from tests.integration.trainings import empty_registry, wait_until
from tests.mlflow_server import MlflowServer

SYMBOLS: Final = ("BTCUSDT", *(f"COIN{letter}USDT" for letter in "ABCDEFGHIJK"))
MAIN: Final = SYMBOLS[0]
BROKEN: Final = SYMBOLS[-1]
WORKING: Final = SYMBOLS[:-1]
SERIES: Final = ",".join(f"{symbol}-1h" for symbol in SYMBOLS)
ROOM: Final = 3
ROUNDS: Final = 3
MEMORY_GROWTH_MB: Final = 15


@pytest.fixture(scope="module")
def forecasters(
    mlflow_server: MlflowServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Forecaster]]:
    """Register a champion of each symbol, the last one of them damaged, and return what the others were made from."""
    made = {}
    for seed, symbol in enumerate(SYMBOLS, start=41):
        name, made[symbol] = model_name(symbol, "1h"), train_forecaster(seed=seed, symbol=symbol)
        empty_registry(mlflow_server.uri, name)
        version = register(mlflow_server.uri, name, made[symbol], tmp_path_factory.mktemp(symbol))
        Registry(mlflow_server.uri, name).promote(version.version)
    booster = stored_file(mlflow_server, version, "direction.ubj")
    booster.write_bytes(booster.read_bytes()[:1000])
    yield {symbol: made[symbol] for symbol in WORKING}
    for symbol in SYMBOLS:
        empty_registry(mlflow_server.uri, model_name(symbol, "1h"))


@pytest.fixture(scope="module")
def warehouse(database_server: DatabaseServer) -> SecretStr:
    """Return the reader's URL of a warehouse that holds the same 1000 candles of each symbol."""
    url = database_server.create_database("many_series_db")
    migrate(url)
    with connect(url, application="tests") as connection:
        for symbol in SYMBOLS:
            store_series(connection, past_candles(FEATURE_WINDOW_BARS), symbol=symbol)
    return database_server.url("api_reader", "many_series_db")


@pytest.fixture(scope="module")
def api(
    forecasters: dict[str, Forecaster],
    mlflow_server: MlflowServer,
    warehouse: SecretStr,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ApiProcess]:
    settings = {"MERCADO_SERIES": SERIES, "MERCADO_API_MODELS_IN_MEMORY": str(ROOM)}
    name = model_name(MAIN, "1h")
    folder = tmp_path_factory.mktemp("api")
    with running_api_process(folder, model=name, mlflow_uri=mlflow_server.uri, warehouse=warehouse, **settings) as api:
        wait_until(lambda: api.ask("GET", "/predict").status == 200)
        yield api


def ask(api: ApiProcess, symbol: str) -> Answer:
    return api.ask("GET", f"/predict?symbol={symbol}&interval=1h")


def require_own(answer: Answer, symbol: str, forecasters: Mapping[str, Forecaster]) -> None:
    """Fail unless an answer is, bit for bit, what the symbol's forecaster makes of the stored candles."""
    assert answer.status == 200, answer.body
    told: Any = answer.json()
    assert (told["symbol"], told["model"]["name"]) == (symbol, model_name(symbol, "1h"))
    forecast = forecasters[symbol].forecast(past_candles(FEATURE_WINDOW_BARS))
    interval = told["price_interval"]
    assert (told["probability_up"], told["expected_log_return"], told["forecast_price"]) == (
        forecast.probability_up,
        forecast.expected_log_return,
        forecast.forecast_price,
    )
    assert (interval["lower_price"], interval["upper_price"]) == (forecast.lower_price, forecast.upper_price)


def in_memory(api: ApiProcess) -> list[str]:
    return [each["symbol"] for each in api.read("/models")["items"] if each["in_memory"]]


def go_round(api: ApiProcess, forecasters: Mapping[str, Forecaster]) -> None:
    """Ask for every series that works, one after the other."""
    for symbol in WORKING:
        require_own(ask(api, symbol), symbol, forecasters)
        kept = in_memory(api)
        assert len(kept) <= ROOM
        assert {MAIN, symbol} <= set(kept)
        assert api.metrics()["mercado_api_models_in_memory"] <= ROOM


def test_memory_is_flat_however_many_series_are_asked_for_in_turn(
    api: ApiProcess, forecasters: Mapping[str, Forecaster]
) -> None:
    go_round(api, forecasters)
    before = api.usage()
    for _ in range(ROUNDS):
        go_round(api, forecasters)
    assert api.usage().memory_mb < before.memory_mb + MEMORY_GROWTH_MB
    # Each of the others was dropped and loaded again in every round, but for the two that are kept at the end.
    others = len(WORKING) - 1
    assert api.metrics()["mercado_api_models_dropped_total"] == (1 + ROUNDS) * others - (ROOM - 1)
    assert api.errors() == []


def test_many_who_ask_at_once_for_more_series_than_there_is_room_for_are_all_answered_by_the_right_model(
    api: ApiProcess, forecasters: Mapping[str, Forecaster]
) -> None:
    asked = [symbol for _ in range(4) for symbol in WORKING]
    with ThreadPoolExecutor(len(WORKING)) as pool:
        answers = list(pool.map(lambda symbol: ask(api, symbol), asked))
    for symbol, answer in zip(asked, answers, strict=True):
        if answer.status == 503:
            assert answer.headers["retry-after"] == "5"
        else:
            require_own(answer, symbol, forecasters)
    assert sum(answer.status == 200 for answer in answers) > len(answers) // 2
    assert len(in_memory(api)) <= ROOM
    wait_until(lambda: ask(api, WORKING[-1]).status == 200)
    assert api.errors() == []


def test_a_broken_champion_is_told_of_its_series_and_the_others_are_served(
    api: ApiProcess, forecasters: Mapping[str, Forecaster]
) -> None:
    refused = ask(api, BROKEN)
    assert refused.status == 503
    assert "direction.ubj is damaged" in refused.json()["detail"]
    require_own(ask(api, WORKING[1]), WORKING[1], forecasters)
    require_own(api.ask("GET", "/predict"), MAIN, forecasters)
    assert api.ask("GET", "/health/ready").status == 200
    (told,) = (each for each in api.read("/models")["items"] if each["symbol"] == BROKEN)
    assert "direction.ubj is damaged" in told["notice"]


def test_given_candles_are_forecast_by_the_model_of_the_series_that_they_are_of(
    api: ApiProcess, forecasters: Mapping[str, Forecaster]
) -> None:
    window = past_candles(FEATURE_WINDOW_BARS)
    for symbol in WORKING[:4]:
        require_own(api.ask("POST", "/predict", body_of(window) | {"symbol": symbol}), symbol, forecasters)
    refused = api.ask("POST", "/predict", body_of(window) | {"symbol": "DOGEUSDT"})
    assert refused.status == 422
    assert f"served ({', '.join(f'{symbol}-1h' for symbol in SYMBOLS)}): got DOGEUSDT-1h" in refused.json()["detail"]


def test_the_champion_of_another_series_than_the_default_ones_is_followed(
    api: ApiProcess, forecasters: Mapping[str, Forecaster], mlflow_server: MlflowServer, tmp_path: Path
) -> None:
    symbol, name = WORKING[2], model_name(WORKING[2], "1h")
    require_own(ask(api, symbol), symbol, forecasters)
    newer = train_forecaster(seed=77, symbol=symbol)
    version = register(mlflow_server.uri, name, newer, tmp_path / "newer")
    Registry(mlflow_server.uri, name).promote(version.version)
    wait_until(lambda: ask(api, symbol).json()["model"]["version"] == version.version)
    require_own(ask(api, symbol), symbol, {symbol: newer})
