"""The model that all servers of the benchmark serve: one version of MLflow's registry, and what it must answer."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mercado.bitcoin.boosters import fit_direction, fit_spread
from mercado.bitcoin.calibration import Calibration
from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.bitcoin.forecaster import FeatureTableForecaster, Forecaster
from mercado.bitcoin.golden import write_golden
from mercado.bitcoin.plan import BoosterParams
from mercado.registry import ModelVersion, Registry
from mercado.tracking import TrackedRun
from tests.benchmarks.hours import SYMBOL, hours
from tests.integration.trainings import latest_unbroken

# As a training on these hours chooses (docs/benchmarks/training.json).
PARAMS = BoosterParams(max_depth=4, rounds=110)
ROWS, WINDOWS = 64, 16
SEED = 7


@dataclass(frozen=True)
class Served:
    """A registered model, and the inputs that it is asked about.

    Attributes:
        version: The champion.
        forecaster: As it was registered.
        rows: Shape ``(ROWS, k)``, float32: feature rows.
        windows: Of 1000 candles each; the last one ends with the newest candle.
    """

    version: ModelVersion
    forecaster: Forecaster
    rows: NDArray[np.float32]
    windows: list[CandleSeries]


def register_champion(tracking_uri: str) -> Served:
    """Train a forecaster on all hours, register it with its golden vectors, and make it champion."""
    candles = hours()
    rows = build_training_set(candles, symbol=SYMBOL)
    forecaster = _trained(rows)
    chosen = np.random.default_rng(SEED).choice(len(rows), ROWS, replace=False)
    latest = latest_unbroken(candles, FEATURE_WINDOW_BARS + WINDOWS - 1)
    return Served(
        version=_registered(tracking_uri, forecaster, candles, rows),
        forecaster=forecaster,
        rows=rows.features[chosen],
        windows=[latest[first : first + FEATURE_WINDOW_BARS] for first in range(WINDOWS)],
    )


def _trained(rows: TrainingSet) -> Forecaster:
    low, high = np.quantile(rows.features, (0.001, 0.999), axis=0).astype(np.float32)
    return Forecaster(
        direction=fit_direction(rows.features, rows.up, PARAMS, seed=SEED, threads=1),
        spread=fit_spread(rows.features, rows.target, seed=SEED, threads=1),
        calibration=Calibration(kappa=0.5, interval_factor=2.4),
        feature_low=low,
        feature_high=high,
        symbol=rows.symbol,
        interval=rows.interval,
        training_digest=rows.digest,
        training_first_ms=rows.first_open_time_ms,
        training_last_ms=rows.last_open_time_ms,
    )


def _registered(tracking_uri: str, forecaster: Forecaster, candles: CandleSeries, rows: TrainingSet) -> ModelVersion:
    run = TrackedRun.start(tracking_uri, experiment="benchmarks", name="serving", note="")
    example = pd.DataFrame(rows.features[-1:], columns=list(rows.feature_names), dtype=np.float32)
    registry = Registry(tracking_uri)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        forecaster.save(folder)
        write_golden(folder, forecaster, candles)
        version = registry.register(
            folder,
            run_id=run.run_id,
            input_example=example,
            output_example=FeatureTableForecaster(forecaster).predict(example),
            metadata={},
            certified=True,
        )
    run.end()
    registry.promote(version.version)
    return version
