"""The leak certificate: proof, on the very candles of a training, that no feature reads a later bar.

Three things are tried at bars drawn by lot. *Prefix*: without any later bar a row is the same, bit for bit. *Future*:
with absurd later bars it is the same. *Memory*: from its last 1000 bars alone, as it is served, it is the same. A
feature that fails one of them either knows the future or cannot be served as it was trained.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.features import BLOCK_BARS, FEATURE_NAMES, FEATURE_WINDOW_BARS, feature_matrix
from mercado.bitcoin.grid import Grid, to_grid
from mercado.errors import NotEnoughDataError

BARS_TRIED: Final = 160
PLACES_OF_A_KIND: Final = 10
FINDINGS_KEPT: Final = 20
_LATER_BARS: Final = 1500
FeatureFunction = Callable[[Grid], NDArray[np.float32]]


@dataclass(frozen=True)
class Finding:
    """A feature of a bar that changed though nothing it may read did.

    Attributes:
        check: ``prefix``, ``future`` or ``memory``.
        feature: Its name.
        open_time_ms: Of the bar, milliseconds since the epoch, UTC.
        value: As it should be, as text, since it may be no number.
        instead: In the check.
    """

    check: str
    feature: str
    open_time_ms: int
    value: str
    instead: str

    def __str__(self) -> str:
        when = np.datetime64(self.open_time_ms, "ms")
        return f"{self.feature} of {when} is {self.value}, but {self.instead} in the check '{self.check}'"


@dataclass(frozen=True)
class LeakCertificate:
    """What was tried, and what was found.

    Attributes:
        passed: Whether nothing was found.
        bars: How many bars were tried, each in three ways.
        features: The features' names.
        first_open_time_ms: Of the first candle.
        last_open_time_ms: Of the last one.
        candles: How many there are.
        seed: Of the draw.
        findings: The first ones; none when it passed.
        dataset_sha256: Digest of the training set that it was issued for; empty for candles alone.
    """

    passed: bool
    bars: int
    features: tuple[str, ...]
    first_open_time_ms: int
    last_open_time_ms: int
    candles: int
    seed: int
    findings: tuple[Finding, ...]
    dataset_sha256: str = ""

    @property
    def sentence(self) -> str:
        """Return what it says, for a person."""
        if self.passed:
            return (
                f"{len(self.features)} features of {self.bars} bars read nothing later, and nothing before 1000 bars."
            )
        return f"A feature reads what it may not: {self.findings[0]}."

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return asdict(self)

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return what `as_json` made ``values`` from."""
        findings = tuple(Finding(**finding) for finding in values["findings"])
        return cls(**values | {"features": tuple(values["features"]), "findings": findings})


def certify(
    series: CandleSeries,
    *,
    seed: int,
    compute: FeatureFunction = feature_matrix,
    feature_names: tuple[str, ...] = FEATURE_NAMES,
    bars: int = BARS_TRIED,
) -> LeakCertificate:
    """Try the features on candles.

    Args:
        series: Those that a model is trained on; gaps are allowed.
        seed: Of the draw of bars.
        compute: The features of every bar of a grid, as known when it closes; NaN where they are not.
        feature_names: Their columns.
        bars: How many bars to draw. Beside them the last bar, some at the ends of the features' blocks, and some before
            a gap are always tried: where a mistake would hide from the draw.

    Raises:
        NotEnoughDataError: No bar has features.
    """
    grid = to_grid(series)
    whole = compute(grid)
    known = np.flatnonzero(np.isfinite(whole).all(axis=1))
    known = known[known >= FEATURE_WINDOW_BARS - 1]
    if not len(known):
        raise NotEnoughDataError(f"No bar of {len(grid)} has all its features: download more candles first.")
    random = np.random.default_rng(seed)
    tried = _places(grid, known, random, bars)
    findings = [finding for place in tried for finding in _findings(grid, whole, place, compute, feature_names, random)]
    return LeakCertificate(
        passed=not findings,
        bars=len(tried),
        features=feature_names,
        first_open_time_ms=int(series.open_time_ms[0]),
        last_open_time_ms=int(series.open_time_ms[-1]),
        candles=len(series),
        seed=seed,
        findings=tuple(findings[:FINDINGS_KEPT]),
    )


def _places(grid: Grid, known: NDArray[np.int64], random: np.random.Generator, bars: int) -> list[int]:
    in_block = (grid.first_bar + known) % BLOCK_BARS
    before_gap = known[:-1][grid.missing[known[:-1] + 1] & ~grid.missing[known[:-1]]]
    kinds = (known[in_block == BLOCK_BARS - 1], known[in_block == 0], before_gap)
    drawn = random.choice(known, size=min(bars, len(known)), replace=False)
    special = [random.permutation(kind)[:PLACES_OF_A_KIND] for kind in kinds]
    return sorted({int(known[-1]), *np.concatenate([drawn, *special]).tolist()})


def _findings(
    grid: Grid,
    whole: NDArray[np.float32],
    place: int,
    compute: FeatureFunction,
    names: tuple[str, ...],
    random: np.random.Generator,
) -> Iterator[Finding]:
    # What comes before is the same in "prefix" and "future" and in what they are compared with, so that a feature which
    # reads further back than it may is found by "memory" alone.
    start = max(0, place + 1 - 2 * FEATURE_WINDOW_BARS)
    stop = min(len(grid), place + 1 + _LATER_BARS)
    first = place + 1 - FEATURE_WINDOW_BARS
    known = compute(grid[start:stop])[place - start]
    checks = (
        ("prefix", known, compute(grid[start : place + 1])[-1]),
        ("future", known, compute(_with_another_future(grid[start:stop], place - start, random))[place - start]),
        ("memory", whole[place], compute(grid[first : place + 1])[-1]),
    )
    for check, expected, row in checks:
        for column in np.flatnonzero(row.view(np.uint32) != expected.view(np.uint32)):
            yield Finding(
                check=check,
                feature=names[column],
                open_time_ms=int(grid.series.open_time_ms[place]),
                value=f"{expected[column]:.9g}",
                instead=f"{row[column]:.9g}",
            )


def _with_another_future(bars: Grid, place: int, random: np.random.Generator) -> Grid:
    """Return the bars with other prices and volumes after ``place``, and there missing what is not and the reverse."""
    later = np.arange(len(bars)) > place
    columns = {
        name: np.where(
            later, getattr(bars.series, name) * np.exp(random.normal(1, 1, len(bars))), getattr(bars.series, name)
        )
        for name in ("open", "high", "low", "close", "volume")
    }
    return Grid(replace(bars.series, **columns), bars.missing ^ later)
