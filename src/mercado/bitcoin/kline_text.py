"""An archive file's CSV text as a block of candles, checked column by column, its decimals handed on as they are.

A month of minutes has 44,640 rows; one after the other they cost a third of a second, as columns a tenth. Only text of
the plainest form is read as columns: digits, one dot in each decimal, nothing else. All other text, and text in which
anything is wrong, is read row by row (`mercado.bitcoin.kline_rows`), which knows the exceptions and names the row.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.kline_rows import FIELDS, SMALLEST_MICROSECONDS, CandleBlock, candle_block

_COMMA, _NEWLINE, _DOT = b",\n."
_OPEN_TIME, _OPEN, _HIGH, _LOW, _CLOSE, _CLOSE_TIME, _TRADES, _UNUSED = 0, 1, 2, 3, 4, 6, 8, 11
_DECIMALS: Final = [1, 2, 3, 4, 5, 7, 9, 10]
_COUNTS: Final = [_OPEN_TIME, _CLOSE_TIME, _TRADES, _UNUSED]
_MICROSECOND_DIGITS: Final = 3
# Below this whole numbers are exact in float64, and no sum of a row's fields overflows.
_LARGEST: Final = 2.0**53
# Little enough for the processor's cache, and for the memory of a download, which reads months ahead.
_PIECE_BYTES: Final = 2**18


@dataclass(frozen=True)
class _Table:
    """Plain text of ``n`` rows, taken apart.

    Attributes:
        characters: Shape ``(m,)``, uint8: the text.
        starts: Shape ``(n, 12)``: place of each field's first character.
        ends: Shape ``(n, 12)``: place of the comma or newline behind each field.
        values: Shape ``(n, 12)``, float64: the fields, times in milliseconds.
        in_microseconds: Shape ``(n, 12)``, bool: whether the field is a time in microseconds.
    """

    characters: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    values: NDArray[np.float64]
    in_microseconds: NDArray[np.bool_]

    @classmethod
    def of(
        cls, text: bytes, characters: NDArray[np.uint8], starts: NDArray[np.int64], ends: NDArray[np.int64]
    ) -> "_Table":
        """Return the table of fields that are digits, with a dot inside or without."""
        values = np.fromstring(text[:-1].replace(b"\n", b",").decode("ascii"), sep=",").reshape(ends.shape)
        in_microseconds = np.zeros(ends.shape, dtype=np.bool_)
        for time in (_OPEN_TIME, _CLOSE_TIME):
            column = values[:, time]
            in_microseconds[:, time] = column >= SMALLEST_MICROSECONDS
            np.floor_divide(column, 1000, out=column, where=in_microseconds[:, time])
        return cls(characters, starts, ends, values, in_microseconds)


def text_block(text: bytes, *, interval: CandleInterval, start_ms: int, end_ms: int, where: str) -> CandleBlock:
    """Return the candles of a CSV text that open in ``[start_ms, end_ms)`` and were closed by ``end_ms``.

    Equal to `candle_block` of the text's rows, and raises what that raises.

    Args:
        text: ASCII lines of 12 fields without a header, ascending by open time.
        interval: Length of the candles.
        start_ms: First open time wanted.
        end_ms: Instant by which a candle must be closed.
        where: The file it came from, for messages.
    """
    blocks: list[CandleBlock] = []
    previous_ms = -1.0
    for piece in _pieces(text):
        table = _table(piece)
        if table is None or not _is_in_order(table, previous_ms, interval.milliseconds):
            rows = (row for row in csv.reader(io.StringIO(text.decode("ascii"))) if row)
            return candle_block(rows, interval=interval, start_ms=start_ms, end_ms=end_ms, where=where)
        previous_ms = table.values[-1, _OPEN_TIME]
        wanted = np.searchsorted(table.values[:, _OPEN_TIME], [start_ms, end_ms - interval.milliseconds + 1])
        if wanted[0] < wanted[1]:
            blocks.append(_block(table, slice(*wanted.tolist())))
    first, last = (blocks[0].first_open_time_ms, blocks[-1].last_open_time_ms) if blocks else (None, None)
    return CandleBlock(b"".join(block.csv for block in blocks), sum(block.row_count for block in blocks), first, last)


def _pieces(text: bytes) -> Iterator[bytes]:
    """Yield some whole lines at a time, each with its newline."""
    start = 0
    while start < len(text):
        end = text.find(b"\n", start + _PIECE_BYTES) + 1
        piece = text[start:end] if end else text[start:]
        yield piece if piece.endswith(b"\n") else piece + b"\n"
        start += len(piece)


def _table(text: bytes) -> _Table | None:
    """Take text of whole lines apart, or return ``None`` when it is not plain."""
    characters = np.frombuffer(text, dtype=np.uint8)
    behind_fields = np.flatnonzero((characters == _COMMA) | (characters == _NEWLINE))
    all_dots = np.flatnonzero(characters == _DOT)
    rows, rest = divmod(len(behind_fields), FIELDS)
    if rest or len(all_dots) != rows * len(_DECIMALS):
        return None
    # Subtraction wraps around: what is no digit becomes 10 or more.
    digit_count = np.count_nonzero(characters - ord("0") < 10)
    if digit_count + len(behind_fields) + len(all_dots) != len(characters):
        return None
    ends, dots = behind_fields.reshape(rows, FIELDS), all_dots.reshape(rows, len(_DECIMALS))
    starts = np.concatenate([[0], behind_fields[:-1] + 1]).reshape(rows, FIELDS)
    whole_lines = (characters[ends[:, -1]] == _NEWLINE).all() and (characters[ends[:, :-1]] == _COMMA).all()
    one_dot_each = ((starts[:, _DECIMALS] < dots) & (dots + 1 < ends[:, _DECIMALS])).all()
    if not whole_lines or not one_dot_each or not (starts[:, _COUNTS] < ends[:, _COUNTS]).all():
        return None
    return _Table.of(text, characters, starts, ends)


def _is_in_order(table: _Table, previous_ms: float, length: int) -> bool:
    """Return whether all candles are possible and open one after the other; without a sign no amount is below 0."""
    values = table.values
    open_ms, open_, high, low, close = values[:, [_OPEN_TIME, _OPEN, _HIGH, _LOW, _CLOSE]].T
    possible = (low > 0) & (low <= open_) & (open_ <= high) & (low <= close) & (close <= high)
    on_grid = (open_ms % length == 0) & (open_ms < values[:, _CLOSE_TIME])
    ascending = (np.diff(open_ms, prepend=previous_ms) > 0).all()
    return bool((possible & on_grid).all() and ascending and values.max() < _LARGEST)


def _block(table: _Table, rows: slice) -> CandleBlock:
    """Return rows as the staging table takes them: times in milliseconds, and without the unused field."""
    ends, open_ms = table.ends[rows], table.values[rows, _OPEN_TIME]
    begin, stop = int(table.starts[rows.start, 0]), int(ends[-1, -1]) + 1
    cut = ends[table.in_microseconds[rows]]
    # One above 0 from where something is left out to where it ends.
    steps = np.zeros(stop - begin + 1, dtype=np.int8)
    steps[ends[:, _UNUSED - 1] - begin] += 1
    steps[ends[:, _UNUSED] - begin] -= 1
    steps[cut - _MICROSECOND_DIGITS - begin] += 1
    steps[cut - begin] -= 1
    kept = np.cumsum(steps[:-1], dtype=np.int8) == 0
    lines = table.characters[begin:stop][kept].tobytes()
    return CandleBlock(lines, len(open_ms), int(open_ms[0]), int(open_ms[-1]))
