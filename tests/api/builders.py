"""What the tests of the API are made of: candles, a forecaster trained small, a registry in folders, requests."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import numpy as np
from fastapi import FastAPI

from fastapi_app.warehouse import CandleMark, LatestCandles
from mercado.bitcoin.boosters import fit_direction, fit_spread
from mercado.bitcoin.calibration import Calibration
from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.dataset import build_training_set
from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.golden import write_golden
from mercado.bitcoin.grid import Grid, to_grid
from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.predictions import StoredPrediction
from mercado.errors import ConfigurationError, NotEnoughDataError, ServiceUnavailableError
from mercado.registry import CHAMPION, FORECASTER_MODEL, ModelVersion

HOUR_MS: Final = 3_600_000
NOW: Final = datetime(2026, 1, 1, 0, 5, tzinfo=UTC)
LAST_OPEN_MS: Final = int(datetime(2025, 12, 31, 23, tzinfo=UTC).timestamp() * 1000)
VALUE_COLUMNS: Final = ("open", "high", "low", "close", "volume")
Body = dict[str, Any]


def generate_candles(count: int, *, seed: int = 7) -> CandleSeries:
    """Return ``count`` hours whose last one closed five minutes before `NOW`."""
    rng = np.random.default_rng(seed)
    close = np.round(90_000 * np.exp(np.cumsum(rng.normal(0, 0.004, count))), 2)
    open_ = np.concatenate([[90_000.0], close[:-1]])
    high = np.maximum(open_, close) + np.round(rng.uniform(0, 200, count), 2)
    low = np.minimum(open_, close) - np.round(rng.uniform(0, 200, count), 2)
    times = LAST_OPEN_MS + HOUR_MS * np.arange(1 - count, 1, dtype=np.int64)
    return CandleSeries(CandleInterval.ONE_HOUR, times, open_, high, low, close, np.round(rng.gamma(2, 200, count), 3))


def train_forecaster(*, seed: int = 7, symbol: str = "BTCUSDT") -> Forecaster:
    """Return a real forecaster, trained small; each seed gives another one."""
    rows = build_training_set(generate_candles(2500, seed=seed), symbol=symbol)
    low, high = np.quantile(rows.features, (0.001, 0.999), axis=0).astype(np.float32)
    return Forecaster(
        direction=fit_direction(rows.features, rows.up, BoosterParams(rounds=5), seed=seed, threads=1),
        spread=fit_spread(rows.features, rows.target, seed=seed, threads=1),
        calibration=Calibration(kappa=0.5, interval_factor=2.4),
        feature_low=low,
        feature_high=high,
        symbol=rows.symbol,
        interval=rows.interval,
        training_digest=rows.digest,
        training_first_ms=rows.first_open_time_ms,
        training_last_ms=rows.last_open_time_ms,
    )


def save_model(folder: Path, forecaster: Forecaster) -> None:
    """Write a forecaster with its golden vectors, as a training does."""
    forecaster.save(folder)
    write_golden(folder, forecaster, generate_candles(FEATURE_WINDOW_BARS + 2))


def column_body(count: int = 1000, **changes: Any) -> Body:
    """Return a good body for POST /predict with its candles as columns, and ``changes`` put over the columns."""
    series = generate_candles(count)
    candles = {"open_time_ms": series.open_time_ms.tolist()}
    candles |= {name: getattr(series, name).tolist() for name in VALUE_COLUMNS}
    return {"symbol": "BTCUSDT", "interval": "1h", "candles": candles | changes}


def object_body(count: int = 1000) -> Body:
    """Return the same body with its candles as objects."""
    body = column_body(count)
    names, columns = zip(*body["candles"].items(), strict=True)
    return body | {"candles": [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]}


def without(series: CandleSeries, *rows: int) -> CandleSeries:
    """Return a series without some of its candles, as after an outage of the exchange."""
    columns = (np.delete(getattr(series, name), rows) for name in ("open_time_ms", *VALUE_COLUMNS))
    return CandleSeries(series.interval, *columns)


@dataclass
class FolderRegistry:
    """A registry of models in folders, that can be made to fail as MLflow does.

    Attributes:
        folders: The forecaster's folder of each version.
        champion_number: The version that the alias names, or ``None``.
        down: Whether it answers at all.
        downloads: The versions that were fetched, in order.
    """

    folders: dict[int, Path] = field(default_factory=dict)
    champion_number: int | None = None
    down: bool = False
    name: str = FORECASTER_MODEL
    downloads: list[int] = field(default_factory=list)

    def champion(self) -> ModelVersion | None:
        self._answer()
        number = self.champion_number
        return None if number is None else _version(self.name, number)

    def versions(self) -> list[ModelVersion]:
        self._answer()
        return [_version(self.name, number) for number in sorted(self.folders, reverse=True)]

    def why_no_champion(self) -> str:
        self._answer()
        return f"No version of {self.name} was registered yet: run the DAG bitcoin_training_pipeline."

    def download(self, version: ModelVersion, folder: Path) -> Path:
        self._answer()
        self.downloads.append(version.version)
        return Path(shutil.copytree(self.folders[version.version], folder / "forecaster"))

    def _answer(self) -> None:
        if self.down:
            raise ServiceUnavailableError("MLflow at http://127.0.0.1:5000 cannot answer: connection refused")


@dataclass
class StoredCandles:
    """A warehouse reader that answers with what it is given, or raises it.

    Attributes:
        answer: The newest candles, or what raises.
        history: All candles, gaps left out; when not given, the newest ones.
        mark_number: Changes when the candles do.
        reads: How often they were read.
        stored: Predictions that were stored.
    """

    answer: LatestCandles | Callable[[], LatestCandles]
    mark_number: int = 1
    reads: int = 0
    configured: bool = True
    stored: list[StoredPrediction] = field(default_factory=list)
    history: CandleSeries | None = None

    def require_current_schema(self) -> None:
        self._answer()

    def mark(self, symbol: str, interval: CandleInterval) -> CandleMark:
        self._answer()
        return CandleMark(LAST_OPEN_MS, self.mark_number)

    def latest(self, symbol: str, interval: CandleInterval) -> LatestCandles:
        self.reads += 1
        return self._answer()

    def between(self, symbol: str, interval: CandleInterval, *, start_ms: int, end_ms: int) -> tuple[Grid, str]:
        answer = self._answer()
        series = self.history or answer.series
        first, last = np.searchsorted(series.open_time_ms, (start_ms, end_ms))
        if first == last:
            raise NotEnoughDataError(f"No candle of {symbol} {interval} is stored in the time that was asked for.")
        return to_grid(series[first:last]), answer.origin

    def prediction(self, prediction_id: UUID) -> None:
        self._answer()

    def loads_of(self, prediction: dict[str, Any]) -> list[dict[str, Any]]:
        self._answer()
        return []

    def read(self, work: Callable[[Any], Any]) -> Any:
        """What is read of tables is tried on a real PostgreSQL (tests/integration/test_reading.py)."""
        raise ConfigurationError("No warehouse is configured.")

    def store(self, predictions: Sequence[StoredPrediction]) -> None:
        self._answer()
        self.stored.extend(predictions)

    def _answer(self) -> LatestCandles:
        return self.answer if isinstance(self.answer, LatestCandles) else self.answer()


def read_from(app: FastAPI, stored: StoredCandles) -> None:
    """Let an application that is not started read ``stored`` in place of a warehouse, and follow its model."""
    services = app.state.services
    for user in (services.log, services.latest, services.watch):
        user._reader = stored
    app.state.services = replace(services, reader=stored)
    services.follower.poll()


def _version(name: str, number: int) -> ModelVersion:
    created_at_ms = int(datetime(2025, 12, 31, 12, tzinfo=UTC).timestamp() * 1000)
    tags = {"verdict": "promoted"}
    return ModelVersion(name, number, f"run-{number}", created_at_ms, (CHAMPION,), tags)
