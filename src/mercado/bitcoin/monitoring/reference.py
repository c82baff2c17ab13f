"""What a training's features looked like, and how far they wandered by themselves: stored with the model.

Features of prices are strongly autocorrelated: a month of hours holds a handful of independent volatilities, not 720.
So textbook limits (a PSI of 0.25, a Kolmogorov-Smirnov p-value) are crossed by almost every month of a market that goes
on as it always did. The limits here are what windows of the training's own history reached against the whole of it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.grid import Grid
from mercado.bitcoin.monitoring.distances import (
    bin_counts,
    distribution_distance,
    places_of,
    population_stability_index,
)
from mercado.errors import ModelNotReadyError

FILE_NAME: Final = "drift_reference.json"
FORMAT: Final = "mercado-drift-reference/1"
WINDOW_DAYS: Final = (7, 30)
LEAST_PSI_LIMIT: Final = 0.25
LEAST_DISTANCE_LIMIT: Final = 0.10
LEAST_MISSING_LIMIT: Final = 0.05
# The next month may go a little beyond the widest one of the history without being another market.
MARGIN: Final = 1.1
# With fewer windows that do not overlap, the history does not tell how far it wanders.
LEAST_WINDOWS: Final = 5
# Rows without which a window is not compared; of days of candles a week has seven.
LEAST_WINDOW_ROWS: Final = 24
LEFT_OUT: Final[Mapping[str, str]] = dict.fromkeys(
    ("hour_sin", "hour_cos", "day_sin", "day_cos"),
    "It is a function of the clock, which does not drift; hours that are missing are counted as missing bars.",
)
# Deciles, and the tails apart: where a whole window lies in the highest tenth, its PSI would have no room to grow.
_EDGES: Final = np.array([0.001, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 0.999])
_GRID: Final = np.linspace(0, 1, 101)
_WINDOWS_A_LENGTH: Final = 16  # each calibration window begins a sixteenth of its length after the one before
_DAY_MS: Final = 86_400_000


@dataclass(frozen=True)
class Limits:
    """How far a feature may be from its training in a window of one length.

    Attributes:
        psi: Of the population stability index, in nats.
        distance: Of the Kolmogorov-Smirnov distance.
    """

    psi: float
    distance: float


@dataclass(frozen=True)
class FeatureReference:
    """One feature's values in training.

    Attributes:
        name: Of the feature.
        edges: Deciles, and quantiles of the tails, ascending, each once.
        shares: Share of the rows in each bin: below the first edge, between two, above the last.
        points: Grid of quantiles, ascending, each once.
        cumulative: Share of the rows below each point.
        limits: By the window's length in days.
    """

    name: str
    edges: tuple[float, ...]
    shares: tuple[float, ...]
    points: tuple[float, ...]
    cumulative: tuple[float, ...]
    limits: Mapping[int, Limits]

    def psi(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the population stability index of windows, given their rows in each bin of ``edges``."""
        return population_stability_index(np.array(self.shares), counts)

    def distance(self, counts: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the Kolmogorov-Smirnov distance of windows, given their rows in each bin of ``points``."""
        return distribution_distance(np.array(self.cumulative), counts)


@dataclass(frozen=True)
class DriftReference:
    """What the input of a model is compared with.

    Attributes:
        interval: Of the candles.
        row_count: Rows that the model learned from.
        share_up: Share of them after which the price rose.
        missing_limits: Share of a window's bars that may be missing, by the window's length in days.
        features: Those that are compared.
        left_out: Those that are not, and why.
    """

    interval: CandleInterval
    row_count: int
    share_up: float
    missing_limits: Mapping[int, float]
    features: tuple[FeatureReference, ...]
    left_out: Mapping[str, str]

    @property
    def window_days(self) -> tuple[int, ...]:
        """Return the lengths of the windows that can be judged, the shortest first."""
        return tuple(sorted(self.missing_limits))

    def window_bars(self, days: int) -> int:
        """Return how many bars a window of so many days has."""
        return days * _DAY_MS // self.interval.milliseconds

    def write(self, folder: Path) -> None:
        """Write it into a model's folder."""
        content = {"format": FORMAT} | asdict(self)
        (folder / FILE_NAME).write_text(json.dumps(content), encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return the reference in a model's folder.

        Raises:
            ModelNotReadyError: There is none, or one that cannot be read.
        """
        try:
            content = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
            if content.pop("format") != FORMAT:
                raise ValueError(f"expected the format {FORMAT}")
            return cls(**_typed(content))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelNotReadyError(
                f"The drift reference {folder / FILE_NAME} cannot be read ({type(error).__name__}: {error}): nothing "
                f"says what the model's training looked like. Train again; older versions have none."
            ) from error


def build_reference(
    features: NDArray[np.float32],
    names: tuple[str, ...],
    grid: Grid,
    *,
    share_up: float,
    window_days: tuple[int, ...] = WINDOW_DAYS,
) -> DriftReference:
    """Return the reference of a training.

    Args:
        features: Shape ``(n, k)``, float32, finite: the training's rows, oldest first.
        names: The ``k`` features.
        grid: The candles that they were made from.
        share_up: Share of the rows after which the price rose.
        window_days: Lengths of the windows; those that the history is too short for are left out.
    """
    interval = grid.series.interval
    bars = {days: days * _DAY_MS // interval.milliseconds for days in window_days}
    bars = {days: length for days, length in bars.items() if _is_enough(len(features), length)}
    compared = ((name, features[:, place]) for place, name in enumerate(names) if name not in LEFT_OUT)
    return DriftReference(
        interval=interval,
        row_count=len(features),
        share_up=share_up,
        missing_limits={days: _missing_limit(grid.missing, length) for days, length in bars.items()},
        features=tuple(_feature_reference(name, values, bars) for name, values in compared),
        left_out={name: reason for name, reason in LEFT_OUT.items() if name in names},
    )


def _is_enough(rows: int, window_bars: int) -> bool:
    return window_bars >= LEAST_WINDOW_ROWS and rows >= LEAST_WINDOWS * window_bars


def _feature_reference(name: str, values: NDArray[np.float32], bars: Mapping[int, int]) -> FeatureReference:
    edges = np.unique(np.quantile(values, _EDGES)).astype(np.float64)
    points = np.unique(np.quantile(values, _GRID)).astype(np.float64)
    counts = bin_counts(values, edges)
    below = np.cumsum(bin_counts(values, points))
    reference = FeatureReference(
        name=name,
        edges=tuple(edges.tolist()),
        # Half a row for a bin that ties leave empty.
        shares=tuple((np.maximum(counts, 0.5) / np.maximum(counts, 0.5).sum()).tolist()),
        points=tuple(points.tolist()),
        cumulative=tuple((below[:-1] / below[-1]).tolist()),
        limits={},
    )
    return replace(reference, limits={days: _limits(reference, values, length) for days, length in bars.items()})


def _limits(reference: FeatureReference, values: NDArray[np.float32], bars: int) -> Limits:
    psi = reference.psi(_counts_of_windows(values, np.array(reference.edges), bars))
    distance = reference.distance(_counts_of_windows(values, np.array(reference.points), bars))
    return Limits(
        psi=max(LEAST_PSI_LIMIT, MARGIN * float(psi.max())),
        distance=max(LEAST_DISTANCE_LIMIT, MARGIN * float(distance.max())),
    )


def _counts_of_windows(values: NDArray[np.float32], edges: NDArray[np.float64], bars: int) -> NDArray[np.int64]:
    """Return the rows of each calibration window in each bin, shape ``(windows, bins)``; the last window ends last."""
    places = places_of(values, edges)
    bins = len(edges) + 1
    stops = np.arange(len(values), bars - 1, -max(1, bars // _WINDOWS_A_LENGTH))[::-1]
    cuts = np.unique(np.concatenate([stops - bars, stops]))
    # Rows in each bin between two cuts, summed up: memory grows with the windows, not with the rows.
    pieces = [np.bincount(places[start:stop], minlength=bins) for start, stop in _pairs(cuts)]
    before = np.concatenate([np.zeros((1, bins), dtype=np.int64), np.cumsum(pieces, axis=0)])
    return np.asarray(
        before[np.searchsorted(cuts, stops)] - before[np.searchsorted(cuts, stops - bars)], dtype=np.int64
    )


def _pairs(cuts: NDArray[np.int64]) -> Iterator[tuple[int, int]]:
    return zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True)


def _missing_limit(missing: NDArray[np.bool_], bars: int) -> float:
    before = np.concatenate([[0], np.cumsum(missing)])
    widest = int((before[bars:] - before[:-bars]).max()) if len(missing) >= bars else 0
    return min(1.0, max(LEAST_MISSING_LIMIT, MARGIN * widest / bars))


def _typed(content: dict[str, Any]) -> dict[str, Any]:
    return content | {
        "interval": CandleInterval(content["interval"]),
        "missing_limits": {int(days): limit for days, limit in content["missing_limits"].items()},
        "features": tuple(_feature(values) for values in content["features"]),
    }


def _feature(values: dict[str, Any]) -> FeatureReference:
    columns = {name: tuple(values[name]) for name in ("edges", "shares", "points", "cumulative")}
    limits = {int(days): Limits(**each) for days, each in values["limits"].items()}
    return FeatureReference(name=values["name"], limits=limits, **columns)
