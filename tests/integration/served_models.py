"""Models in a real registry for the API to serve, and candles in a real warehouse for it to read."""

from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import mlflow
import numpy as np
import pandas as pd
import psycopg
from pydantic import SecretStr

from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.features import FEATURE_NAMES, FEATURE_WINDOW_BARS
from mercado.bitcoin.forecaster import FeatureTableForecaster, Forecaster
from mercado.bitcoin.kline_rows import candle_block
from mercado.bitcoin.store import StagedAnswer, merge_answers
from mercado.registry import ModelVersion, Registry
from mercado.tracking import TrackedRun
from mercado.warehouse.connection import connect
from mercado.warehouse.loads import RawAnswer, recorded_load
from mercado.warehouse.schema import migrate
from tests.api.builders import HOUR_MS, VALUE_COLUMNS, Body, generate_candles, save_model
from tests.conftest import DatabaseServer
from tests.mlflow_server import MlflowServer

SYMBOL: Final = "BTCUSDT"
EXAMPLE: Final = pd.DataFrame(np.zeros((1, len(FEATURE_NAMES)), dtype=np.float32), columns=list(FEATURE_NAMES))
# So many hours before those of `generate_candles`, that they have closed by the clock of whoever runs the tests.
PAST_HOURS: Final = 17_520


def past_candles(count: int, *, seed: int = 7) -> CandleSeries:
    """Return ``count`` hours, the last of which closed as 2024-01-02 began."""
    series = generate_candles(count, seed=seed)
    return replace(series, open_time_ms=series.open_time_ms - PAST_HOURS * HOUR_MS)


def columns_of(series: CandleSeries) -> dict[str, list[float]]:
    """Return candles as a request holds them."""
    return {name: getattr(series, name).tolist() for name in ("open_time_ms", *VALUE_COLUMNS)}


def body_of(series: CandleSeries) -> Body:
    """Return a body for POST /predict."""
    return {"symbol": SYMBOL, "interval": series.interval.value, "candles": columns_of(series)}


def warehouse_with_window(server: DatabaseServer, name: str) -> SecretStr:
    """Make a warehouse that holds the candles of the last window, and return its owner's URL."""
    url = server.create_database(name)
    migrate(url)
    with connect(url, application="tests") as connection:
        store_series(connection, past_candles(FEATURE_WINDOW_BARS))
    return url


def store_series(connection: psycopg.Connection, series: CandleSeries, *, symbol: str = SYMBOL) -> None:
    """Load candles into the warehouse, as a download does."""
    step = series.interval.milliseconds
    rows = [
        (open_ms, *map(repr, values), open_ms + step - 1, "1", 1, "1", "1", "0")
        for open_ms, *values in zip(*columns_of(series).values(), strict=True)
    ]
    end_ms = int(series.open_time_ms[-1]) + step
    block = candle_block(rows, interval=series.interval, start_ms=0, end_ms=end_ms, where="tests")
    answer = RawAnswer(url="tests", sha256="0" * 64, byte_count=len(block.csv), rows_read=len(rows))
    scope = f"{symbol} {series.interval}"
    with recorded_load(connection, source="binance", scope=scope, origin="simulator: tests") as load_id:
        merge_answers(
            connection, [StagedAnswer(block, answer)], symbol=symbol, interval=series.interval, load_id=load_id
        )


def register(tracking_uri: str, name: str, forecaster: Forecaster, folder: Path) -> ModelVersion:
    """Register a forecaster with its golden vectors, certified, as a training does."""
    save_model(folder, forecaster)
    run = TrackedRun.start(tracking_uri, experiment="tests", name=folder.name, note="")
    version = Registry(tracking_uri, name).register(
        folder,
        run_id=run.run_id,
        input_example=EXAMPLE,
        output_example=FeatureTableForecaster(forecaster).predict(EXAMPLE),
        metadata={},
        certified=True,
    )
    run.end()
    return version


def stored_file(server: MlflowServer, version: ModelVersion, name: str) -> Path:
    """Return a version's file in the folder behind MLflow's artifact proxy."""
    uri = mlflow.MlflowClient(server.uri).get_model_version_download_uri(version.name, str(version.version))
    folder: Path = server.artifacts / urlsplit(uri).path.lstrip("/")
    (file,) = folder.rglob(name)
    return file
