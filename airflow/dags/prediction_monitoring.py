"""### Is the served forecaster still good, and does its input still look like its training?

**Source** `market_data.predictions`, `market_data.klines`, the champion and the drift reference stored with it.

**Steps** `join_truth` writes down what came true · `replay` adds what the champion would have forecast where nobody
asked · `judge` measures skill by window and version, live and replayed apart, and drift, and writes the report ·
`decide` lets `retrain` start `bitcoin_training_pipeline`, unless a training began within the cool-down. All of it for
each series of `MERCADO_SERIES` that has a forecaster, side by side, or for the one that the Params name.

**Grain** `market_data.prediction_outcomes`: a prediction; `market_data.monitoring_runs`: a look at a champion, with its
`monitoring_figures` and `monitoring_drift`. Unknown is null, never 0.

**Running again** is safe: an outcome is joined once and follows a revised candle, a forecast is replayed once, and a
look that is repeated by the same run replaces what it found before.

**If it fails** the task's note says what to do. Drift or decay is no failure: the note of `judge` says what is wrong,
and links the report. Without a champion the run ends skipped, and says why there is none.
"""

from datetime import timedelta

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import CronTriggerTimetable, Param, dag, task, task_group

from mercado_airflow import prediction_monitoring as steps
from mercado_airflow.assets import KLINES, LOOKS, OUTCOMES, PREDICTIONS
from mercado_airflow.params import horizon, optional_interval, optional_symbol
from mercado_airflow.policies import TASK_DEFAULTS
from mercado_airflow.series import choose_trained, of_each


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
    params={
        "symbol": optional_symbol(),
        "interval": optional_interval("1h", "2h", "4h", "6h", "8h", "12h", "1d"),
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

    @task_group(prefix_group_id=False)
    def each_series(series: str) -> None:
        joined = of_each(steps.join_truth, inlets=[KLINES], outlets=[OUTCOMES])(series=series)
        replayed = of_each(steps.replay, inlets=[KLINES], outlets=[PREDICTIONS])(series=series)
        judged = of_each(steps.judge, outlets=[LOOKS])(series=series)
        joined >> replayed >> judged
        TriggerDagRunOperator(
            task_id="retrain",
            trigger_dag_id=steps.TRAINING,
            conf=of_each(steps.decide)(series=series, judged=judged),
            doc_md="Starts the training of the same series; its gate judges the successor.",
        )

    each_series.expand(series=task(choose_trained)())


prediction_monitoring()
