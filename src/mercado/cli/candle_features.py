"""``mercado bitcoin features``: the features of a stored series as a file."""

from pathlib import Path
from typing import Annotated

import typer

from mercado.bitcoin.candles import CandleInterval
from mercado.cli.output import say


def features(
    to: Annotated[Path, typer.Option(help="Parquet file to write; it appears whole or not at all.")],
    symbol: Annotated[str, typer.Option(help="As Binance spells it.")] = "BTCUSDT",
    interval: Annotated[CandleInterval, typer.Option(help="Length of a candle.")] = CandleInterval.ONE_HOUR,
) -> None:
    """Write the features of the stored candles to a Parquet file, a series of any length in constant memory.

    A row is a bar whose features could be learned from: its candle and the look-back before it, 168 candles, are
    stored without a gap. Columns: open_time_utc, and each feature as float32.
    """
    from mercado.bitcoin.feature_file import export_features
    from mercado.settings import WarehouseSettings
    from mercado.warehouse.connection import connect

    with connect(WarehouseSettings.read().resolved_url(), application="mercado bitcoin features") as connection:
        row_count = export_features(connection, symbol, interval, to)
    say(f"{row_count} rows of features of {symbol} {interval} written to {to}")
