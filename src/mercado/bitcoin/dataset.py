"""The training set: every usable bar's features and what came next, named by a digest of its exact bytes."""

import hashlib
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.features import FEATURE_NAMES, FEATURE_WINDOW_BARS, LOOK_BACK_BARS, WARM_UP_BARS, feature_matrix
from mercado.bitcoin.grid import Grid, to_grid
from mercado.bitcoin.target import HORIZON_BARS, log_return_ahead, usable_rows
from mercado.errors import NotEnoughDataError


@dataclass(frozen=True)
class CandlesRead:
    """The candles that a training set was made from, up to the one that labels its last row.

    Attributes:
        first_open_time_ms: When the oldest opens, milliseconds since the epoch, UTC.
        count: How many there are.
        gap_count: Outages among them: runs of bars that the regular grid has, and the exchange has not.
        missing_count: Bars that are missing in all of those.
    """

    first_open_time_ms: int
    count: int
    gap_count: int
    missing_count: int


@dataclass(frozen=True)
class TrainingSet:
    """Rows to learn from, oldest first; row ``i`` is one bar, as known when it closed.

    Attributes:
        symbol: Such as ``BTCUSDT``.
        interval: Length of each bar.
        feature_names: The ``k`` columns of ``features``.
        features: Shape ``(n, k)``, float32, finite, dimensionless.
        target: Shape ``(n,)``, float64: log return of the next ``horizon_bars``.
        open_time_ms: Shape ``(n,)``, int64, milliseconds since the epoch, UTC, ascending; bars may be absent.
        candles: What all rows were made from; a slice keeps it.
        horizon_bars: How far ahead the target looks.
    """

    symbol: str
    interval: CandleInterval
    feature_names: tuple[str, ...]
    features: NDArray[np.float32]
    target: NDArray[np.float64]
    open_time_ms: NDArray[np.int64]
    candles: CandlesRead
    horizon_bars: int = HORIZON_BARS

    def __len__(self) -> int:
        return len(self.target)

    def __getitem__(self, rows: slice) -> Self:
        """Return the rows in ``rows``, as views."""
        return replace(
            self, features=self.features[rows], target=self.target[rows], open_time_ms=self.open_time_ms[rows]
        )

    @property
    def up(self) -> NDArray[np.bool_]:
        """Return whether the later close is higher; an unchanged price is not up."""
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
        """Return the last row's open time."""
        return int(self.open_time_ms[-1])

    @property
    def candles_before_ms(self) -> int:
        """Return the instant before which the last candle opens that a row reads: the one that labels the last row."""
        return self.last_open_time_ms + (self.horizon_bars + 1) * self.interval.milliseconds

    @property
    def gap_count(self) -> int:
        """Return how many outages the candles have; two that are close to each other leave no row between them."""
        return self.candles.gap_count

    @property
    def digest(self) -> str:
        """Return the sha256, hexadecimal, of symbol, interval, horizon, feature names and the arrays' exact bytes."""
        header = "\n".join((self.symbol, self.interval, str(self.horizon_bars), *self.feature_names))
        digest = hashlib.sha256(header.encode())
        for array in (self.features, self.target, self.open_time_ms):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()


def build_training_set(series: CandleSeries, *, symbol: str, horizon_bars: int = HORIZON_BARS) -> TrainingSet:
    """Build the training set of a series of closed candles.

    Args:
        series: Closed candles, strictly ascending, on multiples of the interval; gaps are allowed.
        symbol: Such as ``BTCUSDT``; kept, and part of the digest.
        horizon_bars: How far ahead the target looks, >= 1.

    Returns:
        One row for every bar whose look-back and label cross no gap, and whose 200 to 999 bars of warm-up are in
        ``series``.

    Raises:
        InvalidCandlesError: Candles off the grid, out of order or repeated.
        NotEnoughDataError: No usable bar.
    """
    if len(series) == 0:
        raise _nothing_to_learn(series, symbol)
    grid = to_grid(series)
    features = feature_matrix(grid)
    usable = usable_rows(grid.missing, features, look_back_bars=LOOK_BACK_BARS, horizon_bars=horizon_bars)
    if not usable.any():
        raise _nothing_to_learn(series, symbol)
    target = log_return_ahead(grid.series.close, horizon_bars=horizon_bars)
    return TrainingSet(
        symbol=symbol,
        interval=series.interval,
        feature_names=FEATURE_NAMES,
        features=features[usable],
        target=target[usable],
        open_time_ms=grid.series.open_time_ms[usable],
        candles=_candles_read(grid[: int(np.flatnonzero(usable)[-1]) + horizon_bars + 1]),
        horizon_bars=horizon_bars,
    )


def _candles_read(grid: Grid) -> CandlesRead:
    missing_count = int(grid.missing.sum())
    return CandlesRead(
        first_open_time_ms=int(grid.series.open_time_ms[0]),
        count=len(grid) - missing_count,
        gap_count=int((grid.missing[1:] & ~grid.missing[:-1]).sum()),
        missing_count=missing_count,
    )


def _nothing_to_learn(series: CandleSeries, symbol: str) -> NotEnoughDataError:
    return NotEnoughDataError(
        f"No bar of {symbol} {series.interval} can be learned from: {len(series)} candles given; a bar needs "
        f"{WARM_UP_BARS} to {FEATURE_WINDOW_BARS - 1} before it, the last {LOOK_BACK_BARS} without a gap. Download "
        f"more candles first."
    )
