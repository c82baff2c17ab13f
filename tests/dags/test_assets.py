"""Assets are named as what they stand for; each task says what it writes, and only some of it starts something."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.dags.dag_table import awaited_assets


def outlets(dags: dict[str, Any], dag_id: str) -> dict[str, set[str]]:
    """Return the names of the assets that each task of a DAG writes, of those that write any."""
    tasks = {task.task_id: {asset.name for asset in task.outlets} for task in dags[dag_id].tasks}
    return {task_id: names for task_id, names in tasks.items() if names}


def awaited_by(dag: Any) -> set[str]:
    """Return the names of the assets that start a DAG."""
    return {asset.name for asset in awaited_assets(dag)}


def test_only_the_announcement_of_new_candles_starts_the_training(dags: dict[str, Any]) -> None:
    written = outlets(dags, "bitcoin_data_ingestion")
    assert [task_id for task_id, names in written.items() if "market_data.klines" in names] == ["announce"]
    assert awaited_by(dags["bitcoin_training_pipeline"]) == {"market_data.klines"}


def test_nothing_but_the_announcement_writes_what_a_dag_waits_for(dags: dict[str, Any]) -> None:
    awaited = set().union(*map(awaited_by, dags.values()))
    assert awaited == {"market_data.klines", "data/landing_zone"}
    writers = {
        (dag_id, task_id) for dag_id in dags for task_id, names in outlets(dags, dag_id).items() if names & awaited
    }
    assert writers == {("bitcoin_data_ingestion", "announce")}


def test_every_table_that_an_ingestion_fills_is_an_outlet_of_its_task(dags: dict[str, Any]) -> None:
    from mercado.landing.tables import TABLES
    from mercado.sipsa.contract import OPERATIONS

    workbooks = outlets(dags, "file_ingestion_from_excel")["ingest"]
    assert workbooks == {f"sipsa_data.{table.name}" for table in TABLES}
    operations = outlets(dags, "dane_sipsa_prices_ingestion")["ingest"]
    assert operations == {f"sipsa_data.{operation.table}" for operation in OPERATIONS}


def test_every_layout_of_a_workbook_has_its_tables(dags: dict[str, Any]) -> None:
    from mercado.landing.document import LayoutName
    from mercado_airflow.assets import WORKBOOK_TABLES

    assert set(WORKBOOK_TABLES) == set(LayoutName)


def test_an_instance_tells_of_the_tables_that_it_wrote_with_its_counts(dags: dict[str, Any]) -> None:
    from airflow.sdk.execution_time.context import OutletEventAccessors, set_current_context

    from mercado_airflow.assets import SIPSA_TABLES, wrote

    task = SimpleNamespace(outlets=list(SIPSA_TABLES.values()))
    context: Any = {"ti": SimpleNamespace(task=task), "outlet_events": OutletEventAccessors()}
    written = SIPSA_TABLES["promediosSipsaCiudad"]
    with set_current_context(context):
        wrote(written, load_id=7, inserted=3)
    assert task.outlets == [written]
    assert context["outlet_events"][written].extra == {"load_id": 7, "inserted": 3}


def callbacks(stated: Any) -> list[Any]:
    """Return callbacks as a list; a mapped task states a single one by itself."""
    return [stated] if callable(stated) else list(stated)


@pytest.mark.parametrize("dag_id", ["bitcoin_data_ingestion", "file_ingestion_from_excel"])
def test_a_task_that_fails_or_is_skipped_has_its_note_written(dags: dict[str, Any], dag_id: str) -> None:
    from mercado_airflow.notes import note_failure, note_skip

    for task in dags[dag_id].tasks:
        assert callbacks(task.on_failure_callback) == callbacks(task.on_retry_callback) == [note_failure]
        assert callbacks(task.on_skipped_callback) == [note_skip]


def test_candles_are_announced_series_by_series(dags: dict[str, Any]) -> None:
    from airflow.sdk.execution_time.context import OutletEventAccessors, set_current_context

    from mercado_airflow.assets import KLINES
    from mercado_airflow.bitcoin_ingestion import announce

    context: Any = {
        "ti": SimpleNamespace(task=SimpleNamespace(outlets=[KLINES])),
        "outlet_events": OutletEventAccessors(),
    }
    with set_current_context(context):
        announce("BTCUSDT-1h", {"load_id": 7, "inserted": 0, "updated": 0, "new": 3})
    event = context["outlet_events"][KLINES]
    assert event.partition_keys == {"BTCUSDT-1h"}
    assert event.extra == {"load_id": 7, "inserted": 0, "updated": 0, "new": 3}


@pytest.mark.parametrize(
    ("series", "new", "why"),
    [
        ("BTCUSDT-1h", 0, "No new candle"),
        ("BTCUSDT-1m", 5, "shorter than an hour"),
        ("DOGEUSDT-1h", 5, "MERCADO_SERIES"),
    ],
)
def test_nothing_is_announced_that_starts_nothing(
    series: str, new: int, why: str, airflow_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    from mercado_airflow.bitcoin_ingestion import announce

    monkeypatch.setenv("MERCADO_SERIES", "BTCUSDT-1h,BTCUSDT-1m")
    with pytest.raises(AirflowSkipException, match=why):
        announce(series, {"inserted": 0, "updated": 0, "new": new})
