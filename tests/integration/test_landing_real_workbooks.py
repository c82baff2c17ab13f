"""DANE's real workbooks from the landing zone into the warehouse, by the real reader."""

import shutil
from pathlib import Path

import psycopg
import pytest

from mercado.landing.ingest import Folders, Status, ingest_file, replay
from mercado.landing.reading import read_workbook
from mercado.landing.tables import TABLES
from tests.conftest import SAMPLES

EXCEL = SAMPLES / "excel"
FOREIGN = "NOT_A_PRICE_FILE_Registro-de-activos-de-informacion.xlsx"
WORKBOOKS = sorted(path for path in EXCEL.rglob("*.xls*") if path.name != FOREIGN)

pytestmark = pytest.mark.skipif(not WORKBOOKS, reason=f"no samples in {EXCEL}")


def dropped(folders: Folders, sample: Path) -> Path:
    return Path(shutil.copyfile(sample, folders.landing_zone / sample.name))


@pytest.mark.parametrize("sample", WORKBOOKS, ids=lambda path: path.name)
def test_a_real_workbook_is_loaded_whole_once_and_changes_nothing_when_it_is_loaded_again(
    landing: psycopg.Connection, folders: Folders, sample: Path
) -> None:
    outcome = ingest_file(landing, dropped(folders, sample), folders, read=read_workbook)
    assert outcome.status is Status.LOADED, outcome.error
    stored = sum(landing.execute(f"select count(*) from sipsa_data.{table.name}").fetchall()[0][0] for table in TABLES)
    assert outcome.counts.inserted == stored > 0
    assert ingest_file(landing, dropped(folders, sample), folders, read=read_workbook).status is Status.ALREADY_LOADED
    again = replay(landing, outcome.sha256 or "", folders, read=read_workbook)
    assert (again.counts.inserted, again.counts.updated, again.counts.unchanged) == (0, 0, stored)


def test_a_foreign_workbook_is_explained_in_quarantine(landing: psycopg.Connection, folders: Folders) -> None:
    outcome = ingest_file(landing, dropped(folders, EXCEL / FOREIGN), folders, read=read_workbook)
    assert outcome.status is Status.REFUSED
    report = (folders.quarantine / f"{FOREIGN}.report.md").read_text(encoding="utf-8")
    assert "Registro de Activos" in report
    assert "Boletín semanal precios mayoristas" in report
