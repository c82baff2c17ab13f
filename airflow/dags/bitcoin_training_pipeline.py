"""### From stored candles to a served forecaster

**Source** `market_data.klines` up to its newest candle. `bitcoin_data_ingestion` starts it when new ones came, with a
run of its own for each series of `MERCADO_SERIES`, whose name is the run's partition key. Each has its own model.

**Steps** `start` opens an MLflow run · `certify` proves on these candles that no feature reads the future · `tune` runs
an Optuna study on all but the last block, shared by mapped tasks · `best` takes its result · `register` walks model,
baselines and champion through that untouched block, judges, registers the next refit, and writes the report · `approve`
asks a person, if `approval` is chosen · `promote` moves the alias `champion`, or is skipped and its note says why.

**Running again** is safe: a retried task goes on with the same run, candles and study (`start` begins anew);
a new run trains a new version.

**If it fails** the task's note says what to do. A version that is not promoted is no failure: its reasons are tags
of the version in MLflow, and the first table of the run's artifact `report/report.html`.
"""

from datetime import timedelta

from airflow.sdk import PartitionedAssetTimetable, dag, task

from mercado.settings import MOST_SEED
from mercado_airflow import bitcoin_training as steps
from mercado_airflow.approval import approval
from mercado_airflow.assets import CHAMPION, KLINES, MODEL_VERSIONS
from mercado_airflow.params import flag, horizon, interval, optional_number, optional_text, symbol
from mercado_airflow.policies import TRAINING_TASK_DEFAULTS

# Of different series: their studies, versions and champions are their own.
RUNS_AT_ONCE = 4


@dag(
    schedule=PartitionedAssetTimetable(assets=KLINES),
    catchup=False,
    max_active_runs=RUNS_AT_ONCE,
    dagrun_timeout=timedelta(days=2),
    is_paused_upon_creation=False,
    default_args=TRAINING_TASK_DEFAULTS,
    doc_md=__doc__,
    tags=["bitcoin", "training"],
    params={
        "symbol": symbol(),
        "interval": interval("1h", "2h", "4h", "6h", "8h", "12h", "1d"),
        "horizon_bars": horizon(),
        "approval": flag(
            "Ask a person", "Whether a version that passed the gate waits for your yes before it is served."
        ),
        "trials": optional_number("Trials", "Parameter sets that the study tries.", minimum=1, section="Study"),
        "workers": optional_number("Workers", "Tasks that share the study.", minimum=1, maximum=16, section="Study"),
        "study": optional_text(
            "Go on with a study",
            "Name of an earlier study, as its MLflow run's parameter study says; on its candles. Empty: a new one.",
            section="Study",
        ),
        "refits": optional_number("Refits", "Refits within the untouched last block.", minimum=1, section="Judging"),
        "holdout_bars": optional_number(
            "Untouched candles", "Length of the last block, which judges.", minimum=500, section="Judging"
        ),
        "seed": optional_number("Seed", "Of everything random.", minimum=0, maximum=MOST_SEED, section="Judging"),
    },
)
def bitcoin_training_pipeline() -> None:
    """Certify, tune, evaluate, register, promote."""
    job = task(steps.start, inlets=[KLINES])()
    certificate = task(steps.certify)(job)
    tune = task(steps.tune, doc_md=steps.tune.__doc__, map_index_template="worker {{ task.op_kwargs['worker'] }}")
    tuned = tune.partial(job=job).expand(worker=task(steps.workers)(job))
    best = task(steps.best)(job)
    tuned >> best
    registered = task(steps.register, outlets=[MODEL_VERSIONS])(job, best, certificate)
    asked = task.branch(steps.ask)(registered)
    approved = approval("approve")
    promoted = task(steps.promote, trigger_rule="none_failed_min_one_success", outlets=[CHAMPION])(job, registered)
    asked >> approved >> promoted
    asked >> promoted


bitcoin_training_pipeline()
