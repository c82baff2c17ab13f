"""The features of a stored series as a Parquet file, for analyses of one's own; in constant memory."""

from pathlib import Path
from typing import Any

import psycopg

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.feature_pieces import FeatureRows, feature_pieces
from mercado.bitcoin.features import FEATURE_NAMES
from mercado.bitcoin.store import candle_pieces
from mercado.bitcoin.whole_files import whole_file
from mercado.errors import ConfigurationError, NotEnoughDataError


def export_features(connection: psycopg.Connection, symbol: str, interval: CandleInterval, target: Path) -> int:
    """Write the features of a stored series to a Parquet file, whole or not at all, and return the number of rows.

    Columns are ``open_time_utc`` and one float32 for each of `FEATURES`. A row is a bar that could be learned from:
    the candle and the look-back before it exist. All candles are of one snapshot.

    Raises:
        ConfigurationError: pyarrow is not installed.
        NotEnoughDataError: The stored candles have no such bar; no file is written.
        StorageFullError: The disk is full; the file is as it was before.
    """
    with whole_file(target) as draft, connection.transaction():
        connection.execute("set transaction isolation level repeatable read, read only")
        row_count = _write(connection, symbol, interval, draft)
        if row_count == 0:
            raise NotEnoughDataError(
                f"No bar of {symbol} {interval} has features: too few candles are stored without a gap. "
                f"Download more first: mercado bitcoin download --symbol {symbol} --interval {interval}"
            )
    return row_count


def _write(connection: psycopg.Connection, symbol: str, interval: CandleInterval, path: Path) -> int:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise ConfigurationError("Parquet needs the package pyarrow, which is not installed.") from error
    times = pyarrow.field("open_time_utc", pyarrow.timestamp("ms", tz="UTC"))
    schema = pyarrow.schema([times, *(pyarrow.field(name, pyarrow.float32()) for name in FEATURE_NAMES)])
    row_count = 0
    # Hardly a value comes twice: a dictionary of them would make the file larger.
    with path.open("wb") as file, parquet.ParquetWriter(file, schema, use_dictionary=False) as writer:
        for rows in feature_pieces(candle_pieces(connection, symbol, interval)):
            writer.write_table(pyarrow.table(_usable_columns(rows), schema=schema))
            row_count += int(rows.usable.sum())
    return row_count


def _usable_columns(rows: FeatureRows) -> list[Any]:
    times = rows.open_time_ms[rows.usable].astype("datetime64[ms]")
    return [times, *rows.features[rows.usable].T.copy()]
