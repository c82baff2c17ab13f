"""Whether the input of a model still looks like what it learned from."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.features import FEATURE_NAMES, LOOK_BACK_BARS, feature_matrix
from mercado.bitcoin.grid import Grid
from mercado.bitcoin.monitoring.distances import bin_counts
from mercado.bitcoin.monitoring.reference import (
    LEAST_WINDOW_ROWS,
    DriftReference,
    FeatureReference,
    Limits,
)
from mercado.bitcoin.monitoring.rules import MonitoringRules
from mercado.bitcoin.target import usable_rows

_LEAST_WINDOW_SHARE = 0.5
_NAMED = 5


@dataclass(frozen=True)
class FeatureDrift:
    """How far a feature is from its training values.

    Attributes:
        feature: Its name.
        psi: Population stability index, in nats; ``None``: unknown.
        distance: Kolmogorov-Smirnov's, 0 to 1; ``None``: unknown.
        limits: Of both.
    """

    feature: str
    psi: float | None
    distance: float | None
    limits: Limits

    @property
    def drifted(self) -> bool | None:
        """Return whether one of both is beyond its limit; ``None``: unknown."""
        if self.psi is None or self.distance is None:
            return None
        return self.psi > self.limits.psi or self.distance > self.limits.distance

    @property
    def excess(self) -> float | None:
        """Return how many times its limit the PSI is; ``None``: unknown."""
        return None if self.psi is None else self.psi / self.limits.psi


@dataclass(frozen=True)
class WindowDrift:
    """The features of the last days beside those of the training.

    Attributes:
        days: Length of the window.
        row_count: Bars whose features are whole.
        missing_share: Share of the window's bars that the exchange lacks; ``None``: there are not so many candles.
        missing_limit: Above it the candles have drifted.
        features: Each one's drift; unknown ones when there are too few rows.
    """

    days: int
    row_count: int
    missing_share: float | None
    missing_limit: float
    features: tuple[FeatureDrift, ...]

    @property
    def is_known(self) -> bool:
        """Return whether there are rows enough to say anything."""
        return all(feature.psi is not None for feature in self.features)

    @property
    def drifted(self) -> list[FeatureDrift]:
        """Return the features beyond their limits, the farthest first."""
        beyond = [feature for feature in self.features if feature.drifted]
        return sorted(beyond, key=lambda feature: -(feature.excess or 0.0))

    @property
    def drifted_share(self) -> float:
        """Return the share of the features that are beyond their limits."""
        return len(self.drifted) / len(self.features)


def measure_drift(reference: DriftReference, grid: Grid) -> list[WindowDrift]:
    """Compare the last bars with a training, in each window that it has limits for.

    A row counts when no bar of its look-back is missing, as in training; with less than half of the window's rows the
    drift is unknown.

    Args:
        reference: Of the model.
        grid: Candles up to the present, at least 1000 before the longest window.
    """
    features = feature_matrix(grid)
    usable = usable_rows(grid.missing, features, look_back_bars=LOOK_BACK_BARS, horizon_bars=0)
    return [_window(reference, days, grid, features, usable) for days in reference.window_days]


def drift_alarms(windows: list[WindowDrift], rules: MonitoringRules) -> list[str]:
    """Return what is wrong with the input, a sentence for each window and rule."""
    return [alarm for window in windows for alarm in (*_wandering(window, rules), *_holes(window))]


def drift_unknowns(windows: list[WindowDrift]) -> list[str]:
    """Return what is not known of the input."""
    if not windows:
        return ["Drift is unknown: the training's history was too short to tell how far its features wander."]
    return [
        f"Drift in {window.days} days is unknown: only {window.row_count} bars have all of their features."
        for window in windows
        if not window.is_known
    ]


def _window(
    reference: DriftReference,
    days: int,
    grid: Grid,
    features: NDArray[np.float32],
    usable: NDArray[np.bool_],
) -> WindowDrift:
    bars = reference.window_bars(days)
    rows = features[-bars:][usable[-bars:]]
    is_enough = len(rows) >= max(LEAST_WINDOW_ROWS, bars * _LEAST_WINDOW_SHARE)
    places = {name: place for place, name in enumerate(FEATURE_NAMES)}
    return WindowDrift(
        days=days,
        row_count=len(rows),
        missing_share=float(grid.missing[-bars:].mean()) if len(grid) >= bars else None,
        missing_limit=reference.missing_limits[days],
        features=tuple(
            _measured(feature, days, rows[:, places[feature.name]])
            if is_enough
            else FeatureDrift(feature.name, None, None, feature.limits[days])
            for feature in reference.features
        ),
    )


def _measured(reference: FeatureReference, days: int, values: NDArray[np.float32]) -> FeatureDrift:
    return FeatureDrift(
        feature=reference.name,
        psi=float(reference.psi(bin_counts(values, np.array(reference.edges)))),
        distance=float(reference.distance(bin_counts(values, np.array(reference.points)))),
        limits=reference.limits[days],
    )


def _wandering(window: WindowDrift, rules: MonitoringRules) -> Iterator[str]:
    if not window.is_known:
        return
    drifted, where = window.drifted, f"in the last {window.days} days"
    if window.drifted_share >= rules.drift_share:
        names = ", ".join(feature.feature for feature in drifted[:_NAMED])
        yield (
            f"{len(drifted)} of {len(window.features)} features are beyond their limits {where}, the share that is "
            f"allowed is {rules.drift_share:.0%}: {names}{', …' if len(drifted) > _NAMED else ''}."
        )
    far = [feature for feature in drifted if (feature.excess or 0.0) > rules.far_factor]
    if far:
        worst = far[0]
        yield (
            f"{worst.feature} is far from its training {where}: its PSI is {worst.psi:.2f}, more than "
            f"{rules.far_factor:g} times its limit of {worst.limits.psi:.2f}."
        )


def _holes(window: WindowDrift) -> Iterator[str]:
    if window.missing_share is not None and window.missing_share > window.missing_limit:
        yield (
            f"{window.missing_share:.1%} of the bars are missing in the last {window.days} days, more than "
            f"{window.missing_limit:.1%}, which no such window of the training exceeded."
        )
