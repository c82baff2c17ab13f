"""Killed at any stage, or with PostgreSQL restarted under it, the next run ends in the rows of an undisturbed one."""

import os
import signal
import subprocess
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from mercado.errors import ServiceUnavailableError
from mercado.local.postgres import EmbeddedPostgres
from mercado.local.runtime import create_databases
from mercado.settings import postgres_url
from mercado.sipsa.client import SipsaClient
from mercado.sipsa.contract import CITY_PRICES
from mercado.sipsa.ingest import ingest
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.commands import MERCADO, run_mercado
from tests.conftest import PASSWORD, database_passwords
from tests.integration.stages import STAGE_SECONDS, Reached, held_at, wait_until
from tests.ports import free_port
from tests.simulators.running import SimulatorHandle, running_simulator
from tests.simulators.sipsa.options import SipsaOptions

TODAY = date(2026, 9, 11)
ROWS = 40_000
COMMAND = ("sipsa", "ingest", "--operation", CITY_PRICES.name)
CITY_TABLE = "sipsa_data.sipsa_prices"
CONTENT = """
    select count(*), sum(hashtextextended((to_jsonb(prices) - 'seen_from_utc' - 'load_id')::text, 0))
    from sipsa_data.sipsa_prices as prices
"""
COPIED = "select coalesce(max(tuples_processed), 0) from pg_stat_progress_copy where command = 'COPY FROM'"
Content = tuple[int, Decimal]


@pytest.fixture(scope="module")
def service() -> Iterator[SimulatorHandle]:
    with running_simulator(sipsa=SipsaOptions(rows=ROWS, today=TODAY)) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def undisturbed(
    service: SimulatorHandle, migrated_warehouse: SecretStr, tmp_path_factory: pytest.TempPathFactory
) -> Content:
    """Return the number of rows and their digest after a run that nothing disturbed."""
    with connect(migrated_warehouse, application="tests") as connection:
        connection.execute("truncate sipsa_data.sipsa_prices")
        client, folder = SipsaClient(service.sipsa_wsdl_url), tmp_path_factory.mktemp("undisturbed")
        ingest(connection, client, CITY_PRICES, folder=folder, clock=lambda: TODAY)
        count, digest = connection.execute(CONTENT).fetchone() or (0, 0)
    assert count == ROWS
    return count, digest


@pytest.fixture
def command(service: SimulatorHandle, mercado_command: dict[str, str]) -> dict[str, str]:
    """Return the environment of the command line on a service without faults."""
    service.clear_faults()
    return mercado_command | {"SIPSA_WSDL_URL": service.sipsa_wsdl_url}


def test_killed_while_it_fetches(
    sipsa: psycopg.Connection,
    service: SimulatorHandle,
    command: dict[str, str],
    undisturbed: Content,
    tmp_path: Path,
) -> None:
    service.add_fault("stall", path="/sipsaWS", method="POST", delay_seconds=5)
    raw = tmp_path / "data"
    kill(command, lambda: any(part.stat().st_size > 0 for part in raw.rglob("*.part")))
    service.clear_faults()
    assert_the_next_run_makes_up_for_it(sipsa, command, undisturbed)
    assert not list(raw.rglob("*.part"))


@pytest.mark.parametrize("rows", [1, ROWS // 2], ids=["parse", "staging"])
def test_killed_while_it_parses_and_stages(
    sipsa: psycopg.Connection, command: dict[str, str], undisturbed: Content, rows: int
) -> None:
    def copied() -> bool:
        (count,) = sipsa.execute(COPIED).fetchone() or (0,)
        return bool(count >= rows)

    kill(command, copied)
    assert_the_next_run_makes_up_for_it(sipsa, command, undisturbed)


@pytest.mark.parametrize("table", [CITY_TABLE, "ops.load_answers"], ids=["merge", "record"])
def test_killed_while_it_merges_and_records(
    sipsa: psycopg.Connection,
    migrated_warehouse: SecretStr,
    command: dict[str, str],
    undisturbed: Content,
    table: str,
) -> None:
    with held_at(migrated_warehouse, table) as reached:
        kill(command, reached)
    assert_the_next_run_makes_up_for_it(sipsa, command, undisturbed)


def test_postgresql_restarted_while_it_merges(service: SimulatorHandle, undisturbed: Content, tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres", free_port(), "postgres", PASSWORD)
    server.prepare()
    url = postgres_url(user="warehouse", password=SecretStr(PASSWORD), port=server.port, database="warehouse_db")
    environment = dict(os.environ) | {
        "MERCADO_ENV_FILE": os.devnull,
        "MERCADO_WAREHOUSE_URL": url.get_secret_value(),
        "MERCADO_DATA_DIR": str(tmp_path / "data"),
        "SIPSA_WSDL_URL": service.sipsa_wsdl_url,
    }
    log = tmp_path / "postgres.log"
    process = server.start(log)
    try:
        create_databases(server, database_passwords())
        migrate(url)
        # The test's own connection, which holds the lock, is lost with the server too.
        with pytest.raises(ServiceUnavailableError), held_at(url, CITY_TABLE) as reached:  # noqa: PT012
            ingestion = start(environment)
            wait_until(reached, ingestion)
            process.send_signal(signal.SIGQUIT)  # the immediate shutdown: as if it had crashed
            process.wait(STAGE_SECONDS)
        _, errors = ingestion.communicate(timeout=STAGE_SECONDS)
        assert ingestion.returncode == 1
        assert "The warehouse does not answer" in errors
        assert "Traceback" not in errors
        process = server.start(log)
        with connect(url, application="tests") as connection:
            assert_the_next_run_makes_up_for_it(connection, environment, undisturbed)
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(STAGE_SECONDS)
        server.destroy()


def assert_the_next_run_makes_up_for_it(
    connection: psycopg.Connection, environment: dict[str, str], undisturbed: Content
) -> None:
    assert connection.execute(CONTENT).fetchone() == (0, None)
    again = run_mercado(environment, *COMMAND)
    assert again.returncode == 0, again.stderr
    assert f"{ROWS} inserted, 0 updated" in again.stdout
    assert connection.execute("select status from ops.loads order by load_id").fetchall() == [
        ("abandoned",),
        ("succeeded",),
    ]
    assert connection.execute(CONTENT).fetchone() == undisturbed


def start(environment: dict[str, str]) -> "subprocess.Popen[str]":
    return subprocess.Popen([MERCADO, *COMMAND], env=environment, stderr=subprocess.PIPE, text=True)


def kill(environment: dict[str, str], reached: Reached) -> None:
    """Run the command in slices, and kill it between two of them when it has reached a stage."""
    with start(environment) as process:
        try:
            wait_until(reached, process)
        finally:
            process.kill()
