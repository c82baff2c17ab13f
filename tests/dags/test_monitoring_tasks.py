"""What the monitoring's DAG does with a decision: a training is started where that was decided, and nowhere else."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("retraining", "next_task"),
    [("started", "retrain"), ("not_needed", None), ("cooling_down", None)],
)
def test_only_a_decision_to_start_names_the_task_that_starts(
    retraining: str, next_task: str | None, airflow_home: Path
) -> None:
    from mercado_airflow.prediction_monitoring import decide

    assert decide({"retraining": retraining, "reason": "why"}) == next_task


def test_the_training_is_started_with_the_params_of_the_series_that_was_watched(dags: dict[str, Any]) -> None:
    watching, training = dags["prediction_monitoring"], dags["bitcoin_training_pipeline"]
    retrain = watching.get_task("retrain")
    assert retrain.trigger_dag_id == "bitcoin_training_pipeline"
    assert set(retrain.conf) == {"symbol", "interval", "horizon_bars"}
    assert set(retrain.conf) <= set(training.params)
    assert retrain.conf["horizon_bars"] == "{{ params.horizon_bars }}"
    assert watching.render_template_as_native_obj
    for name in retrain.conf:
        assert watching.params.get_param(name).schema == training.params.get_param(name).schema


def test_each_step_waits_for_the_one_before(dags: dict[str, Any]) -> None:
    steps = ["join_truth", "replay", "judge", "decide", "retrain"]
    tasks = dags["prediction_monitoring"]
    assert sorted(tasks.task_ids) == sorted(steps)
    for before, after in pairwise(steps):
        assert tasks.get_task(after).upstream_task_ids == {before}
