"""Arrays of numbers as PostgreSQL sends them, straight into NumPy: no Python object for each number."""

from typing import Any, Final

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

# Dimensions (one), whether it has nulls, type, length, lower bound: array_recv in arrayfuncs.c.
_HEADER_BYTES: Final = 20


def array_cursor(connection: psycopg.Connection) -> psycopg.Cursor[tuple[Any, ...]]:
    """Return a cursor that gives ``bigint[]`` and ``float8[]`` without nulls as NumPy arrays in native order."""
    cursor = connection.cursor(binary=True)
    for name, loader in (("int8", _Int64Array), ("float8", _Float64Array)):
        cursor.adapters.register_loader(connection.adapters.types[name].array_oid, loader)
    return cursor


class _ArrayLoader(Loader):
    format = Format.BINARY
    value_type: str

    def load(self, data: Buffer) -> NDArray[Any]:
        element = np.dtype([("byte_count", ">i4"), ("value", self.value_type)])
        values = np.frombuffer(data, dtype=element, offset=_HEADER_BYTES)["value"]
        return values.astype(values.dtype.newbyteorder("="))


class _Int64Array(_ArrayLoader):
    value_type = ">i8"


class _Float64Array(_ArrayLoader):
    value_type = ">f8"
