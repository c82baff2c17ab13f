"""What the champion would have forecast at instants after its training at which nobody asked it."""

from collections.abc import Iterator

import numpy as np
import psycopg
from numpy.typing import NDArray

from mercado.bitcoin.features import FEATURE_WINDOW_BARS, feature_matrix
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.forecasts import Forecasts, forecast_of_row
from mercado.bitcoin.grid import Grid
from mercado.bitcoin.monitoring.truth import PACKAGE
from mercado.bitcoin.predictions import StoredPrediction, store_predictions
from mercado.bitcoin.store import length
from mercado.registry import ModelVersion
from mercado.warehouse.connection import sql


def replay(
    connection: psycopg.Connection, forecaster: Forecaster, version: ModelVersion, grid: Grid, *, start_ms: int
) -> int:
    """Store what a version would have forecast from each stored candle that it has not forecast from; return how many.

    Each forecast is the one that the API would have given, bit for bit: from the same 1000 bars, by the same trees.

    Args:
        connection: Open, owned by the caller.
        forecaster: The version, loaded.
        version: Of the registry.
        grid: Stored candles; the first 999 bars serve as warm-up only.
        start_ms: Instant, in milliseconds since the epoch, UTC, before which nothing is replayed: the end of the
            training's candles, or later.
    """
    due = _due(connection, forecaster, version, grid, start_ms=start_ms)
    first_open_ms, bar_ms = int(grid.series.open_time_ms[0]), forecaster.interval.milliseconds
    rows = {(open_ms - first_open_ms) // bar_ms: origin for open_ms, origin in due.items()}
    places = np.array([row for row in rows if row >= FEATURE_WINDOW_BARS - 1], dtype=np.int64)
    if places.size:
        forecasts = forecaster.predict_features(feature_matrix(grid)[places])
        store_predictions(connection, _predictions(forecaster, version, grid, places, forecasts, rows))
    return len(places)


def _due(
    connection: psycopg.Connection, forecaster: Forecaster, version: ModelVersion, grid: Grid, *, start_ms: int
) -> dict[int, str]:
    """Return open time and origin of the candles to forecast from, oldest first."""
    bar_ms = forecaster.interval.milliseconds
    values = {
        "symbol": forecaster.symbol,
        "interval": forecaster.interval.value,
        "length": length(forecaster.interval),
        "start_ms": start_ms - bar_ms,
        # Only what has come true by now: the newest forecasts are the API's to give.
        "end_ms": int(grid.series.open_time_ms[-1]) - (forecaster.horizon_bars - 1) * bar_ms,
        "model_name": version.name,
        "model_version": version.version,
        "run_id": version.run_id,
    }
    return dict(connection.execute(sql(PACKAGE, "candles_to_replay"), values).fetchall())


def _predictions(
    forecaster: Forecaster,
    version: ModelVersion,
    grid: Grid,
    places: NDArray[np.int64],
    forecasts: Forecasts,
    origins: dict[int, str],
) -> Iterator[StoredPrediction]:
    for row, place in enumerate(places.tolist()):
        window = grid[place - FEATURE_WINDOW_BARS + 1 : place + 1]
        yield StoredPrediction.of(
            forecast_of_row(window.series, forecasts, row),
            forecaster,
            version,
            window.series,
            kind="replayed",
            data_origin=origins[place],
            filled_count=int(window.missing.sum()),
        )
