"""Features of every hour, ours against pandas and against TA-Lib's calls alone; and what one request costs."""

import inspect
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
import talib

from mercado.bitcoin import indicators
from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.features import (
    BLOCK_BARS,
    FEATURE_NAMES,
    FEATURE_WINDOW_BARS,
    WARM_UP_BARS,
    feature_matrix,
    latest_features,
)
from mercado.bitcoin.grid import Grid, to_grid
from tests.benchmarks import features_plain
from tests.benchmarks.features_floor import talib_calls
from tests.benchmarks.hours import hours, hours_name

PACKAGES = ("numpy", "pandas", "TA-Lib")
ROUNDS = 15
MOST_FLOORS = 3
# The plain way differs in rare rows: ADX and MFI see ties of rounded prices.
LEAST_AGREEMENT = 0.999
Call = Callable[[], Any]


def run() -> dict[str, Any]:
    """Measure and return the figures: medians of interleaved rounds in one process."""
    series = hours()
    grid, window = to_grid(series), series[-FEATURE_WINDOW_BARS:]
    at_once, in_blocks = talib_calls(grid), _recorded_calls(grid)
    sides: dict[str, Call] = {
        "ours": lambda: feature_matrix(to_grid(series)),
        "plain": lambda: _plain(series),
        "floor": lambda: _make(at_once),
        "kept": lambda: [call() for call in at_once],
        "blocks": lambda: _make(in_blocks),
        "request": lambda: latest_features(to_grid(window)),
        "cci": lambda: features_plain.cci(features_plain.frame(to_grid(series))),
    }
    _require_same_calls(at_once, in_blocks)
    _require_agreement(series)
    medians = {side: round(seconds * 1000, 3) for side, seconds in _medians(sides).items()}
    return {
        "what": f"{len(FEATURE_NAMES)} features of {len(series):,} candles ({hours_name()})",
        **{side: {"milliseconds": medians[side]} for side in ("ours", "plain", "floor")},
        "ratio": {
            "plain / ours": round(medians["plain"] / medians["ours"], 1),
            "ours / floor": round(medians["ours"] / medians["floor"], 1),
        },
        "target": {"ours / floor": f"< {MOST_FLOORS}"},
        "also": {
            "the floor that keeps what TA-Lib returns, as any use of it must": {"milliseconds": medians["kept"]},
            f"TA-Lib's calls alone in blocks of {BLOCK_BARS} bars, each after {WARM_UP_BARS} of warm-up, as ours": {
                "milliseconds": medians["blocks"]
            },
            f"features of the last of {FEATURE_WINDOW_BARS} bars, as a request needs them": {
                "milliseconds": medians["request"]
            },
            "the plain way's CCI alone, which pandas computes window by window": {"milliseconds": medians["cci"]},
        },
        "rounds": ROUNDS,
    }


def _medians(sides: dict[str, Call]) -> dict[str, float]:
    """Return the median seconds of each side; the rounds are interleaved, so that all meet the same machine."""
    seconds: dict[str, list[float]] = {side: [] for side in sides}
    for _ in range(ROUNDS):
        for side, call in sides.items():
            started = time.perf_counter()
            call()
            seconds[side].append(time.perf_counter() - started)
    return {side: median(taken) for side, taken in seconds.items()}


def _plain(series: CandleSeries) -> Any:
    return features_plain.features(features_plain.frame(to_grid(series)))


def _make(calls: "list[partial[Any]]") -> None:
    """Make the calls, and keep nothing of them."""
    for call in calls:
        call()


def _recorded_calls(grid: Grid) -> "list[partial[Any]]":
    """Return the calls of TA-Lib that the features make."""
    calls: list[partial[Any]] = []

    class Recorder:
        def __getattr__(self, name: str) -> Callable[..., Any]:
            def recorded(*arguments: Any) -> Any:
                calls.append(partial(inspect.unwrap(getattr(talib, name)), *arguments))
                return calls[-1]()

            return recorded

    with patch.object(indicators, "talib", Recorder()):
        feature_matrix(grid)
    return calls


def _require_same_calls(floor: "list[partial[Any]]", ours: "list[partial[Any]]") -> None:
    """Exit unless the floor makes the calls that the features make."""
    made, expected = ({_without_arrays(call) for call in calls} for calls in (floor, ours))
    if made != expected:
        sys.exit(f"the features call {sorted(expected)}, the floor {sorted(made)}")


def _without_arrays(call: "partial[Any]") -> tuple[Any, ...]:
    return (call.func.__name__, *(argument for argument in call.args if not isinstance(argument, np.ndarray)))


def _require_agreement(series: CandleSeries) -> None:
    """Exit unless both ways compute the same features."""
    ours, plain = feature_matrix(to_grid(series)), _plain(series).to_numpy()
    rows = np.isfinite(ours).all(axis=1) & ~to_grid(series).missing
    agreement = float(np.isclose(ours[rows], plain[rows], rtol=1e-4, atol=1e-5).mean())
    if agreement < LEAST_AGREEMENT:
        sys.exit(f"ours and the plain way agree in {agreement:.2%} of the values, expected {LEAST_AGREEMENT:.1%}")
