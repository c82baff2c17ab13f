"""Which series a run is about: the one that its Params name, or every one of the settings."""

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def stated(airflow_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCADO_SERIES", "BTCUSDT-1m,BTCUSDT-1h,ETHUSDT-4h")


@pytest.mark.parametrize(
    ("symbol", "interval", "series"),
    [
        (None, None, ["BTCUSDT-1m", "BTCUSDT-1h", "ETHUSDT-4h"]),
        ("SOLUSDT", None, ["SOLUSDT-1h"]),
        (None, "1d", ["BTCUSDT-1d"]),
        ("SOLUSDT", "1d", ["SOLUSDT-1d"]),
    ],
)
def test_the_params_name_one_series_or_all_of_the_settings_are_meant(
    symbol: str | None, interval: str | None, series: list[str]
) -> None:
    from mercado_airflow.series import choose

    assert choose({"symbol": symbol, "interval": interval}) == series


def test_only_series_with_a_forecaster_are_watched() -> None:
    from mercado_airflow.series import choose_trained

    assert choose_trained({"symbol": None, "interval": None}) == ["BTCUSDT-1h", "ETHUSDT-4h"]


def test_a_training_is_of_the_series_whose_candles_started_it_and_else_of_its_params() -> None:
    from mercado.series import Series
    from mercado_airflow.series import asked

    params = {"symbol": "BTCUSDT", "interval": "1h"}
    assert asked(params, "ETHUSDT-4h") == Series.of("ETHUSDT-4h")
    assert asked(params, None) == Series.of("BTCUSDT-1h")


def test_the_instances_of_a_step_bear_the_name_of_their_series(dags: dict[str, Any]) -> None:
    for dag_id in ("bitcoin_data_ingestion", "prediction_monitoring"):
        mapped = [task for task in dags[dag_id].tasks if task.get_closest_mapped_task_group()]
        assert mapped
        for task in mapped:
            named = getattr(task, "map_index_template", None)
            assert task.task_id == "retrain" or named == "{{ task.op_kwargs['series'] }}"


def test_what_needs_the_platforms_folders_waits_in_another_queue_than_what_is_trained(dags: dict[str, Any]) -> None:
    queues = {dag_id: {task.queue for task in dag.tasks} for dag_id, dag in dags.items()}
    assert queues.pop("bitcoin_training_pipeline") == {"train"}
    assert set(map(frozenset, queues.values())) == {frozenset({"ingest"})}
