"""The plain way with candles: pandas reads each zip, ``to_sql`` writes it, ``read_sql`` and ``to_csv`` export all."""

import os
import sys
from pathlib import Path

import pandas as pd
import sqlalchemy

COLUMNS = [
    "open_time", "open", "high", "low", "close", "volume", "close_time", "quote_volume", "trades", "taker_base",
    "taker_quote", "unused",
]  # fmt: skip
SMALLEST_MICROSECONDS = 10**14

if __name__ == "__main__":
    url = os.environ["MERCADO_WAREHOUSE_URL"].replace("postgresql:", "postgresql+psycopg2:")
    engine = sqlalchemy.create_engine(url)
    for address in sys.argv[1:]:
        frame = pd.read_csv(address, header=None, names=COLUMNS, compression="zip")
        for name in ("open_time", "close_time"):
            in_microseconds = frame[name] >= SMALLEST_MICROSECONDS
            milliseconds = frame[name].where(~in_microseconds, frame[name] // 1000)
            frame[name] = pd.to_datetime(milliseconds, unit="ms", utc=True)
        frame.drop(columns="unused").to_sql("plain_candles", engine, if_exists="append", index=False)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("alter table plain_candles add primary key (open_time)"))
    stored = pd.read_sql("select * from plain_candles order by open_time", engine)
    folder = Path(os.environ["MERCADO_DATA_DIR"])
    folder.mkdir(parents=True, exist_ok=True)
    stored.to_csv(folder / "plain.csv", index=False)
