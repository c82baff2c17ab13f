"""### From stored candles to a served forecaster

**Source** `market_data.klines` up to its newest candle. `bitcoin_data_ingestion` starts it when new ones came.

**Steps** `start` opens an MLflow run · `certify` proves on these candles that no feature reads the future · `tune` runs
an Optuna study on all but the last block, shared by mapped tasks · `best` takes its result · `register` walks model,
baselines and champion through that untouched block, judges, registers the next refit, and writes the report · `approve`
asks a person, if `approval` is chosen · `promote` moves the alias `champion`, or is skipped and its log says why.

**Running again** is safe: a retried task goes on with the same run, candles and study; a new run trains a new version.

**If it fails** the task's last line says what to do. A version that is not promoted is no failure: its reasons are tags
of the version in MLflow, and the first table of the run's artifact `report/report.html`.
"""

from datetime import timedelta

from airflow.sdk import dag, task

from mercado_airflow import bitcoin_training as steps
from mercado_airflow.approval import approval
from mercado_airflow.assets import KLINES
from mercado_airflow.params import flag, interval, optional_number, optional_text, symbol
from mercado_airflow.policies import TASK_DEFAULTS


@dag(
    schedule=[KLINES],
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(days=2),
    is_paused_upon_creation=False,
    default_args=TASK_DEFAULTS,
    doc_md=__doc__,
    tags=["bitcoin", "training"],
    params={
        "symbol": symbol(),
        "interval": interval("1h", "2h", "4h", "6h", "8h", "12h", "1d"),
        "horizon_bars": optional_number("How many candles ahead is forecast.", minimum=1, maximum=168),
        "trials": optional_number("Trials of the study.", minimum=1),
        "workers": optional_number("Tasks that share the study.", minimum=1, maximum=16),
        "study": optional_text("Earlier study to go on with, on its candles. Empty: a new one."),
        "refits": optional_number("Refits of the walk-forward.", minimum=1),
        "holdout_bars": optional_number("Length of the untouched last block.", minimum=500),
        "seed": optional_number("Seed of everything random.", minimum=0),
        "approval": flag("Ask a person before a version that passed the gate is served."),
    },
)
def bitcoin_training_pipeline() -> None:
    """Certify, tune, evaluate, register, promote."""
    job = task(steps.start)()
    certificate = task(steps.certify)(job)
    tune = task(steps.tune, doc_md=steps.tune.__doc__, map_index_template="worker {{ task.op_kwargs['worker'] }}")
    tuned = tune.partial(job=job).expand(worker=task(steps.workers)(job))
    best = task(steps.best)(job)
    tuned >> best
    registered = task(steps.register)(job, best, certificate)
    asked = task.branch(steps.ask)(registered)
    approved = approval("approve")
    promoted = task(steps.promote, trigger_rule="none_failed_min_one_success")(job, registered)
    asked >> approved >> promoted
    asked >> promoted


bitcoin_training_pipeline()
