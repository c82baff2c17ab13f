"""The assets that chain the DAGs, named as the tables, or the folder, that they stand for."""

from airflow.sdk import Asset, AssetWatcher

from mercado_airflow.landing_trigger import LandingTrigger

# Stands for the candles of the main series: of any other, new candles start no training.
KLINES = Asset("market_data.klines", uri="x-mercado://warehouse/market_data/klines")
# The folder that workbooks are dropped into; its watcher looks from the triggerer, so no worker waits.
LANDING_ZONE = Asset(
    "data/landing_zone",
    uri="x-mercado://data/landing_zone",
    watchers=[AssetWatcher(name="landing_zone", trigger=LandingTrigger())],
)
