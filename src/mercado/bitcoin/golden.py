"""Golden vectors: candles, the feature rows and the forecasts that they must give, stored with the model.

Whoever loads the model computes them again: another version of a library, another processor or a damaged file that
gives other numbers is found before it answers anybody.
"""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.candles import PRICE_COLUMNS, CandleSeries
from mercado.bitcoin.features import FEATURE_WINDOW_BARS, latest_features
from mercado.bitcoin.grid import to_grid
from mercado.errors import ModelNotReadyError, NotEnoughDataError

if TYPE_CHECKING:
    from mercado.bitcoin.forecaster import Forecaster

FILE_NAME: Final = "golden.json"
VECTORS: Final = 3
TOLERANCE: Final = 1e-6
_COLUMNS: Final = ("open_time_ms", *PRICE_COLUMNS, "volume")


def write_golden(folder: Path, forecaster: "Forecaster", series: CandleSeries) -> None:
    """Write the vectors of the last candles that a forecast can be made from.

    Args:
        folder: The model's.
        forecaster: The model.
        series: Candles with an unbroken stretch of at least 1000.

    Raises:
        NotEnoughDataError: There is no such stretch.
    """
    candles = _last_unbroken(series)
    vectors = []
    for stop in range(max(FEATURE_WINDOW_BARS, len(candles) - VECTORS + 1), len(candles) + 1):
        window = candles[stop - FEATURE_WINDOW_BARS : stop]
        vectors.append(
            {"candles": stop, "features": _features(window).tolist(), "forecast": _answer(forecaster, window)}
        )
    content = {"candles": {name: getattr(candles, name).tolist() for name in _COLUMNS}, "vectors": vectors}
    (folder / FILE_NAME).write_text(json.dumps(content), encoding="utf-8")


def check_golden(folder: Path, forecaster: "Forecaster") -> None:
    """Compute the vectors again.

    Args:
        folder: The model's.
        forecaster: As loaded from there.

    Raises:
        ModelNotReadyError: They are missing or damaged, or a number differs by more than one in a million.
    """
    try:
        content = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
        if not content["vectors"]:
            raise ValueError("expected at least one vector")
        candles = CandleSeries(forecaster.interval, *(np.asarray(content["candles"][name]) for name in _COLUMNS))
        for vector in content["vectors"]:
            window = candles[vector["candles"] - FEATURE_WINDOW_BARS : vector["candles"]]
            _require_close("features", _features(window), np.asarray(vector["features"]))
            answer, expected = _answer(forecaster, window), vector["forecast"]
            for name, value in expected.items():
                _require_close(name, np.asarray(answer[name], dtype=np.float64), np.asarray(value, dtype=np.float64))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelNotReadyError(
            f"The golden vectors in {folder / FILE_NAME} cannot be read ({type(error).__name__}: {error}): the model "
            f"cannot be proved to answer as it was trained. Train again, or choose another version."
        ) from error


def _require_close(name: str, found: NDArray[Any], expected: NDArray[Any]) -> None:
    if found.shape != expected.shape or not np.allclose(found, expected, rtol=TOLERANCE, atol=TOLERANCE):
        raise ModelNotReadyError(
            f"The model does not answer here as it was trained: {name} of its golden vectors is {found}, expected "
            f"{expected}. Compare the versions of numpy, TA-Lib and XGBoost with those of the training."
        )


def _features(window: CandleSeries) -> NDArray[np.float32]:
    return latest_features(to_grid(window))


def _answer(forecaster: "Forecaster", window: CandleSeries) -> dict[str, Any]:
    answer = asdict(forecaster.forecast(window))
    return {name: value for name, value in answer.items() if isinstance(value, float)}


def _last_unbroken(series: CandleSeries) -> CandleSeries:
    """Return the last candles of the last unbroken stretch that is long enough, as many as the vectors need."""
    breaks = np.flatnonzero(np.diff(series.open_time_ms) != series.interval.milliseconds) + 1
    starts, stops = [0, *breaks.tolist()], [*breaks.tolist(), len(series)]
    for start, stop in zip(reversed(starts), reversed(stops), strict=True):
        if stop - start >= FEATURE_WINDOW_BARS:
            return series[max(start, stop - FEATURE_WINDOW_BARS - VECTORS + 1) : stop]
    raise NotEnoughDataError(
        f"A forecast needs {FEATURE_WINDOW_BARS} consecutive candles, and {len(series)} have no such stretch."
    )
