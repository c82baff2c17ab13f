"""The features of a series too long to be held at once, piece by piece, equal bit for bit to those of the whole.

A row reads the bars from 200 before its block on (`mercado.bitcoin.features`), so up to 999 bars are carried from one
piece to the next. They are on the grid already: a gap between two pieces is filled with the last close before it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.candles import PRICE_COLUMNS, CandleSeries
from mercado.bitcoin.features import BLOCK_BARS, LOOK_BACK_BARS, WARM_UP_BARS, feature_matrix
from mercado.bitcoin.grid import Grid, to_grid
from mercado.bitcoin.target import usable_rows

# A gap that lasts for years is filled with as many bars; their features are not computed all at once.
BARS_AT_ONCE = 100_000
_COLUMNS = ("open_time_ms", *PRICE_COLUMNS, "volume")


@dataclass(frozen=True)
class FeatureRows:
    """Features of consecutive bars of the regular grid, oldest first.

    Attributes:
        open_time_ms: Shape ``(n,)``, int64, milliseconds since the epoch, UTC.
        features: Shape ``(n, len(FEATURES))``, float32: rows of `feature_matrix` of the whole series.
        usable: Shape ``(n,)``: whether the bar and the `LOOK_BACK_BARS` before it exist, and its features are finite.
    """

    open_time_ms: NDArray[np.int64]
    features: NDArray[np.float32]
    usable: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.open_time_ms)


def feature_pieces(pieces: Iterable[CandleSeries]) -> Iterator[FeatureRows]:
    """Yield the features of every bar of a series, some bars at a time.

    Args:
        pieces: Consecutive candles of one series, oldest first, cut anywhere; read as they are needed.

    Yields:
        Rows that, put together, are `feature_matrix` of the whole series on its regular grid.

    Raises:
        InvalidCandlesError: Candles off the grid, out of order or repeated.
    """
    carried: Grid | None = None
    for piece in pieces:
        if len(piece) == 0:
            continue
        grid = to_grid(piece) if carried is None else _continued(carried, piece)
        done = 0 if carried is None else len(carried)
        while done < len(grid):
            first = _first_bar_read(grid, done)
            rows = grid[first : done + BARS_AT_ONCE]
            yield _rows(rows, skip=done - first)
            done = first + len(rows)
        carried = grid[_first_bar_read(grid, done) :]


def _first_bar_read(grid: Grid, place: int) -> int:
    """Return the place of the first bar that the features of the bar at ``place`` read."""
    return max(0, place - (grid.first_bar + place) % BLOCK_BARS - WARM_UP_BARS)


def _continued(carried: Grid, piece: CandleSeries) -> Grid:
    """Return the grid of bars that are on it already and of the candles that follow them."""
    both = ([getattr(series, name) for series in (carried.series, piece)] for name in _COLUMNS)
    series = CandleSeries(piece.interval, *map(np.concatenate, both))
    grid = to_grid(series)
    missing = grid.missing.copy()
    missing[: len(carried)] = carried.missing
    return Grid(grid.series, missing)


def _rows(grid: Grid, *, skip: int) -> FeatureRows:
    features = feature_matrix(grid)
    usable = usable_rows(grid.missing, features, look_back_bars=LOOK_BACK_BARS, horizon_bars=0)
    return FeatureRows(grid.series.open_time_ms[skip:], features[skip:], usable[skip:])
