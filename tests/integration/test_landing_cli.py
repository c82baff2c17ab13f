"""The command line of the landing zone: what a person sees, the exit code, and where the files are afterwards."""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from pyarrow import parquet

from mercado.landing.reading import read_workbook
from mercado.landing.tables import DAILY_PRICES
from tests.commands import run_mercado
from tests.simulators.workbooks.daily import daily_book
from tests.simulators.workbooks.dirt import DailyDirt
from tests.simulators.workbooks.faults import DailyFault
from tests.simulators.workbooks.foreign import foreign_workbook
from tests.simulators.workbooks.writing import write_daily

DAY = date(2026, 9, 18)
BOOK = daily_book(DAY, seed=3)
NAME = "anex-SIPSADiario-18sep2026.xlsx"
ROWS = read_workbook(write_daily(BOOK), NAME).rows[DAILY_PRICES]


@pytest.fixture
def zone(landing: psycopg.Connection, mercado_command: dict[str, str]) -> Path:
    folder = Path(mercado_command["MERCADO_DATA_DIR"]) / "landing_zone"
    folder.mkdir(parents=True)
    return folder


def test_good_and_bad_files_are_told_apart_and_each_is_where_it_belongs(
    zone: Path, mercado_command: dict[str, str]
) -> None:
    (zone / NAME).write_bytes(write_daily(BOOK))
    (zone / "foreign.xlsx").write_bytes(foreign_workbook())
    (zone / "~$lock.xlsx").write_bytes(b"")
    finished = run_mercado(mercado_command, "landing", "ingest")
    assert finished.returncode == 1, finished.stderr
    assert (
        f"{NAME}: loaded, daily of {DAY}: {len(ROWS)} inserted, 0 updated, 0 unchanged, 0 rejected" in finished.stdout
    )
    assert "foreign.xlsx: refused: " in finished.stdout
    assert [file.name for file in zone.iterdir()] == ["~$lock.xlsx"]
    assert (zone.parent / "archive" / "2026" / "09" / NAME).is_file()
    assert (zone.parent / "quarantine" / "foreign.xlsx.report.md").is_file()
    again = run_mercado(mercado_command, "landing", "ingest")
    assert (again.returncode, "Nothing to do" in again.stdout) == (0, True)


def test_the_same_content_under_another_name_is_not_loaded_again(zone: Path, mercado_command: dict[str, str]) -> None:
    for name in (NAME, "copy.xls"):
        (zone / name).write_bytes(write_daily(BOOK))
        finished = run_mercado(mercado_command, "landing", "ingest")
        assert finished.returncode == 0, finished.stderr
    assert "copy.xls: already loaded" in finished.stdout


def test_a_file_outside_the_landing_zone_can_be_named(
    zone: Path, mercado_command: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / NAME
    file.write_bytes(write_daily(BOOK))
    finished = run_mercado(mercado_command, "landing", "ingest", str(file))
    assert f"{len(ROWS)} inserted" in finished.stdout
    assert file.is_file()


def test_a_quarantined_file_is_replayed_by_the_beginning_of_its_digest(
    landing: psycopg.Connection, zone: Path, mercado_command: dict[str, str]
) -> None:
    (zone / NAME).write_bytes(write_daily(BOOK, dirt=DailyDirt(fault=DailyFault.BAD_CELLS)))
    assert run_mercado(mercado_command, "landing", "ingest").returncode == 1
    (sha256,) = landing.execute("select file_sha256 from sipsa_data.file_ingestion_log").fetchone() or ("",)
    refused = run_mercado(mercado_command, "landing", "replay", sha256[:8])
    assert (refused.returncode, "refused: " in refused.stdout) == (1, True)
    generous = mercado_command | {"MERCADO_LANDING_REJECTED_SHARE": "1"}
    finished = run_mercado(generous, "landing", "replay", sha256[:8])
    assert finished.returncode == 0, finished.stderr
    assert f"{NAME}: loaded, daily of {DAY}" in finished.stdout
    assert list((zone.parent / "quarantine").iterdir()) == []
    unknown = run_mercado(mercado_command, "landing", "replay", "0000")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (1, 1)


def test_inspecting_shows_everything_and_writes_the_long_rows(mercado_command: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / NAME
    file.write_bytes(write_daily(BOOK))
    without_database = mercado_command | {"MERCADO_WAREHOUSE_URL": "postgresql://nobody@127.0.0.1:1/nowhere"}
    for to in ("csv", "parquet"):
        finished = run_mercado(without_database, "landing", "inspect", str(file), "--to", to)
        assert finished.returncode == 0, finished.stderr
    assert f"Layout daily, {DAY}" in finished.stdout
    assert f"mayoristas_prices: {len(ROWS)} read, {len(ROWS)} to load" in finished.stdout
    stem = str(file.with_suffix("")) + ".mayoristas_prices"
    with Path(f"{stem}.csv").open(encoding="utf-8", newline="") as stream:
        header, *texts = csv.reader(stream)
    assert tuple(header) == DAILY_PRICES.columns
    assert texts == [["" if value is None else str(value) for value in row] for row in ROWS]
    table = parquet.read_table(f"{stem}.parquet").to_pylist()
    assert [row["price_cop"] for row in table] == [Decimal(str(row[4])) for row in ROWS]
    assert {row["report_date"] for row in table} == {DAY}


def test_inspecting_a_bad_file_lists_every_problem_and_fails(mercado_command: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / NAME
    file.write_bytes(write_daily(BOOK, dirt=DailyDirt(fault=DailyFault.BAD_CELLS)))
    finished = run_mercado(mercado_command, "landing", "inspect", str(file))
    assert finished.returncode == 1
    assert finished.stdout.count("found '#¡VALOR!'") > 20
    assert "Error: " in finished.stderr
