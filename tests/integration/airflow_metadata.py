"""Airflow's metadata database for tests: made by Airflow itself, which is then kept from it, as inside a task."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pydantic import SecretStr

from mercado.local.supervision import inherited_environment
from tests.conftest import DatabaseServer

AIRFLOW = str(Path(sys.executable).with_name("airflow"))


@contextmanager
def airflow_metadata(database_server: DatabaseServer, home: Path) -> Iterator[SecretStr]:
    """Yield the URL of a database with the schema that Airflow makes, which its settings do not name."""
    url = database_server.url("airflow", "airflow_db")
    address = url.get_secret_value().replace("postgresql://", "postgresql+psycopg2://", 1)
    own = inherited_environment() | {"AIRFLOW_HOME": str(home), "AIRFLOW__CORE__LOAD_EXAMPLES": "False"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in own.items():
            patch.setenv(name, value)
        subprocess.run(
            [AIRFLOW, "db", "migrate"],
            env=own | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": address},
            check=True,
            capture_output=True,
        )
        # As inside a task, where Airflow's own setting leads nowhere.
        patch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "airflow-db-not-allowed:///")
        yield url
