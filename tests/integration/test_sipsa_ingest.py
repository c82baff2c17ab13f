"""The whole way, from a simulated service into PostgreSQL: all operations, faults, revisions, age."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest

from mercado.errors import SourceContractError, SourceError, SourceUnavailableError, StaleDataError
from mercado.sipsa.client import SipsaClient
from mercado.sipsa.contract import CITY_PRICES, OPERATIONS, WEEKLY_MARKET_PRICES, Operation
from mercado.sipsa.freshness import last_day, require_fresh
from mercado.sipsa.ingest import IngestReport, ingest
from mercado.warehouse.loads import MergeCounts
from tests.commands import run_mercado
from tests.simulators.running import SimulatorHandle, running_simulator
from tests.simulators.sipsa.options import SipsaOptions

TODAY = date(2026, 9, 11)
ROWS = 3000


@pytest.fixture(scope="module")
def service() -> Iterator[SimulatorHandle]:
    with running_simulator(sipsa=SipsaOptions(rows=ROWS, today=TODAY)) as simulator:
        yield simulator


@pytest.fixture
def simulator(service: SimulatorHandle) -> SimulatorHandle:
    """Return a simulator of six operations with 3,000 rows each, without faults, revisions or drift."""
    service.clear_faults()
    service.clear_sipsa_revisions()
    service.set_sipsa_window(today=TODAY, rows=ROWS)
    return service


def run(connection: psycopg.Connection, simulator: SimulatorHandle, folder: Path, operation: Operation) -> IngestReport:
    client = SipsaClient(simulator.sipsa_wsdl_url)
    return ingest(connection, client, operation, folder=folder, clock=lambda: TODAY)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_every_item_of_every_operation_is_stored_and_a_second_run_changes_nothing(
    sipsa: psycopg.Connection, simulator: SimulatorHandle, tmp_path: Path, operation: Operation
) -> None:
    first = run(sipsa, simulator, tmp_path, operation)
    assert (first.read, first.rejected, first.counts) == (ROWS, 0, MergeCounts(inserted=ROWS))
    assert run(sipsa, simulator, tmp_path, operation).counts == MergeCounts(unchanged=ROWS)
    assert require_fresh(sipsa, operation, clock=lambda: TODAY) == first.last_day
    answers = sipsa.execute("select url, byte_count, sha256 from ops.load_answers").fetchall()
    assert len({sha256 for _, _, sha256 in answers}) == 1
    assert len(list(tmp_path.glob(f"{operation.name}-*.xml.gz"))) == 2


def test_a_price_revised_in_the_source_is_updated_and_the_earlier_one_kept(
    sipsa: psycopg.Connection, simulator: SimulatorHandle, tmp_path: Path
) -> None:
    run(sipsa, simulator, tmp_path, CITY_PRICES)
    simulator.revise_sipsa(CITY_PRICES.name, positions=[7], factor=1.5)
    assert run(sipsa, simulator, tmp_path, CITY_PRICES).counts == MergeCounts(updated=1, unchanged=ROWS - 1)
    kept = sipsa.execute("select count(*) from sipsa_data.sipsa_prices_revisions").fetchone()
    assert kept == (1,)


@pytest.mark.parametrize(
    ("kind", "fields", "error"),
    [
        ("status", {"status": 503}, SourceUnavailableError),
        ("status", {"status": 415}, SourceContractError),
        ("cut", {}, SourceUnavailableError),
    ],
)
def test_a_fault_of_the_service_changes_nothing_and_the_next_run_makes_up_for_it(
    sipsa: psycopg.Connection,
    simulator: SimulatorHandle,
    tmp_path: Path,
    kind: str,
    fields: dict[str, int],
    error: type[SourceError],
) -> None:
    simulator.add_fault(kind, path="/sipsaWS", method="POST", **fields)
    with pytest.raises(error):
        run(sipsa, simulator, tmp_path, CITY_PRICES)
    assert last_day(sipsa, CITY_PRICES) is None
    assert sipsa.execute("select status from ops.loads").fetchall() == [("failed",)]
    simulator.clear_faults()
    assert run(sipsa, simulator, tmp_path, CITY_PRICES).counts.inserted == ROWS


def test_old_data_are_stale_and_the_last_good_day_is_named(
    sipsa: psycopg.Connection, simulator: SimulatorHandle, tmp_path: Path
) -> None:
    with pytest.raises(StaleDataError, match="the last good day is none"):
        require_fresh(sipsa, WEEKLY_MARKET_PRICES, clock=lambda: TODAY)
    newest = run(sipsa, simulator, tmp_path, WEEKLY_MARKET_PRICES).last_day
    assert newest is not None
    late = newest + timedelta(days=WEEKLY_MARKET_PRICES.stale_after_days + 1)
    with pytest.raises(StaleDataError, match=f"the last good day is {newest}"):
        require_fresh(sipsa, WEEKLY_MARKET_PRICES, clock=lambda: late)


def test_the_command_prints_counts_and_the_last_day(
    sipsa: psycopg.Connection, simulator: SimulatorHandle, mercado_command: dict[str, str]
) -> None:
    environment = mercado_command | {"SIPSA_WSDL_URL": simulator.sipsa_wsdl_url}
    options = ("--operation", CITY_PRICES.name, "--since", "2000-01-01")
    finished = run_mercado(environment, "sipsa", "ingest", *options)
    assert finished.returncode == 0, finished.stderr
    assert f"{CITY_PRICES.name}: {ROWS} read, {ROWS} inserted, 0 updated, 0 unchanged, 0 rejected" in finished.stdout
    contract = run_mercado(environment, "sipsa", "contract")
    assert "is exactly this one" in contract.stdout
    unknown = run_mercado(environment, "sipsa", "ingest", "--operation", "nope")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)
    assert "No operation nope" in unknown.stderr
