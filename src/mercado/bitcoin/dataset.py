"""The training set: every usable bar's features and what came next, named by a digest of its exact bytes."""

import hashlib
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.features import FEATURE_NAMES, FEATURE_WINDOW_BARS, feature_matrix
from mercado.bitcoin.grid import to_grid
from mercado.bitcoin.target import next_log_return, usable_rows
from mercado.errors import NotEnoughDataError


@dataclass(frozen=True)
class TrainingSet:
    """Rows to learn from, oldest first; row ``i`` is one bar, as known when it closed.

    Attributes:
        symbol: Such as ``BTCUSDT``.
        interval: Length of each bar.
        feature_names: The ``k`` columns of ``features``.
        features: Shape ``(n, k)``, float32, finite, dimensionless.
        target: Shape ``(n,)``, float64: the next bar's log return.
        open_time_ms: Shape ``(n,)``, int64, milliseconds since the epoch, UTC, ascending; bars may be absent.
    """

    symbol: str
    interval: CandleInterval
    feature_names: tuple[str, ...]
    features: NDArray[np.float32]
    target: NDArray[np.float64]
    open_time_ms: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.target)

    def __getitem__(self, rows: slice) -> Self:
        """Return the rows in ``rows``, as views."""
        return replace(
            self, features=self.features[rows], target=self.target[rows], open_time_ms=self.open_time_ms[rows]
        )

    @property
    def up(self) -> NDArray[np.bool_]:
        """Return whether the next close is higher; an unchanged price is not up."""
        return self.target > 0

    @property
    def previous_return(self) -> NDArray[np.float32]:
        """Return each bar's own log return, which the naive forecasts read."""
        return self.features[:, self.feature_names.index("return_lag_0")]

    @property
    def first_open_time_ms(self) -> int:
        """Return the first row's open time."""
        return int(self.open_time_ms[0])

    @property
    def last_open_time_ms(self) -> int:
        """Return the last row's open time; its label is known two intervals later."""
        return int(self.open_time_ms[-1])

    @property
    def gap_count(self) -> int:
        """Return how often at least one bar is absent between two rows."""
        return int((np.diff(self.open_time_ms) > self.interval.milliseconds).sum())

    @property
    def digest(self) -> str:
        """Return the sha256, in hexadecimal, of the symbol, interval, feature names and the arrays' exact bytes."""
        header = "\n".join((self.symbol, self.interval, *self.feature_names))
        digest = hashlib.sha256(header.encode())
        for array in (self.features, self.target, self.open_time_ms):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def build_training_set(series: CandleSeries, *, symbol: str) -> TrainingSet:
    """Build the training set of a series of closed candles.

    Args:
        series: Closed candles, strictly ascending, on multiples of the interval; gaps are allowed.
        symbol: Such as ``BTCUSDT``; kept, and part of the digest.

    Returns:
        One row for every bar that exists, whose neighbours exist, and whose 500 to 999 bars of warm-up are in
        ``series``.

    Raises:
        InvalidCandlesError: Candles off the grid, out of order or repeated.
        NotEnoughDataError: No usable bar.
    """
    if len(series) == 0:
        raise _nothing_to_learn(series, symbol)
    grid = to_grid(series)
    features = feature_matrix(grid)
    usable = usable_rows(grid.missing, features)
    if not usable.any():
        raise _nothing_to_learn(series, symbol)
    target = next_log_return(grid.series.close)
    return TrainingSet(
        symbol, series.interval, FEATURE_NAMES, features[usable], target[usable], grid.series.open_time_ms[usable]
    )


def _nothing_to_learn(series: CandleSeries, symbol: str) -> NotEnoughDataError:
    return NotEnoughDataError(
        f"No bar of {symbol} {series.interval} can be learned from: {len(series)} candles given, more than "
        f"{FEATURE_WINDOW_BARS} consecutive ones needed. Download more candles first."
    )
