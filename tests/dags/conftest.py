"""Airflow for the DAG tests: a home of its own, configured before anything imports it."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

DAGS = Path(__file__).parent.parent.parent / "airflow" / "dags"
DAG_FILES = sorted(DAGS.glob("*.py"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Airflow's own imports warn; warnings of our code stay errors everywhere else."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings("default"))


@pytest.fixture(scope="session")
def airflow_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Point Airflow at an empty home for the session; nothing of it may have been imported before."""
    home = tmp_path_factory.mktemp("airflow")
    settings = {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/unused.db",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AIRFLOW")]:
            patch.delenv(name)
        for name, value in settings.items():
            patch.setenv(name, value)
        yield home


@pytest.fixture(scope="session")
def dags(airflow_home: Path) -> dict[str, Any]:
    """Return every DAG by its id, as the dag-processor reads them; an import error fails."""
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(dag_folder=str(DAGS))
    assert bag.import_errors == {}
    return dict(bag.dags)


@pytest.fixture
def landing_zone(airflow_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the empty landing zone of the data folder that the settings state."""
    monkeypatch.setenv("MERCADO_DATA_DIR", str(tmp_path))
    folder = tmp_path / "landing_zone"
    folder.mkdir()
    return folder
