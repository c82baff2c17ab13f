"""### Is the served forecaster still good, and does its input still look like its training?

**Source** `market_data.predictions`, `market_data.klines`, the champion and the drift reference stored with it.

**Steps** `join_truth` writes down what came true · `replay` adds what the champion would have forecast where nobody
asked · `judge` measures skill by window and version, live and replayed apart, and drift, and writes the report ·
`decide` names `retrain`, which starts `bitcoin_training_pipeline`, unless a training began within the cool-down.

**Grain** `market_data.prediction_outcomes`: a prediction; `market_data.monitoring_runs`: a look at a champion, with its
`monitoring_figures` and `monitoring_drift`. Unknown is null, never 0.

**Running again** is safe: an outcome is joined once and follows a revised candle, a forecast is replayed once, and a
look that is repeated by the same run replaces what it found before.

**If it fails** the task's note says what to do. Drift or decay is no failure: the note of `judge` says what is wrong,
and links the report. Without a champion the run ends skipped, and says why there is none.
"""

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import CronTriggerTimetable, Param, dag, task

from mercado_airflow import prediction_monitoring as steps
from mercado_airflow.assets import KLINES, LOOKS, OUTCOMES, PREDICTIONS
from mercado_airflow.params import horizon, interval, symbol
from mercado_airflow.policies import TASK_DEFAULTS


@dag(
    # Half an hour after the candles are due.
    schedule=CronTriggerTimetable("40 0 * * *", timezone="UTC", run_immediately=timedelta(0)),
    catchup=False,
    max_active_runs=1,
    dagrun_timeout=timedelta(hours=2),
    is_paused_upon_creation=False,
    default_args=TASK_DEFAULTS,
    doc_md=__doc__,
    tags=["bitcoin", "monitoring"],
    # The training gets Params as they are, and null is not the word None.
    render_template_as_native_obj=True,
    params={
        "symbol": symbol(),
        "interval": interval("1h", "2h", "4h", "6h", "8h", "12h", "1d"),
        "horizon_bars": horizon(),
        "windows_days": Param(
            [7, 30, 90],
            title="Windows, in days",
            type="array",
            items={"type": "integer", "minimum": 1, "maximum": 366},
            minItems=1,
            uniqueItems=True,
            description="The latest so many days, in which forecasts are judged, as a list: 1 to 366, such as [7, 30].",
        ),
    },
)
def prediction_monitoring() -> None:
    """Join, replay, judge, decide."""
    joined = task(steps.join_truth, inlets=[KLINES], outlets=[OUTCOMES])()
    replayed = task(steps.replay, inlets=[KLINES], outlets=[PREDICTIONS])()
    judged = task(steps.judge, outlets=[LOOKS])()
    decided = task.branch(steps.decide)(judged)
    retrain = TriggerDagRunOperator(
        task_id=steps.RETRAIN,
        trigger_dag_id=steps.TRAINING,
        conf={name: f"{{{{ params.{name} }}}}" for name in steps.SERIES},
        doc_md="Starts the training of the same series; its gate judges the successor.",
    )
    joined >> replayed >> judged
    decided >> retrain


prediction_monitoring()
