"""Airflow's real metadata database: its old rows go, the young ones, the last run of a DAG and the triggers stay."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from pydantic import SecretStr

from mercado.errors import ServiceRefusedError
from mercado.maintenance.airflow_metadata import clean_airflow_metadata
from mercado.warehouse.connection import connect
from tests.conftest import DatabaseServer
from tests.integration.airflow_metadata import airflow_metadata

NOW = datetime.now(UTC)
BEFORE = NOW - timedelta(days=90)
RUN = """
insert into dag_run (
    dag_id, run_id, run_type, logical_date, start_date, run_after, state, log_template_id, clear_number
)
values ('a', %(run)s, 'scheduled', %(at)s, %(at)s, %(at)s, 'success', (select max(id) from log_template), 0)
"""
TASK = """
insert into task_instance (
    id, task_id, dag_id, run_id, start_date, state, try_number, max_tries, pool, pool_slots, queue
)
values (gen_random_uuid(), 't', 'a', %(run)s, %(at)s, 'success', 1, 0, 'default_pool', 1, 'default')
"""
XCOM = """
insert into xcom (dag_run_id, task_id, map_index, key, dag_id, run_id, value, timestamp)
select id, 't', -1, 'return_value', dag_id, run_id, '1', %(at)s
from dag_run
where run_id = %(run)s
"""
LOG = "insert into log (dttm, event) values (%(at)s, %(run)s)"
TRIGGER = "insert into trigger (classpath, kwargs, created_date) values ('x.LandingTrigger', '{}', %(at)s)"


@pytest.fixture(scope="module")
def metadata(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecretStr]:
    with airflow_metadata(database_server, tmp_path_factory.mktemp("airflow")) as url:
        yield url


def add_run(connection: psycopg.Connection, *, days_old: float) -> None:
    """Add a run with a task, its result and a line of the audit log."""
    values = {"run": f"{days_old} days ago", "at": NOW - timedelta(days=days_old)}
    for statement in (RUN, TASK, XCOM, LOG):
        connection.execute(statement, values)


def runs(connection: psycopg.Connection, table: str) -> list[str]:
    column = "event" if table == "log" else "run_id"
    # Airflow's command writes a line about itself into its log.
    rows = connection.execute(f"select {column} from {table} where {column} like '%days ago' order by {column}")
    return [run for (run,) in rows]


def test_old_rows_go_and_young_ones_the_last_run_and_the_triggers_stay(metadata: SecretStr) -> None:
    with connect(metadata, application="tests") as connection:
        for days_old in (200, 120):
            add_run(connection, days_old=days_old)
        connection.execute(TRIGGER, {"at": NOW - timedelta(days=400)})
        connection.execute("create table _airflow_deleted__log__20260101 (left_by text)")  # a killed clean
        planned = clean_airflow_metadata(metadata, before=BEFORE, dry_run=True)
        assert runs(connection, "dag_run") == ["120 days ago", "200 days ago"]
        assert clean_airflow_metadata(metadata, before=BEFORE) == planned
        # The DAG's last run stays though it is old.
        assert runs(connection, "dag_run") == ["120 days ago"]
        assert runs(connection, "log") == []
        for days_old in (89, 1):
            add_run(connection, days_old=days_old)
        clean_airflow_metadata(metadata, before=BEFORE)
        for table in ("dag_run", "task_instance", "xcom", "log"):
            assert runs(connection, table) == ["1 days ago", "89 days ago"], table
        assert connection.execute("select count(*) from trigger").fetchone() == (1,)
        left = connection.execute("select count(*) from pg_tables where tablename like '%airflow_deleted%'").fetchone()
        assert left == (0,)


def test_a_database_that_is_not_airflows_is_an_error_and_not_nothing_to_do(
    metadata: SecretStr, database_server: DatabaseServer
) -> None:
    with pytest.raises(ServiceRefusedError, match=r"`airflow db clean` failed on 127\.0\.0\.1"):
        clean_airflow_metadata(database_server.create_database("no_airflow_db"), before=BEFORE)


def test_a_database_of_a_newer_airflow_is_refused_and_left_as_it_is(metadata: SecretStr) -> None:
    address = metadata.get_secret_value().replace("postgresql://", "postgresql+psycopg2://", 1)
    with connect(metadata, application="tests") as connection:
        stated = connection.execute("select version_num from alembic_version").fetchone()
        connection.execute("update alembic_version set version_num = 'ffffffffffff'")
        finished = subprocess.run(
            [sys.executable, "-m", "mercado_airflow.initialise"],
            env=dict(os.environ) | {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": address},
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 1
        assert "schema ffffffffffff, which Airflow" in finished.stderr
        assert "restore a backup of the older schema" in finished.stderr
        assert connection.execute("select version_num from alembic_version").fetchone() == ("ffffffffffff",)
        connection.execute("update alembic_version set version_num = %s", stated)
