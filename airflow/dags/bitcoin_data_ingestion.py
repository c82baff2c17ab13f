"""### Candles from Binance into `market_data.klines` and CSV files

**Source** Binance's public archive for whole months of the past, its REST interface for the rest
(`BINANCE_BASE_URL`, `BINANCE_ARCHIVE_URL`). Only closed candles are stored, by the exchange's clock. Unless the Params
name a series, each one of `MERCADO_SERIES` is downloaded, side by side; one that fails holds up none of the others.

**Grain** one row per symbol, interval and open time. Missing candles are listed in `market_data.kline_gaps`; each load
with its counts in `ops.loads`.

**Running again** is always safe: it resumes behind the last stored candle and changes nothing that is there. When new
candles of a series came that has a forecaster, `bitcoin_training_pipeline` starts for it by itself.

**If it fails** the task's note says what to do. An HTTP 451 or 403 means that Binance refuses your location: set
`BINANCE_BASE_URL=https://data-api.binance.vision`. What was downloaded before a failure is kept.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task, task_group

from mercado_airflow import bitcoin_ingestion as steps
from mercado_airflow.assets import CANDLE_FILES, GAPS, KLINES
from mercado_airflow.params import INSTANT, optional_interval, optional_symbol, optional_text
from mercado_airflow.policies import TASK_DEFAULTS
from mercado_airflow.series import choose, of_each


@dag(
    # Zero: a platform started soon after ten past midnight does not begin with the run that it missed.
    schedule=CronTriggerTimetable("10 0 * * *", timezone="UTC", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=3),
    is_paused_upon_creation=False,
    default_args=TASK_DEFAULTS,
    doc_md=__doc__,
    tags=["bitcoin", "ingestion"],
    params={
        "symbol": optional_symbol(),
        "interval": optional_interval("1m", "3m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d"),
        "start": optional_text(
            "First candle",
            "From when on candles are wanted, in UTC. Empty: BINANCE_HISTORY_START of .env, else the oldest there is.",
            format="date-time",
            pattern=INSTANT,
        ),
    },
)
def bitcoin_data_ingestion() -> None:
    """Download and export each series, and tell who waits for its candles."""

    @task_group(prefix_group_id=False)
    def each_series(series: str) -> None:
        counts = of_each(steps.download, outlets=[GAPS])(series=series)
        exported = of_each(steps.export, outlets=[CANDLE_FILES], inlets=[KLINES])(series=series, counts=counts)
        exported >> of_each(steps.announce, outlets=[KLINES])(series=series, counts=counts)

    each_series.expand(series=task(choose)())


bitcoin_data_ingestion()
