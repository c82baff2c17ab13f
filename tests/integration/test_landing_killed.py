"""Killed at any step, or without PostgreSQL, the next run ends in the same rows and one archived file."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg
import pytest
from pydantic import SecretStr

from mercado.landing.attempt import SOURCE
from mercado.landing.ingest import Folders
from mercado.landing.keeping import MOVER
from mercado.warehouse.connection import connect
from mercado.warehouse.loads import recorded_load
from tests.integration.landing_documents import daily, drop
from tests.integration.landing_driver import COMMAND, driver_environment
from tests.integration.stages import Reached, held_at, wait_until

ROWS = 20_000
CONTENT = daily({f"Product {number}": str(number + 1) for number in range(ROWS)})
TABLE = "sipsa_data.mayoristas_prices"
LEDGER_TABLE = "sipsa_data.file_ingestion_log"
# Every product's name is as in the file, and its price one more than its number: the content, whoever loaded it.
RIGHT = f"""
    select count(*), count(distinct load_id), bool_and(product_name = 'Product ' || (price_cop - 1))
    from {TABLE}
"""
COPIED = "select coalesce(max(tuples_processed), 0) > %s from pg_stat_progress_copy where command = 'COPY FROM'"
WAITS_FOR_ITS_TURN = "select count(*) = 1 from pg_locks where locktype = 'advisory' and not granted"
HOLD = "select pg_advisory_xact_lock(hashtextextended(%s, 0))"


@pytest.fixture
def environment(migrated_warehouse: SecretStr, folders: Folders) -> dict[str, str]:
    """Return the driver's environment, with one file in the landing zone."""
    (folders.landing_zone / "a.xlsx").write_bytes(CONTENT)
    return driver_environment(migrated_warehouse, folders)


def assert_the_next_run_ends_in_the_same(
    connection: psycopg.Connection, folders: Folders, environment: dict[str, str], *, loads: list[str]
) -> None:
    again = subprocess.run(COMMAND, env=environment, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stderr
    assert connection.execute(RIGHT).fetchall() == [(ROWS, 1, True)]
    assert connection.execute("select count(*) from sipsa_data.mayoristas_prices_revisions").fetchone() == (0,)
    ledger = f"select status, rows_inserted, kept_at from {LEDGER_TABLE}"
    assert connection.execute(ledger).fetchall() == [("loaded", ROWS, "archive/2026/09/a.xlsx")]
    assert [status for (status,) in connection.execute("select status from ops.loads order by load_id")] == loads
    left = [path for path in folders.root.rglob("*") if path.is_file() or path.name.startswith(".")]
    assert left == [folders.archive / "2026" / "09" / "a.xlsx"]
    assert left[0].read_bytes() == CONTENT


@contextmanager
def killed_when(reached: Reached, environment: dict[str, str]) -> Iterator[None]:
    """Run the driver in slices of its time until it has reached a stage, and kill it after the block."""
    with subprocess.Popen(COMMAND, env=environment, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_until(reached, process)
            yield
        finally:
            process.kill()


@pytest.mark.parametrize(
    "table",
    ["ops.loads", TABLE, "sipsa_data.names", "ops.load_answers", LEDGER_TABLE],
    ids=["after reading", "while merging", "names", "counts", "ledger"],
)
def test_killed_before_its_commit(
    landing: psycopg.Connection,
    migrated_warehouse: SecretStr,
    folders: Folders,
    environment: dict[str, str],
    table: str,
) -> None:
    with held_at(migrated_warehouse, table) as reached, killed_when(reached, environment):
        pass
    assert landing.execute(RIGHT).fetchall() == [(0, 0, None)]
    loads = ["succeeded"] if table == "ops.loads" else ["abandoned", "succeeded"]
    assert_the_next_run_ends_in_the_same(landing, folders, environment, loads=loads)


def test_the_load_of_a_killed_run_whose_file_is_deleted_does_not_seem_to_run_for_ever(
    landing: psycopg.Connection, migrated_warehouse: SecretStr, folders: Folders, environment: dict[str, str]
) -> None:
    with held_at(migrated_warehouse, TABLE) as reached, killed_when(reached, environment):
        pass
    (folders.landing_zone / "a.xlsx").unlink()
    statuses = "select array_agg(status order by load_id) from ops.loads"
    assert landing.execute(statuses).fetchone() == (["running"],)
    drop(landing, folders, daily(), "b.xlsx")
    assert landing.execute(statuses).fetchone() == (["abandoned", "succeeded"],)


def test_a_load_that_another_process_runs_is_not_taken_for_dead(
    landing: psycopg.Connection, migrated_warehouse: SecretStr, folders: Folders
) -> None:
    with (
        connect(migrated_warehouse, application="tests") as other,
        recorded_load(other, source=SOURCE, scope="a file", origin="file"),
    ):
        drop(landing, folders, daily(), "b.xlsx")
        statuses = landing.execute("select array_agg(status order by load_id) from ops.loads").fetchone()
    assert statuses == (["running", "succeeded"],)


@pytest.mark.parametrize("rows", [0, ROWS // 2], ids=["first rows", "half of them"])
def test_killed_while_it_copies(
    landing: psycopg.Connection, folders: Folders, environment: dict[str, str], rows: int
) -> None:
    with killed_when(lambda: landing.execute(COPIED, (rows,)).fetchone() == (True,), environment):
        pass
    assert landing.execute(RIGHT).fetchall() == [(0, 0, None)]
    assert_the_next_run_ends_in_the_same(landing, folders, environment, loads=["abandoned", "succeeded"])


def test_killed_between_its_commit_and_the_move(
    landing: psycopg.Connection, migrated_warehouse: SecretStr, folders: Folders, environment: dict[str, str]
) -> None:
    def waits() -> bool:
        return landing.execute(WAITS_FOR_ITS_TURN).fetchone() == (True,)

    with connect(migrated_warehouse, application="tests") as other, other.transaction():
        other.execute(HOLD, (MOVER,))
        with killed_when(waits, environment):
            assert landing.execute(RIGHT).fetchall() == [(ROWS, 1, True)]
    assert [path.name for path in folders.landing_zone.iterdir()] == ["a.xlsx"]
    assert not folders.archive.exists()
    assert_the_next_run_ends_in_the_same(landing, folders, environment, loads=["succeeded"])


def test_killed_while_it_moves(
    landing: psycopg.Connection, migrated_warehouse: SecretStr, folders: Folders, environment: dict[str, str]
) -> None:
    """It has written the archived file, but neither told the ledger nor removed the dropped one."""

    def waits_for_its_turn() -> bool:
        return landing.execute(WAITS_FOR_ITS_TURN).fetchone() == (True,)

    with ExitStack() as held, connect(migrated_warehouse, application="tests") as other:
        with other.transaction():
            other.execute(HOLD, (MOVER,))
            process = held.enter_context(subprocess.Popen(COMMAND, env=environment))
            held.callback(process.kill)
            wait_until(waits_for_its_turn, process)
            waits_for_the_ledger = held.enter_context(held_at(migrated_warehouse, LEDGER_TABLE))
        wait_until(waits_for_the_ledger, process)
        process.kill()  # before the ledger is released, or it might go on
        process.wait()
    assert (folders.archive / "2026" / "09" / "a.xlsx").is_file()
    assert (folders.landing_zone / "a.xlsx").is_file()
    assert_the_next_run_ends_in_the_same(landing, folders, environment, loads=["succeeded"])


def test_killed_before_a_refused_file_is_moved(
    landing: psycopg.Connection, migrated_warehouse: SecretStr, folders: Folders, environment: dict[str, str]
) -> None:
    (folders.landing_zone / "a.xlsx").write_bytes(b"bad")

    def waits() -> bool:
        return landing.execute(WAITS_FOR_ITS_TURN).fetchone() == (True,)

    with connect(migrated_warehouse, application="tests") as other, other.transaction():
        other.execute(HOLD, (MOVER,))
        with killed_when(waits, environment):
            pass
    subprocess.run(COMMAND, env=environment, check=True)
    ledger = landing.execute(f"select status, attempts, kept_at from {LEDGER_TABLE}").fetchall()
    assert ledger == [("refused", 2, "quarantine/a.xlsx")]
    assert sorted(path.name for path in folders.quarantine.iterdir()) == ["a.xlsx", "a.xlsx.report.md"]
    assert list(folders.landing_zone.iterdir()) == []


def test_without_postgresql_the_file_stays_and_the_error_says_what_to_look_at(
    landing: psycopg.Connection, migrated_warehouse: SecretStr, folders: Folders, environment: dict[str, str]
) -> None:
    with held_at(migrated_warehouse, TABLE) as reached:
        process = subprocess.Popen(COMMAND, env=environment, stderr=subprocess.PIPE, text=True)
        wait_until(reached, process)
        landing.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'landing driver'"
        )
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith("ServiceUnavailableError: The warehouse does not answer")
    assert_the_next_run_ends_in_the_same(landing, folders, environment, loads=["abandoned", "succeeded"])
