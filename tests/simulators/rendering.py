"""Writes candles as the REST API's JSON and as the archive's CSV, whole blocks at a time."""

from itertools import chain

import numpy as np
from numpy.typing import NDArray

from tests.simulators.candles import Candles

_JSON_ROW = '[%d,"%.8f","%.8f","%.8f","%.8f","%.8f",%d,"%.8f",%d,"%.8f","%.8f","0"]'
_CSV_ROW = "%d,%.8f,%.8f,%.8f,%.8f,%.8f,%d,%.8f,%d,%.8f,%.8f,0\n"
_MICROSECONDS_FROM_MS = 1_735_689_600_000  # 2025-01-01T00:00:00Z


def klines_json(candles: Candles, *, microseconds: bool) -> bytes:
    """Return the body of a klines answer: rows of 12 fields, prices and volumes as strings of eight decimals."""
    in_microseconds = np.full(len(candles), microseconds)
    return ("[" + _rows(candles, in_microseconds, _JSON_ROW, separator=",") + "]").encode("ascii")


def archive_csv(candles: Candles) -> bytes:
    """Return the text of an archive file: no header; microseconds for candles from 2025-01-01 on, else milliseconds.

    The change of unit is Binance's (binance-public-data, README).
    """
    in_microseconds = candles.open_time_ms >= _MICROSECONDS_FROM_MS
    return _rows(candles, in_microseconds, _CSV_ROW, separator="").encode("ascii")


def _rows(candles: Candles, in_microseconds: NDArray[np.bool_], template: str, *, separator: str) -> str:
    columns = [column.tolist() for column in candles.columns()]
    scale = np.where(in_microseconds, 1_000, 1)
    columns[0] = (candles.open_time_ms * scale).tolist()
    columns[6] = ((candles.close_time_ms + 1) * scale - 1).tolist()
    return separator.join([template] * len(candles)) % tuple(chain.from_iterable(zip(*columns, strict=True)))
