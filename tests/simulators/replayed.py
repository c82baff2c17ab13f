"""The replay source: recorded candles from a CSV file, and one invented candle that forms after the last of them."""

from pathlib import Path

import numpy as np

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.bars import complete
from tests.simulators.candles import Candles, Snapshot
from tests.simulators.forming import snapshot_of

_HEADER = "open_time,open,high,low,close,volume"
_SHARE_OF_BAR_PASSED = 0.05
_SEED = 0


class ReplayedSource:
    """Candles read from a CSV file with the header ``open_time,open,high,low,close,volume``, times in milliseconds.

    The other six fields of a kline are derived. The invented candle is only ever shown forming: it mirrors the
    last recorded one, starting from its close.

    Args:
        path: The file.
        interval: Length of its candles.

    Raises:
        ValueError: The header is another one, there is no row, or the times are off the grid or do not ascend.
    """

    def __init__(self, path: Path, *, interval: CandleInterval) -> None:
        self._interval = interval
        self._file_name = path.name.encode("ascii", "replace").decode()
        self._recorded = _read(path, interval)
        self._with_forming = Candles.concatenate([self._recorded, _mirror(self._recorded[-1:], interval)])

    @property
    def interval(self) -> CandleInterval:
        """Return the length of the candles."""
        return self._interval

    @property
    def description(self) -> str:
        """Return the name of the file."""
        return f"profile=replay; file={self._file_name}"

    @property
    def natural_now_ms(self) -> int:
        """Return an instant shortly after the opening of the bar that follows the last recorded one."""
        end_ms = int(self._recorded.open_time_ms[-1]) + self._interval.milliseconds
        return end_ms + int(self._interval.milliseconds * _SHARE_OF_BAR_PASSED)

    def snapshot(self, now_ms: int) -> Snapshot:
        """Return the recorded candles as they stood at ``now_ms``."""
        interval_ms = self._interval.milliseconds
        recorded_is_over = now_ms >= self._with_forming.open_time_ms[-1] + interval_ms
        history = self._recorded if recorded_is_over else self._with_forming
        return snapshot_of(history, interval_ms=interval_ms, now_ms=now_ms)


def _read(path: Path, interval: CandleInterval) -> Candles:
    with path.open(encoding="ascii") as lines:
        header = lines.readline().strip()
        if header != _HEADER:
            message = f"{path}: expected the header {_HEADER!r}, got {header!r}"
            raise ValueError(message)
        rows = lines.readlines()
    if not rows:
        message = f"{path}: expected at least one candle, got none"
        raise ValueError(message)
    table = np.loadtxt(rows, delimiter=",", dtype=np.float64, ndmin=2)
    open_time_ms = table[:, 0].astype(np.int64)
    off_grid = np.any(open_time_ms % interval.milliseconds)
    if off_grid or np.any(np.diff(open_time_ms) <= 0):
        message = f"{path}: expected ascending open times on the {interval.value} grid"
        raise ValueError(message)
    open_, high, low, close, volume = (np.ascontiguousarray(column) for column in table[:, 1:6].T)
    close_time_ms = open_time_ms + interval.milliseconds - 1
    return complete(Candles(open_time_ms, open_, high, low, close, volume, close_time_ms, *([volume] * 4)), seed=_SEED)


def _mirror(last: Candles, interval: CandleInterval) -> Candles:
    """Return the candle after ``last``, with the same size and the opposite move."""
    next_ms = last.open_time_ms + interval.milliseconds
    close, high, low = (
        np.maximum(np.round(2 * last.close - price, 2), 0.01) for price in (last.open, last.low, last.high)
    )
    high, low = np.maximum(high, last.close), np.minimum(low, last.close)
    close_time_ms = next_ms + interval.milliseconds - 1
    unknown = (last.volume, last.trades, last.volume, last.volume)
    return complete(Candles(next_ms, last.close, high, low, close, last.volume, close_time_ms, *unknown), seed=_SEED)
