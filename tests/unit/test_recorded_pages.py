"""The pages that say how the platform did are the records that the runs have left."""

import json
from typing import Any

import pytest

from tests.docker.memory import KEPT_UP as SERVICES
from tests.docker.memory import PAGE as MEMORY_PAGE
from tests.docker.memory import page as memory_page
from tests.docker.memory import recorded as recorded_memory
from tests.reliability import page as reliability
from tests.reliability.cells import CELLS, EXPLAINED, LARGEST_TABLE
from tests.reliability.faults import AtOnce, Cut, DiskFull, Frozen, Killed, Stopped


@pytest.fixture
def record() -> dict[str, Any]:
    stored: dict[str, Any] = json.loads(reliability.RECORD.read_text(encoding="utf-8"))
    return stored


def test_the_memory_page_shows_the_recorded_peaks_and_none_is_near_its_limit() -> None:
    assert MEMORY_PAGE.read_text(encoding="utf-8") == memory_page(recorded_memory())
    services = recorded_memory()["services"]
    assert set(services) == SERVICES
    assert {name for name, each in services.items() if each["peak_mb"] > 0.8 * each["limit_mb"]} == set()


def test_the_reliability_page_shows_the_recorded_cells(record: dict[str, Any]) -> None:
    assert reliability.PAGE.read_text(encoding="utf-8") == reliability.page(record)
    assert [cell["name"] for cell in record["cells"]] == [cell.name for cell in CELLS]


def test_a_red_cell_is_explained_and_a_green_one_is_not(record: dict[str, Any]) -> None:
    assert {cell["name"] for cell in record["cells"] if not cell["green"]} == set(EXPLAINED)


def test_each_service_is_killed_and_stopped_and_each_dag_disturbed_twice() -> None:
    faults = [cell.fault for cell in CELLS]
    assert {fault.service for fault in faults if isinstance(fault, Killed)} == SERVICES
    assert {fault.service for fault in faults if isinstance(fault, Stopped)} == SERVICES
    assert {fault.service for fault in faults if isinstance(fault, Frozen)} == {"postgres", "airflow-scheduler"}
    assert len({(fault.service, fault.other) for fault in faults if isinstance(fault, Cut)}) == 4
    assert {DiskFull, AtOnce} <= {type(fault) for fault in faults}
    dags = [cell.drill.dag_id for cell in CELLS]
    assert {dag_id for dag_id in dags if dags.count(dag_id) < 2} == set()
    assert len(set(dags)) == 6
    assert len(CELLS) <= LARGEST_TABLE
    assert len({cell.name for cell in CELLS}) == len(CELLS)
