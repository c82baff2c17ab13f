"""What the tests of the API are made of: candles, a forecaster trained small, a registry in folders, requests."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np

from fastapi_app.warehouse import LatestCandles
from mercado.bitcoin.boosters import fit_direction, fit_spread
from mercado.bitcoin.calibration import Calibration
from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.dataset import build_training_set
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.plan import BoosterParams
from mercado.errors import ServiceUnavailableError
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
        return None if number is None else _version(number)

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
    """A warehouse reader that answers with what it is given, or raises it."""

    answer: LatestCandles | Callable[[], LatestCandles]

    def latest(self, symbol: str, interval: CandleInterval) -> LatestCandles:
        return self.answer if isinstance(self.answer, LatestCandles) else self.answer()


def _version(number: int) -> ModelVersion:
    created_at_ms = int(datetime(2025, 12, 31, 12, tzinfo=UTC).timestamp() * 1000)
    tags = {"verdict": "promoted"}
    return ModelVersion(FORECASTER_MODEL, number, f"run-{number}", created_at_ms, (CHAMPION,), tags)
