"""What the monitoring's DAG does with a decision: a training is started where that was decided, and nowhere else."""

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

STEPS = ["join_truth", "replay", "judge", "decide", "retrain"]


def test_a_decision_to_start_gives_the_training_the_series_that_was_watched(dags: dict[str, Any]) -> None:
    from mercado_airflow.prediction_monitoring import decide

    judged = {"retraining": "started", "reason": "why"}
    conf = decide("ETHUSDT-4h", judged, {"horizon_bars": 3})
    assert conf == {"symbol": "ETHUSDT", "interval": "4h", "horizon_bars": 3}
    params = dags["bitcoin_training_pipeline"].params
    for name, value in conf.items():
        assert params.get_param(name).resolve(value) == value


@pytest.mark.parametrize("retraining", ["not_needed", "cooling_down"])
def test_any_other_decision_starts_nothing_and_says_why(retraining: str, airflow_home: Path) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    from mercado_airflow.prediction_monitoring import decide

    with pytest.raises(AirflowSkipException, match=r"Retraining (not needed|cooling down): why"):
        decide("ETHUSDT-4h", {"retraining": retraining, "reason": "why"})


def test_each_step_waits_for_the_one_before(dags: dict[str, Any]) -> None:
    tasks = dags["prediction_monitoring"]
    assert sorted(tasks.task_ids) == sorted(["choose_trained", *STEPS])
    assert tasks.get_task("retrain").trigger_dag_id == "bitcoin_training_pipeline"
    for before, after in pairwise(STEPS):
        assert before in tasks.get_task(after).upstream_task_ids
