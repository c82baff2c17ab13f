"""The assets of the DAGs, named as the tables, folders and models that they stand for; two of them chain DAGs.

An event of an asset says what its task did to it: the load's id and counts, or the version.
"""

from typing import Any, Final

from airflow.sdk import Asset, AssetWatcher, get_current_context

from mercado.sipsa.contract import OPERATIONS
from mercado_airflow.landing_trigger import LandingTrigger


def table(schema: str, name: str) -> Asset:
    """Return the asset of a table of the warehouse."""
    return Asset(f"{schema}.{name}", uri=f"x-mercado://warehouse/{schema}/{name}", group=schema)


# Each of its partitions is a series, such as BTCUSDT-1h: new candles start a training of their own series.
KLINES: Final = table("market_data", "klines")
GAPS: Final = table("market_data", "kline_gaps")
CANDLE_FILES: Final = Asset("data/bitcoin", uri="x-mercado://data/bitcoin", group="files")
# The folder that workbooks are dropped into; its watcher looks from the triggerer, so no worker waits.
LANDING_ZONE: Final = Asset(
    "data/landing_zone",
    uri="x-mercado://data/landing_zone",
    group="files",
    watchers=[AssetWatcher(name="landing_zone", trigger=LandingTrigger())],
)
SIPSA_TABLES: Final = {operation.name: table("sipsa_data", operation.table) for operation in OPERATIONS}
# By layout. The names are stated again, because `mercado.landing.tables` takes long to import; a test compares.
WORKBOOK_TABLES: Final = {
    "daily": [table("sipsa_data", "mayoristas_prices")],
    "weekly": [
        table("sipsa_data", "mayoristas_prices_weekly"),
        table("sipsa_data", "mayoristas_supply_weekly"),
        table("sipsa_data", "mayoristas_rice_monthly"),
    ],
}
MODEL_VERSIONS: Final = Asset("models/bitcoin-forecaster", uri="x-mercado://models/bitcoin-forecaster", group="models")
CHAMPION: Final = Asset(
    "models/bitcoin-forecaster@champion", uri="x-mercado://models/bitcoin-forecaster/champion", group="models"
)
OUTCOMES: Final = table("market_data", "prediction_outcomes")
PREDICTIONS: Final = table("market_data", "predictions")
LOOKS: Final = table("market_data", "monitoring_runs")
BACKUPS: Final = Asset("data/backups", uri="x-mercado://data/backups", group="files")


def wrote(*assets: Asset, partition: str | None = None, **extra: Any) -> None:
    """Say which of its outlets the running task wrote: only these get an event, with ``extra``.

    A mapped task has the same outlets in each of its instances, and each writes its own; Airflow reads them from the
    instance's task when that has ended.

    Args:
        assets: Those that were written; none for a task that found nothing to do.
        partition: The part of them that was written, if they have parts: who waits for it starts a run for it.
        extra: Of JSON types: load, counts, version.
    """
    context = get_current_context()
    task = context["ti"].task
    task.outlets = [outlet for outlet in task.outlets if outlet in assets]
    for asset in assets:
        event = context["outlet_events"][asset]
        event.extra = extra
        if partition:
            event.add_partitions(partition)
