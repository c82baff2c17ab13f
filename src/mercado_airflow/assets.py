"""The assets that chain the DAGs, named as the tables that they stand for."""

from airflow.sdk import Asset

KLINES = Asset("market_data.klines", uri="x-mercado://warehouse/market_data/klines")

# The series whose candles the asset stands for: of any other, new candles start no training.
SYMBOL, INTERVAL = "BTCUSDT", "1h"
