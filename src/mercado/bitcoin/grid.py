"""The regular grid: one bar for every interval, with the missing ones filled and flagged.

TA-Lib needs it. One NaN inside its input makes RSI 0.0 and ADX silently wrong for every later bar, and a lag counted in
rows is only a lag in time when no row is missing. Binance's hourly history has 28 outages, 128 missing hours.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NoReturn, Self

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.candles import CandleSeries
from mercado.errors import InvalidCandlesError


@dataclass(frozen=True)
class Grid:
    """Candles with one bar for every interval between the first and the last.

    Attributes:
        series: The candles; ``open_time_ms`` rises by exactly one interval from bar to bar.
        missing: Shape ``(n,)``, bool: True where the exchange has no candle. Such a bar repeats the last close as its
            four prices and has volume 0; it is never trained on.
    """

    series: CandleSeries
    missing: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.missing)

    def __getitem__(self, rows: slice) -> Self:
        """Return the bars in ``rows`` (step 1), as views."""
        return type(self)(self.series[rows], self.missing[rows])

    @property
    def first_bar(self) -> int:
        """Return the first bar's absolute index: whole intervals since the epoch."""
        return int(self.series.open_time_ms[0]) // self.series.interval.milliseconds


def to_grid(series: CandleSeries) -> Grid:
    """Put candles on the regular grid, filling and flagging the missing bars.

    A filled bar has open = high = low = close = the last known close, and volume 0. Gaps of any length are filled: to
    refuse them is the caller's choice (`mercado.bitcoin.candle_rules`).

    Args:
        series: At least one candle, strictly ascending, on multiples of the interval.

    Returns:
        ``(last open time - first open time) / interval + 1`` bars.

    Raises:
        InvalidCandlesError: No candle, or one that is off the grid, out of order or repeated.
    """
    check_times(series)
    bar = (series.open_time_ms - series.open_time_ms[0]) // series.interval.milliseconds
    length = int(bar[-1]) + 1
    if length == len(series):
        return Grid(series, np.zeros(length, dtype=np.bool_))
    missing = np.ones(length, dtype=np.bool_)
    missing[bar] = False
    return Grid(_filled(series, bar, missing), missing)


def check_times(series: CandleSeries, *, first_position: int = 0) -> None:
    """Check that open times are on multiples of the interval and strictly ascending.

    Args:
        series: The candles.
        first_position: Position that the first of them has for the caller, who may have cut earlier ones off.

    Raises:
        InvalidCandlesError: Names the first candle at fault and its time.
    """
    times = series.open_time_ms
    if len(times) == 0:
        raise InvalidCandlesError("Expected at least one candle, got none.", field="open_time_ms")
    step = series.interval.milliseconds
    off_grid = np.flatnonzero(times // step * step != times)  # three times as fast as the remainder
    if off_grid.size:
        _refuse(times, off_grid[0], first_position, f"which is not a multiple of {series.interval}")
    unsorted = np.flatnonzero(times[1:] <= times[:-1])
    if unsorted.size:
        _refuse(times, unsorted[0] + 1, first_position, "not after the one before it: sort them, drop repeats")


def instant(time_ms: int | np.int64) -> str:
    """Return milliseconds since the epoch as ISO 8601 text in UTC, or the number itself outside years 1 to 9999."""
    try:
        return datetime.fromtimestamp(int(time_ms) / 1000, tz=UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return f"{time_ms} ms"


def _refuse(times: NDArray[np.int64], row: np.int64, first_position: int, rule: str) -> NoReturn:
    position = int(row) + first_position
    message = f"Candle {position} opens at {instant(times[row])}, {rule}."
    raise InvalidCandlesError(message, field="open_time_ms", position=position)


def _filled(series: CandleSeries, bar: NDArray[np.int64], missing: NDArray[np.bool_]) -> CandleSeries:
    present = ~missing
    last_close = series.close[np.searchsorted(bar, np.flatnonzero(missing)) - 1]

    def filled(values: NDArray[np.float64], instead: NDArray[np.float64] | float) -> NDArray[np.float64]:
        column = np.empty(len(missing), dtype=np.float64)
        column[present] = values
        column[missing] = instead
        return column

    start, step = int(series.open_time_ms[0]), series.interval.milliseconds
    return CandleSeries(
        interval=series.interval,
        open_time_ms=start + step * np.arange(len(missing), dtype=np.int64),
        open=filled(series.open, last_close),
        high=filled(series.high, last_close),
        low=filled(series.low, last_close),
        close=filled(series.close, last_close),
        volume=filled(series.volume, 0.0),
    )
