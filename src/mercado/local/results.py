"""What came of a demo's stages, in a line each, read from the warehouse and from MLflow."""

from typing import NamedTuple

import mlflow

from mercado.local.platform import Platform
from mercado.registry import VERDICT_TAG, ModelVersion
from mercado.tracking import mlflow_errors
from mercado.warehouse.connection import connect

NEWEST_LOAD = "select coalesce(max(load_id), 0) from ops.loads"
LOADED = """
    select count(*), coalesce(sum(rows_read), 0), coalesce(sum(rows_inserted), 0), coalesce(sum(rows_updated), 0),
        coalesce(sum(rows_rejected), 0)
    from ops.loads
    where source = %s and load_id > %s
"""
CANDLES = """
    select count(*),
        (select coalesce(sum(missing_count), 0) from market_data.kline_gaps where kind <> 'not_yet_published')
    from market_data.klines
"""
LATEST_LOOK = """
    select model_version, verdict, retraining, array_to_string(reasons, ' ') from market_data.monitoring_runs
    where model_name = %s
    order by monitoring_run_id desc limit 1
"""


class Look(NamedTuple):
    """What the latest look at a champion found."""

    summary: str
    reasons: str


def newest_load(platform: Platform) -> int:
    """Return the number of the newest load, 0 before the first."""
    with connect(platform.database_url("warehouse"), application="mercado demo") as connection:
        (number,) = connection.execute(NEWEST_LOAD).fetchone() or (0,)
    return int(number)


def loaded(platform: Platform, source: str, what: str, *, after: int) -> str:
    """Return what the loads of a source brought.

    Args:
        platform: The platform.
        source: ``sipsa``, ``landing`` or ``binance``.
        what: What one load is, in the plural.
        after: The newest load that is not counted.
    """
    with connect(platform.database_url("warehouse"), application="mercado demo") as connection:
        row = connection.execute(LOADED, (source, after)).fetchone()
    count, read, inserted, updated, rejected = row or (0, 0, 0, 0, 0)
    return f"{count} {what}: {read:,} rows read, {inserted:,} inserted, {updated:,} updated, {rejected:,} rejected"


def candles(platform: Platform) -> str:
    """Return how many candles there are, and how many are missing among them."""
    with connect(platform.database_url("warehouse"), application="mercado demo") as connection:
        stored, missing = connection.execute(CANDLES).fetchone() or (0, 0)
    return f"{stored:,} candles stored, {missing:,} missing"


def training(tracking_uri: str, version: ModelVersion) -> str:
    """Return what a training made: trials, the gate's verdict, the gain over the naive forecast."""
    with mlflow_errors(tracking_uri):
        data = mlflow.MlflowClient(tracking_uri).get_run(version.run_id).data
    verdict = version.tags.get(VERDICT_TAG, "not judged")
    return (
        f"{data.params['trials']} trials; version {version.version} {verdict}; log-loss "
        f"{data.metrics['log_loss_skill']:+.2%} against climatology"
    )


def latest_look(platform: Platform) -> Look:
    """Return what the latest look at the served champion found, and what followed."""
    with connect(platform.database_url("warehouse"), application="mercado demo") as connection:
        row = connection.execute(LATEST_LOOK, (platform.values["MERCADO_API_MODEL"],)).fetchone()
    if row is None:
        return Look("nothing was looked at", "")
    version, verdict, retraining, reasons = row
    return Look(f"version {version} is {verdict}; retraining {retraining.replace('_', ' ')}", reasons)
