"""### Candles from Binance into `market_data.klines` and a CSV file

**Source** Binance's public archive for whole months of the past, its REST interface for the rest
(`BINANCE_BASE_URL`, `BINANCE_ARCHIVE_URL`). Only closed candles are stored, by the exchange's clock.

**Grain** one row per symbol, interval and open time. Missing candles are listed in `market_data.kline_gaps`; each load
with its counts in `ops.loads`.

**Running again** is always safe: it resumes behind the last stored candle and changes nothing that is there. When new
candles of BTCUSDT 1h came, `bitcoin_training_pipeline` starts by itself.

**If it fails** the task's note says what to do. An HTTP 451 or 403 means that Binance refuses your location: set
`BINANCE_BASE_URL=https://data-api.binance.vision`. What was downloaded before a failure is kept.
"""

from datetime import timedelta

from airflow.sdk import CronTriggerTimetable, dag, task
from airflow.sdk.exceptions import AirflowSkipException

from mercado.series import MAIN_INTERVAL, MAIN_SYMBOL
from mercado_airflow.assets import CANDLE_FILES, GAPS, KLINES, wrote
from mercado_airflow.params import INSTANT, interval, optional_text, symbol
from mercado_airflow.policies import TASK_DEFAULTS


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
        "symbol": symbol(),
        "interval": interval("1m", "5m", "15m", "30m", "1h", "2h", "4h", "6h", "8h", "12h", "1d"),
        "start": optional_text(
            "First candle",
            "From when on candles are wanted, in UTC. Empty: BINANCE_HISTORY_START of .env, else the oldest there is.",
            format="date-time",
            pattern=INSTANT,
        ),
    },
)
def bitcoin_data_ingestion() -> None:
    """Download, export, and tell who waits for candles."""

    @task(outlets=[GAPS])
    def download(params: dict | None = None) -> dict[str, int]:
        """Load what is missing into the warehouse; return the counts."""
        from mercado_airflow.bitcoin import download_klines

        return download_klines(symbol=params["symbol"], interval=params["interval"], start=params["start"])

    @task(outlets=[CANDLE_FILES], inlets=[KLINES])
    def export(counts: dict[str, int], params: dict | None = None) -> str:
        """Write all candles to the CSV file; return its path."""
        from mercado_airflow.bitcoin import export_klines

        return export_klines(symbol=params["symbol"], interval=params["interval"])

    @task(outlets=[KLINES])
    def announce(counts: dict[str, int], params: dict | None = None) -> None:
        """Tell the DAGs that wait for candles, unless nothing is new or they wait for another series."""
        if (params["symbol"], params["interval"]) != (MAIN_SYMBOL, MAIN_INTERVAL):
            raise AirflowSkipException(f"Only candles of {MAIN_SYMBOL} {MAIN_INTERVAL} start the training.")
        if not counts["inserted"] + counts["updated"]:
            raise AirflowSkipException("No new candle: nothing to announce.")
        wrote(KLINES, **counts)

    counts = download()
    export(counts) >> announce(counts)


bitcoin_data_ingestion()
