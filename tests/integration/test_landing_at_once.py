"""Several at once: on one folder, on one content, on one day, on one month of rice."""

import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr

from mercado.errors import LoadInProgressError
from mercado.landing.document import Document
from mercado.landing.ingest import FileOutcome, Folders, Status, ingest_file
from mercado.landing.turns import exclusive_transaction
from mercado.local.waiting import wait_until
from mercado.warehouse.connection import connect
from tests.integration.landing_documents import DAY, daily, drop, read_document, weekly
from tests.integration.landing_driver import COMMAND, driver_environment

FILES = 12
NAMES = 2000
WAITING_FOR_SERIES = """
    select count(*) from pg_locks where not granted and relation = 'sipsa_data.price_series'::regclass
"""


def in_threads(url: SecretStr, folders: Folders, contents: dict[str, bytes]) -> list[FileOutcome]:
    """Ingest files, each on a connection of its own, all begun before any is read."""
    outcomes: list[FileOutcome] = []
    all_begun = threading.Barrier(len(contents))

    def read(content: bytes, name: str) -> Document:
        all_begun.wait(30)
        return read_document(content, name)

    def ingest(path: Path) -> None:
        with connect(url, application="tests") as connection:
            outcomes.append(ingest_file(connection, path, folders, read=read))

    _run([lambda path=path: ingest(path) for path in _dropped(folders, contents)])
    return outcomes


def _dropped(folders: Folders, contents: dict[str, bytes]) -> list[Path]:
    for name, content in contents.items():
        (folders.landing_zone / name).write_bytes(content)
    return [folders.landing_zone / name for name in contents]


def _run(tasks: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=task) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_two_runs_on_one_folder_load_and_archive_each_file_once(
    landing: psycopg.Connection, migrated_warehouse: SecretStr, folders: Folders
) -> None:
    contents = {f"{number}.xlsx": daily({f"Product {number}": "10"}) for number in range(FILES)}
    contents["bad.xlsx"] = b"bad"
    _dropped(folders, contents)
    environment = driver_environment(migrated_warehouse, folders)
    runs = [
        subprocess.Popen(COMMAND, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    outputs = [run.communicate(timeout=120) for run in runs]
    assert [run.returncode for run in runs] == [0, 0], outputs
    assert sum(output.count(": loaded") for output, _ in outputs) == FILES
    assert not any("waiting" in output for output, _ in outputs)
    archived = [path for path in folders.archive.rglob("*") if path.is_file()]
    assert {path.name: path.read_bytes() for path in archived} == {
        name: content for name, content in contents.items() if name != "bad.xlsx"
    }
    assert sorted(path.name for path in folders.quarantine.iterdir()) == ["bad.xlsx", "bad.xlsx.report.md"]
    assert list(folders.landing_zone.iterdir()) == []
    assert landing.execute("select count(*), sum(load_id * 0 + 1) from sipsa_data.mayoristas_prices").fetchall() == [
        (FILES, FILES)
    ]
    inserted = landing.execute("select sum(rows_inserted), count(*) filter (where status = 'running') from ops.loads")
    assert inserted.fetchall() == [(FILES, 0)]


def test_corrections_of_one_day_at_once_wait_for_each_other(
    landing: psycopg.Connection, migrated_warehouse: SecretStr, folders: Folders
) -> None:
    contents = {f"{price}.xlsx": daily({"Papa criolla": str(price), "Ahuyama": "1"}) for price in (1, 2, 3, 4)}
    outcomes = in_threads(migrated_warehouse, folders, contents)
    assert [outcome.status for outcome in outcomes] == [Status.LOADED] * 4
    assert sum(outcome.counts.inserted for outcome in outcomes) == 2
    assert sum(outcome.counts.updated for outcome in outcomes) == 3
    known = "select price_cop::int from sipsa_data.mayoristas_prices{} where product_name = 'Papa criolla'"
    now, earlier = (landing.execute(known.format(suffix)).fetchall() for suffix in ("", "_revisions"))
    assert sorted(now + earlier) == [(1,), (2,), (3,), (4,)]


def test_weeks_of_one_month_with_the_same_rice_wait_for_each_other(
    landing: psycopg.Connection, migrated_warehouse: SecretStr, folders: Folders
) -> None:
    rice = [[f"Arroz {number}", "Yopal", None, None, "2000000", "="] for number in range(200)]
    weeks = {f"{day}.xlsx": weekly(rice=rice, first_day=DAY.replace(day=day)) for day in (5, 12, 19, 26)}
    outcomes = in_threads(migrated_warehouse, folders, weeks)
    assert [outcome.status for outcome in outcomes] == [Status.LOADED] * 4
    assert sorted(outcome.counts.unchanged for outcome in outcomes) == [0, 200, 200, 200]


def test_two_with_the_same_names_do_not_wait_for_each_other_for_ever(
    landing: psycopg.Connection, migrated_warehouse: SecretStr, folders: Folders, tmp_path: Path
) -> None:
    """They are let into the tables of series and names at once, each with an order of its own in its memory."""
    names = {f"Product {number}": "10" for number in range(NAMES)}
    runs = []
    with connect(migrated_warehouse, application="tests") as other, other.transaction():
        other.execute("lock table sipsa_data.price_series in exclusive mode")
        for seed in ("1", "2"):
            zone = tmp_path / seed / "landing_zone"
            zone.mkdir(parents=True)
            (zone / "a.xlsx").write_bytes(daily(names, day=DAY.replace(day=int(seed))))
            own = Folders(zone.parent, zone, zone.parent / "archive", zone.parent / "quarantine")
            environment = driver_environment(migrated_warehouse, own, PYTHONHASHSEED=seed)
            runs.append(subprocess.Popen(COMMAND, env=environment, stderr=subprocess.PIPE, text=True))
        wait_until(
            lambda: other.execute(WAITING_FOR_SERIES).fetchone() == (2,), seconds=60, problem=lambda: "none waits"
        )
    errors = [run.communicate(timeout=60)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], errors


def test_another_day_waits_for_nobody(
    landing: psycopg.Connection, migrated_warehouse: SecretStr, folders: Folders
) -> None:
    with connect(migrated_warehouse, application="tests") as other, other.transaction():
        other.execute("select pg_advisory_xact_lock(hashtextextended('landing daily 2000-01-01', 0))")
        assert drop(landing, folders, daily()).status is Status.LOADED


def test_a_turn_that_does_not_come_is_told(landing: psycopg.Connection, migrated_warehouse: SecretStr) -> None:
    with (
        connect(migrated_warehouse, application="tests") as other,
        exclusive_transaction(other, "a", "b"),
        pytest.raises(LoadInProgressError, match="working on b, c for more than 0 s; let it end and run again"),
        exclusive_transaction(landing, "c", "b", patience_seconds=0.05),
    ):
        pytest.fail("two had the same turn")


def test_a_file_that_another_process_loads_waits_and_holds_up_nobody(
    landing: psycopg.Connection, folders: Folders
) -> None:
    def busy(content: bytes, name: str) -> Document:
        raise LoadInProgressError("Another process is loading it.")

    outcome = drop(landing, folders, daily(), read=busy)
    assert (outcome.status, outcome.error) == (Status.WAITING, "Another process is loading it.")
    assert [path.name for path in folders.landing_zone.iterdir()] == ["a.xlsx"]
