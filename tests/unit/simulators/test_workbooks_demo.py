"""The mixture that the demo and the benchmark drop: its names, its containers, and the command that writes it."""

import zipfile
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from mercado.landing.document import LayoutName
from mercado.landing.reading import read_workbook
from tests.simulators.workbooks.__main__ import write
from tests.simulators.workbooks.demo import demo_workbooks
from tests.simulators.workbooks.file_names import daily_file_name, weekly_file_name
from tests.simulators.workbooks.foreign import FILE_NAME
from tests.workbook_cells import cells_of

UNTIL = date(2026, 11, 20)


@pytest.fixture(scope="module")
def workbooks() -> dict[str, bytes]:
    return demo_workbooks(UNTIL, count=6, seed=7)


def test_weekly_and_daily_ones_come_in_turn_newest_first(workbooks: dict[str, bytes]) -> None:
    assert list(workbooks) == [
        "anex-SIPSASemanal-14nov20nov-2026.xlsx",
        "anex-SIPSADiario-20nov2026.xlsx",
        "anex-SIPSASemanal-07nov13nov-2026.xls",
        "anex-SIPSADiario-19nov2026.xlsx",
        "anex-SIPSASemanal-31oct06nov-2026.xls",
        "anex-SIPSADiario-18nov2026.xlsx",
    ]


def test_one_is_biff_and_one_is_called_xls_and_is_not(workbooks: dict[str, bytes]) -> None:
    zipped = {name: zipfile.is_zipfile(BytesIO(content)) for name, content in workbooks.items()}
    assert [name for name, is_zipped in zipped.items() if not is_zipped] == ["anex-SIPSASemanal-07nov13nov-2026.xls"]
    assert zipped["anex-SIPSASemanal-31oct06nov-2026.xls"]


def test_names_agree_with_the_dates_inside(workbooks: dict[str, bytes]) -> None:
    texts = []
    for content in workbooks.values():
        rows = next(iter(cells_of(content).values()))
        texts.append(rows[4][0] if rows[4][0].startswith("Boletín") else rows[1][0])
    assert texts[0].endswith("14 al 20 de noviembre de 2026")
    assert texts[1] == "Viernes 20 de noviembre de 2026"
    assert texts[4].endswith("31 de octubre al 6 de noviembre de 2026")


def test_all_of_them_may_be_loaded(workbooks: dict[str, bytes]) -> None:
    documents = [read_workbook(content, name) for name, content in workbooks.items()]
    assert [document.layout for document in documents] == [LayoutName.WEEKLY, LayoutName.DAILY] * 3
    assert [len(document.rejected) for document in documents] == [0, 0, 1, 0, 0, 0]


def test_any_number_of_workbooks_are_all_different_and_the_same_again() -> None:
    workbooks = demo_workbooks(date(2025, 1, 6), count=13, seed=3)
    assert len(workbooks) == len(set(workbooks.values())) == 13
    assert list(workbooks)[:2] == ["anex-SIPSASemanal-28dic03ene-2025.xlsx", "anex-SIPSADiario-06ene2025.xlsx"]
    assert demo_workbooks(date(2025, 1, 6), count=2, seed=3).items() <= workbooks.items()
    assert demo_workbooks(UNTIL, count=0, seed=7) == {}


@pytest.mark.parametrize(
    ("first_day", "last_day", "daily", "weekly"),
    [
        (date(2012, 6, 9), date(2012, 6, 12), "mayoristas_junio_12_2012.xls", "Sem_09jun_2012_12jun_2012.xls"),
        (date(2022, 2, 22), date(2022, 2, 28), "anex_feb_28_2022.xls", "anex_22feb_al_28feb_2022.xls"),
        (date(2026, 9, 5), date(2026, 9, 8), "anex-SIPSADiario-08sep2026.xls", "anex-SIPSASemanal-05sep08sep-2026.xls"),
    ],
)
def test_files_are_called_as_they_were_in_their_years(first_day: date, last_day: date, daily: str, weekly: str) -> None:
    assert daily_file_name(last_day, "xls") == daily
    assert weekly_file_name(first_day, last_day, "xls") == weekly


def test_the_command_writes_whole_files_and_a_foreign_one_when_asked(tmp_path: Path) -> None:
    application = typer.Typer()
    application.command()(write)
    folder = tmp_path / "new" / "folder"
    arguments = [str(folder), "--count=2", "--seed=7", f"--until={UNTIL}", "--foreign"]
    result = CliRunner().invoke(application, arguments)
    assert result.exit_code == 0, result.output
    written = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert written.pop(FILE_NAME)
    assert written == demo_workbooks(UNTIL, count=2, seed=7)
    assert all(name in result.output for name in written)


def test_the_command_refuses_a_day_that_is_none(tmp_path: Path) -> None:
    application = typer.Typer()
    application.command()(write)
    result = CliRunner().invoke(application, [str(tmp_path), "--until=2026-02-30"])
    assert result.exit_code == 2
