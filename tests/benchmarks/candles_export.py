"""Export the stored minutes, as ``mercado bitcoin download`` does at its end."""

import os
from pathlib import Path

from pydantic import SecretStr

from mercado.bitcoin.export import export_candles
from mercado.warehouse.connection import connect
from tests.benchmarks.stored_candles import MINUTE, SYMBOL

if __name__ == "__main__":
    with connect(SecretStr(os.environ["MERCADO_WAREHOUSE_URL"]), application="benchmark") as connection:
        export_candles(connection, SYMBOL, MINUTE, Path(os.environ["MERCADO_DATA_DIR"]))
