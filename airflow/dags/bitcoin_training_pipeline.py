"""### From stored candles to a served forecaster

**Source** `market_data.klines` up to its newest candle. `bitcoin_data_ingestion` starts it when new ones came.

**Steps** `start` opens an MLflow run · `tune` runs an Optuna study on all but the last block (trials as nested runs) ·
`register` walks forward through that untouched block, compares the model with every baseline, fits the forecaster and
registers it with the gate's verdict · `promote` moves the alias `champion` to it, or is skipped and its log says why.

**Running again** is safe: a retried task goes on with the same run, candles and study; a new run trains a new version.

**If it fails** the task's last line says what to do. A version that is not promoted is no failure: its reasons are tags
of the version in MLflow, and in the run's artifact `evaluation/verdict.json`.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowSkipException

from mercado_airflow.assets import KLINES
from mercado_airflow.params import interval, optional_number, symbol
from mercado_airflow.policies import TASK_DEFAULTS


@dag(
    schedule=[KLINES],
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=3),
    is_paused_upon_creation=False,
    default_args=TASK_DEFAULTS,
    doc_md=__doc__,
    tags=["bitcoin", "training"],
    params={
        "symbol": symbol(),
        "interval": interval("1h", "2h", "4h", "6h", "8h", "12h", "1d"),
        "trials": optional_number("Trials of the study.", minimum=1),
        "refits": optional_number("Refits of the walk-forward.", minimum=1),
        "holdout_bars": optional_number("Length of the untouched last block.", minimum=500),
        "seed": optional_number("Seed of everything random.", minimum=0),
    },
)
def bitcoin_training_pipeline() -> None:
    """Tune, evaluate, register, promote."""

    @task
    def start(params: dict[str, Any] | None = None) -> dict[str, Any]:
        """Open the MLflow run on the stored candles."""
        from mercado_airflow.bitcoin_training import start

        return start(params)

    @task
    def tune(job: dict[str, Any]) -> dict[str, Any]:
        """Search the booster's parameters on all but the last block."""
        from mercado_airflow.bitcoin_training import tune

        return tune(job)

    @task
    def register(job: dict[str, Any], best: dict[str, Any]) -> dict[str, Any]:
        """Walk forward through the untouched block, judge, fit, register."""
        from mercado_airflow.bitcoin_training import register

        return register(job, best)

    @task
    def promote(job: dict[str, Any], registered: dict[str, Any]) -> None:
        """Make the version champion if the gate lets it."""
        from mercado_airflow.bitcoin_training import promote

        if not promote(job, registered):
            raise AirflowSkipException(f"Version {registered['version']} is not promoted. {registered['reason']}")

    job = start()
    promote(job, register(job, tune(job)))


bitcoin_training_pipeline()
