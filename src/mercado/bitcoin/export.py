"""Export a series of candles to CSV, whole or not at all."""

from pathlib import Path

import psycopg
from psycopg import sql as compose

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.store import PACKAGE
from mercado.bitcoin.whole_files import whole_file
from mercado.warehouse.connection import sql


def export_candles(connection: psycopg.Connection, symbol: str, interval: CandleInterval, folder: Path) -> Path:
    """Write all candles of a series to ``folder/SYMBOL-interval.csv`` and return that path.

    The file appears whole: it is written beside its place, flushed to disk, then renamed. Columns are those of
    ``market_data.klines``, prices as stored decimals, times as ISO 8601 in UTC.

    Raises:
        StorageFullError: The disk is full; the file is as it was before.
    """
    target = folder / f"{symbol}-{interval}.csv"
    with whole_file(target) as draft:
        _write(connection, symbol, interval, draft)
    return target


def _write(connection: psycopg.Connection, symbol: str, interval: CandleInterval, path: Path) -> None:
    rows = compose.SQL(sql(PACKAGE, "export_klines").decode()).format(symbol=symbol, interval=interval.value)
    statement = compose.SQL("copy ({}) to stdout with (format csv, header)").format(rows)
    with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            file.write(block)
