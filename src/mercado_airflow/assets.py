"""The assets that chain the DAGs, named as the tables that they stand for."""

from airflow.sdk import Asset

# Stands for the candles of the main series: of any other, new candles start no training.
KLINES = Asset("market_data.klines", uri="x-mercado://warehouse/market_data/klines")
