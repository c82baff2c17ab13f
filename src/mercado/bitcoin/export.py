"""Export a series of candles to CSV, whole or not at all."""

import os
from pathlib import Path

import psycopg
from psycopg import sql as compose

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.store import PACKAGE
from mercado.disk import NO_SPACE
from mercado.errors import StorageFullError
from mercado.warehouse.connection import sql


def export_candles(connection: psycopg.Connection, symbol: str, interval: CandleInterval, folder: Path) -> Path:
    """Write all candles of a series to ``folder/SYMBOL-interval.csv`` and return that path.

    The file appears whole: it is written beside its place, flushed to disk, then renamed. Columns are those of
    ``market_data.klines``, prices as stored decimals, times as ISO 8601 in UTC.

    Raises:
        StorageFullError: The disk is full; the file is as it was before.
    """
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{symbol}-{interval}.csv"
    draft = target.with_suffix(f".{os.getpid()}.part")
    try:
        _write(connection, symbol, interval, draft)
        draft.replace(target)
    except OSError as error:
        if error.errno in NO_SPACE:
            raise StorageFullError(
                f"No space left for {target} ({error.strerror}); the old file is kept. Free some, run again."
            ) from error
        raise
    finally:
        draft.unlink(missing_ok=True)
    return target


def _write(connection: psycopg.Connection, symbol: str, interval: CandleInterval, path: Path) -> None:
    rows = compose.SQL(sql(PACKAGE, "export_klines").decode()).format(symbol=symbol, interval=interval.value)
    statement = compose.SQL("copy ({}) to stdout with (format csv, header)").format(rows)
    with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
