"""Files in archive and quarantine, loaded again after the reader was mended."""

from pathlib import Path

import psycopg
import pytest

from mercado.errors import ConfigurationError, RejectedFileError
from mercado.landing.document import Document
from mercado.landing.ingest import FileOutcome, Folders, Status, replay
from mercado.warehouse.loads import MergeCounts
from tests.integration.landing_documents import daily, drop, read_document

STATUS = "select status, attempts, error is null, kept_at from sipsa_data.file_ingestion_log"


def refusing(content: bytes, name: str) -> Document:
    raise RejectedFileError(f"{name}: the sheet 1.9 is not known")


def reading_higher_prices(content: bytes, name: str) -> Document:
    return read_document(daily({"Papa criolla": "9999"}), name)


def quarantined(connection: psycopg.Connection, folders: Folders, name: str = "a.xlsx") -> FileOutcome:
    return drop(connection, folders, daily(), name, read=refusing)


@pytest.mark.parametrize("known_by", ["digest", "beginning", "path", "path in the data folder"])
def test_a_quarantined_file_is_loaded_archived_and_its_report_removed(
    landing: psycopg.Connection, folders: Folders, known_by: str
) -> None:
    sha256 = quarantined(landing, folders).sha256 or ""
    content = {
        "digest": sha256,
        "beginning": sha256[:8].upper(),
        "path": folders.quarantine / "a.xlsx",
        "path in the data folder": "quarantine/a.xlsx",
    }[known_by]
    outcome = replay(landing, content, folders, read=read_document)
    assert (outcome.status, outcome.counts) == (Status.LOADED, MergeCounts(inserted=1))
    assert outcome.kept_at == folders.archive / "2026" / "09" / "a.xlsx"
    assert list(folders.quarantine.iterdir()) == []
    assert landing.execute(STATUS).fetchall() == [("loaded", 2, True, "archive/2026/09/a.xlsx")]


def test_a_file_refused_again_stays_with_its_report_renewed(landing: psycopg.Connection, folders: Folders) -> None:
    sha256 = quarantined(landing, folders).sha256 or ""
    outcome = replay(landing, sha256, folders, read=refusing)
    assert (outcome.status, outcome.kept_at) == (Status.REFUSED, folders.quarantine / "a.xlsx")
    assert "attempt 2" in (folders.quarantine / "a.xlsx.report.md").read_text(encoding="utf-8")
    assert landing.execute(STATUS).fetchall() == [("refused", 2, False, "quarantine/a.xlsx")]


def test_a_loaded_file_that_is_read_otherwise_now_revises_its_rows(
    landing: psycopg.Connection, folders: Folders
) -> None:
    sha256 = drop(landing, folders, daily()).sha256 or ""
    outcome = replay(landing, sha256, folders, read=reading_higher_prices)
    assert (outcome.status, outcome.counts) == (Status.LOADED, MergeCounts(updated=1))
    revisions = landing.execute("select price_cop::int from sipsa_data.mayoristas_prices_revisions").fetchall()
    assert revisions == [(2300,)]
    assert landing.execute(STATUS).fetchall() == [("loaded", 2, True, "archive/2026/09/a.xlsx")]
    counts = "select rows_inserted, rows_updated, load_id from sipsa_data.file_ingestion_log"
    assert landing.execute(counts).fetchall() == [(0, 1, outcome.load_id)]


def test_a_loaded_file_that_is_refused_now_stays_loaded_and_archived(
    landing: psycopg.Connection, folders: Folders
) -> None:
    first = drop(landing, folders, daily())
    outcome = replay(landing, first.sha256 or "", folders, read=refusing)
    assert (outcome.status, outcome.kept_at) == (Status.REFUSED, first.kept_at)
    assert landing.execute(STATUS).fetchall() == [("loaded", 2, False, "archive/2026/09/a.xlsx")]
    assert landing.execute("select load_id from sipsa_data.file_ingestion_log").fetchall() == [(first.load_id,)]
    assert drop(landing, folders, daily()).status is Status.ALREADY_LOADED


def test_a_file_that_turns_out_to_be_of_another_month_moves_there(
    landing: psycopg.Connection, folders: Folders
) -> None:
    def mended(content: bytes, name: str) -> Document:
        return read_document(content.replace(b"2026-09-18", b"2026-10-18"), name)

    sha256 = drop(landing, folders, daily()).sha256 or ""
    assert replay(landing, sha256, folders, read=mended).kept_at == folders.archive / "2026" / "10" / "a.xlsx"
    assert list((folders.archive / "2026" / "09").iterdir()) == []


def test_the_reader_sees_the_name_that_was_dropped_not_the_one_that_is_kept(
    landing: psycopg.Connection, folders: Folders
) -> None:
    seen = []

    def read(content: bytes, name: str) -> Document:
        seen.append(name)
        return read_document(content, name)

    drop(landing, folders, b"another content of the same name")
    outcome = quarantined(landing, folders)
    assert outcome.kept_at
    assert outcome.kept_at.name != "a.xlsx"
    replay(landing, outcome.kept_at, folders, read=read)
    assert seen == ["a.xlsx"]


def test_what_cannot_be_replayed_says_why(landing: psycopg.Connection, folders: Folders, tmp_path: Path) -> None:
    def refused(content: str | Path, message: str) -> None:
        with pytest.raises(ConfigurationError, match=message):
            replay(landing, content, folders, read=read_document)

    unknown = tmp_path / "unknown.xlsx"
    unknown.write_bytes(b"never dropped")
    refused(unknown, "is not in the ledger.*dropped into the landing zone")
    refused("abc", "'abc' is neither a file nor the beginning of a digest")
    outcomes = [drop(landing, folders, daily(padding=number), f"{number}.xlsx") for number in range(17)]
    refused("", "17 digests begin with ''.*Give more of it")
    sha256, kept_at = outcomes[0].sha256 or "", outcomes[0].kept_at
    assert kept_at
    kept_at.write_bytes(b"changed")
    refused(sha256, f"0.xlsx was changed: its digest should be {sha256}")
    kept_at.unlink()
    refused(sha256, "0.xlsx cannot be read .No such file or directory.: was it moved away")
    landing.execute("update sipsa_data.file_ingestion_log set kept_at = null")
    refused(sha256, f"0.xlsx .{sha256}. was never moved: drop it into the landing zone again")
