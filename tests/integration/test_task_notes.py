"""Notes in Airflow's real metadata database: written, replaced at the next try, a person's own left alone."""

import logging
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from pydantic import SecretStr

from mercado.errors import RejectedFileError
from mercado.warehouse.connection import connect
from tests.conftest import DatabaseServer
from tests.integration.airflow_metadata import airflow_metadata

pytestmark = pytest.mark.filterwarnings("default")  # Airflow's own imports warn
RUN = """
insert into dag_run (dag_id, run_id, run_type, run_after, state, log_template_id, clear_number)
values ('a', 'r', 'manual', now(), 'running', (select max(id) from log_template), 0)
on conflict do nothing
"""
TASK = """
insert into task_instance (
    id, task_id, dag_id, run_id, map_index, state, try_number, max_tries, pool, pool_slots, queue
)
values (gen_random_uuid(), 't', 'a', 'r', %s, 'running', 1, 0, 'default_pool', 1, 'default')
"""
# What Airflow does when it tries a task again.
NEXT_TRY = "update task_instance set id = gen_random_uuid(), try_number = try_number + 1"
NOTES = """
select task.map_index, note.user_id, note.content
from task_instance_note as note
join task_instance as task on task.id = note.ti_id
order by task.map_index
"""
Note = tuple[int, str, str]


@pytest.fixture(scope="module")
def metadata(database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecretStr]:
    home = tmp_path_factory.mktemp("airflow")
    with airflow_metadata(database_server, home) as url, pytest.MonkeyPatch.context() as patch:
        # For Airflow's imports, which a task's process has behind it when the address is taken from it.
        patch.setenv("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", f"sqlite:///{home}/unused.db")
        yield url


@pytest.fixture
def airflow(metadata: SecretStr, monkeypatch: pytest.MonkeyPatch) -> Iterator[psycopg.Connection]:
    """Yield a connection to the metadata of two instances of a mapped task, which tasks find by their setting."""
    monkeypatch.setenv("MERCADO_AIRFLOW_URL", metadata.get_secret_value())
    with connect(metadata, application="tests") as connection:
        connection.execute(RUN)
        for map_index in (0, 1):
            connection.execute(TASK, (map_index,))
        yield connection
        connection.execute("delete from task_instance")


def notes(connection: psycopg.Connection) -> list[Note]:
    return [(map_index, author, text) for map_index, author, text in connection.execute(NOTES)]


def context(*, error: BaseException | None = None, state: str = "failed", map_index: int = 0) -> dict[str, Any]:
    """Return what Airflow gives a task's callbacks, as far as notes read it."""
    task = SimpleNamespace(dag_id="a", run_id="r", task_id="t", map_index=map_index, try_number=1, state=state)
    return {"ti": task, "exception": error}


def note(*lines: str, map_index: int = 0) -> None:
    """Note something in the instance of a task, whose context Airflow would state."""
    from airflow.sdk.definitions.context import Context
    from airflow.sdk.execution_time.context import set_current_context

    from mercado_airflow import notes as module

    stated: Context = context(map_index=map_index)  # type: ignore[assignment]
    with set_current_context(stated):
        module.note(*lines)


def test_each_instance_of_a_mapped_task_has_its_own_note(airflow: psycopg.Connection) -> None:
    note("**Load 7**", "- 3 inserted", "- 0 rejected")
    note("**Load 8**", map_index=1)
    assert notes(airflow) == [(0, "mercado", "**Load 7**\n\n- 3 inserted\n- 0 rejected"), (1, "mercado", "**Load 8**")]


def test_a_failure_stays_readable_while_the_task_is_tried_again_and_then_gives_way(airflow: psycopg.Connection) -> None:
    from mercado_airflow.notes import note_failure

    note_failure(context(error=RuntimeError("a*b_c"), state="up_for_retry"))
    airflow.execute(NEXT_TRY)
    failed = "**Failed** at try 1; it will be tried again.\n\nRuntimeError: a\\*b\\_c"
    assert notes(airflow) == [(0, "mercado", failed)]
    note("**Load 7**")
    assert notes(airflow) == [(0, "mercado", "**Load 7**")]


def test_a_refusal_says_why_and_what_else_there_is_to_see(airflow: psycopg.Connection) -> None:
    from mercado_airflow.notes import note_failure

    error = RejectedFileError("a.xls is in quarantine: no such layout")
    error.add_note("[rejected rows](http://localhost:8000/)")
    note_failure(context(error=error))
    said = "a.xls is in quarantine: no such layout\n\n[rejected rows](http://localhost:8000/)"
    assert notes(airflow) == [(0, "mercado", f"**Failed** at try 1.\n\n{said}")]


def test_a_skipped_task_says_why(airflow: psycopg.Connection) -> None:
    from airflow.sdk.exceptions import AirflowSkipException

    from mercado_airflow.notes import note_skip

    note_skip(context(error=AirflowSkipException("No new candle.")))
    assert notes(airflow) == [(0, "mercado", "**Skipped.** No new candle.")]


@pytest.mark.parametrize("author", ["1", None])
def test_a_note_of_a_person_stays(airflow: psycopg.Connection, author: str | None) -> None:
    note("ours")
    airflow.execute("update task_instance_note set user_id = %s, content = 'mine'", (author,))
    note("ours again")
    assert [text for _, _, text in notes(airflow)] == ["mine"]


def test_what_airflow_cannot_hold_is_left_out_by_whole_lines(airflow: psycopg.Connection) -> None:
    note(*(f"- {number}{'x' * 100}" for number in range(20)))
    note("y" * 2000, map_index=1)
    (_, _, many), (_, _, long) = notes(airflow)
    assert many.splitlines()[0] == f"- 0{'x' * 100}"
    assert many.splitlines()[-1] == "…"
    assert len(many) <= 1000
    assert 990 < len(long) <= 1000
    assert long.endswith("y …")


def test_a_note_that_cannot_be_written_is_a_warning_and_no_error(
    airflow: psycopg.Connection, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, logger="mercado_airflow.notes"):
        airflow.execute("alter table task_instance_note rename to elsewhere")
        note("of another Airflow's schema")
        airflow.execute("alter table elsewhere rename to task_instance_note")
        monkeypatch.setenv("MERCADO_AIRFLOW_URL", "postgresql://a:secret@127.0.0.1:1/a")
        note("of a database that is down")
        monkeypatch.delenv("MERCADO_AIRFLOW_URL")
        monkeypatch.setenv("MERCADO_ENV_FILE", "/dev/null")
        note("of no database")
    assert len(caplog.records) == 3
    assert "secret" not in caplog.text
    assert notes(airflow) == []


def test_a_locked_task_is_not_waited_for(airflow: psycopg.Connection, metadata: SecretStr, tmp_path: Path) -> None:
    with connect(metadata, application="tests") as scheduler, scheduler.transaction():
        scheduler.execute("select id from task_instance for update")
        note("nobody waits")
    assert notes(airflow) == []
