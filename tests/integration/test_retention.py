"""What is old goes from the warehouse and the data folder, and what is still needed stays."""

import gzip
import hashlib
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from pydantic import SecretStr

from mercado.bitcoin.predictions import StoredPrediction, store_predictions
from mercado.errors import ConfigurationError
from mercado.landing.ingest import Folders, Status, replay
from mercado.maintenance.old_predictions import clean_predictions
from mercado.maintenance.old_raw_answers import clean_raw_answers
from mercado.maintenance.quarantine import clean_quarantine
from mercado.warehouse.connection import connect
from mercado.warehouse.loads import MergeCounts, RawAnswer, record_answers, recorded_load
from tests.commands import run_mercado
from tests.integration.landing_documents import daily, drop, read_document

NOW = datetime.now(UTC)
BEFORE = NOW - timedelta(days=180)
REMOVED = "select sha256 from ops.load_answers where removed_at_utc is not null"


def age(path: Path, days: float) -> Path:
    moment = (NOW - timedelta(days=days)).timestamp()
    os.utime(path, (moment, moment))
    return path


def fetch(folder: Path, operation: str, *, days_old: float, suffix: str = ".xml.gz") -> Path:
    """Leave a file as `mercado.sipsa.client` does."""
    folder.mkdir(parents=True, exist_ok=True)
    instant = NOW - timedelta(days=days_old)
    path = folder / f"{operation}-{instant:%Y%m%dT%H%M%S.%fZ}{suffix}"
    path.write_bytes(gzip.compress(f"<answer>{path.name}</answer>".encode()))
    return age(path, days_old)


def load(connection: psycopg.Connection, path: Path) -> str:
    """Record that an answer was loaded; return its digest."""
    content = gzip.decompress(path.read_bytes())
    sha256 = hashlib.sha256(content).hexdigest()
    with recorded_load(connection, source="sipsa", scope=path.name, origin="test") as load_id:
        record_answers(connection, load_id, [RawAnswer("http://test", sha256, len(content), 1)], MergeCounts())
    return sha256


def test_old_raw_answers_go_but_the_newest_loaded_one_of_each_operation(
    sipsa: psycopg.Connection, tmp_path: Path
) -> None:
    folder = tmp_path / "raw" / "sipsa"
    older, old = (fetch(folder, "prices", days_old=days) for days in (300, 200))
    gone, _ = load(sipsa, older), load(sipsa, old)
    refused = fetch(folder, "prices", days_old=190)  # whole, newer, and never loaded
    failed = fetch(folder, "prices", days_old=250, suffix=".failed.xml.gz")
    supply_old, supply = fetch(folder, "supply", days_old=200), fetch(folder, "supply", days_old=1)
    load(sipsa, supply)
    cut = fetch(folder, "supply", days_old=400)
    cut.write_bytes(cut.read_bytes()[:-9])
    age(cut, 400)
    dead, growing = (fetch(folder, "prices", days_old=days, suffix=".part") for days in (2, 0.5))
    removed = clean_raw_answers(sipsa, tmp_path / "raw", before=BEFORE, now=NOW)
    assert [path for path in (older, refused, failed, supply_old, cut, dead) if path.exists()] == []
    assert [path for path in (old, supply, growing) if not path.exists()] == []
    assert removed.count == 6
    assert sipsa.execute(REMOVED).fetchall() == [(gone,)]
    assert clean_raw_answers(sipsa, tmp_path / "raw", before=BEFORE, now=NOW).count == 0


def test_a_dry_run_of_raw_answers_counts_and_changes_nothing(sipsa: psycopg.Connection, tmp_path: Path) -> None:
    paths = [fetch(tmp_path, "prices", days_old=days) for days in (300, 200)]
    assert clean_raw_answers(sipsa, tmp_path, before=BEFORE, now=NOW, dry_run=True).count == 1
    assert [path for path in paths if not path.exists()] == []


def refuse(connection: psycopg.Connection, folders: Folders, name: str, *, days_old: float) -> str:
    """Have a file refused some days ago; return its digest."""
    sha256 = drop(connection, folders, f"{name} is no workbook".encode(), name).sha256 or ""
    connection.execute(
        "update sipsa_data.file_ingestion_log set finished_at_utc = %s where file_sha256 = %s",
        (NOW - timedelta(days=days_old), sha256),
    )
    return sha256


def test_an_old_quarantined_file_goes_with_its_report_and_a_replay_says_so(
    landing: psycopg.Connection, folders: Folders
) -> None:
    old, _ = refuse(landing, folders, "old.xlsx", days_old=181), refuse(landing, folders, "new.xlsx", days_old=179)
    (folders.quarantine / "mine.txt").write_text("a person's own")
    for dry_run in (True, False):
        removed = clean_quarantine(landing, folders.root, before=BEFORE, now=NOW, dry_run=dry_run)
        assert removed.count == 1
    assert sorted(path.name for path in folders.quarantine.iterdir()) == ["mine.txt", "new.xlsx", "new.xlsx.report.md"]
    with pytest.raises(
        ConfigurationError, match=r"old\.xlsx .* removed from quarantine .* by retention .*drop it into"
    ):
        replay(landing, old, folders, read=read_document)
    assert clean_quarantine(landing, folders.root, before=BEFORE, now=NOW).count == 0


def test_a_removed_file_that_is_dropped_again_is_known_as_kept(landing: psycopg.Connection, folders: Folders) -> None:
    sha256 = refuse(landing, folders, "old.xlsx", days_old=181)
    clean_quarantine(landing, folders.root, before=BEFORE, now=NOW)
    assert drop(landing, folders, b"old.xlsx is no workbook", "old.xlsx").status is Status.REFUSED
    state = "select removed_at_utc, attempts from sipsa_data.file_ingestion_log where file_sha256 = %s"
    assert landing.execute(state, (sha256,)).fetchone() == (None, 2)
    assert (folders.quarantine / "old.xlsx").exists()


def test_a_quarantined_file_that_is_a_link_leads_nowhere(landing: psycopg.Connection, folders: Folders) -> None:
    refuse(landing, folders, "old.xlsx", days_old=181)
    precious = folders.root / "precious"
    precious.write_text("outside")
    (folders.quarantine / "old.xlsx").unlink()
    (folders.quarantine / "old.xlsx").symlink_to(precious)
    assert clean_quarantine(landing, folders.root, before=BEFORE, now=NOW).count == 0
    assert precious.exists()


def test_a_loaded_workbook_is_never_touched(landing: psycopg.Connection, folders: Folders) -> None:
    kept = drop(landing, folders, daily()).kept_at
    landing.execute("update sipsa_data.file_ingestion_log set finished_at_utc = '2001-01-01'")
    assert clean_quarantine(landing, folders.root, before=BEFORE, now=NOW).count == 0
    assert kept is not None
    assert kept.exists()


PREDICTION = StoredPrediction(
    prediction_id=uuid4(),
    kind="latest",
    request_id=None,
    symbol="BTCUSDT",
    interval="1h",
    horizon_bars=1,
    first_open_utc=NOW,
    as_of_utc=NOW,
    target_close_utc=NOW,
    model_name="m",
    model_version=1,
    run_id="r",
    dataset_sha256="0" * 64,
    candles_sha256="0" * 64,
    filled_count=0,
    data_origin="tests",
    probability_up=0.5,
    expected_log_return=0.0,
    last_close=1.0,
    forecast_price=1.0,
    lower_price=1.0,
    upper_price=1.0,
    interval_coverage=0.9,
    unusual_share=0.0,
)


@pytest.fixture
def predictions(migrated_warehouse: SecretStr) -> Iterator[psycopg.Connection]:
    with connect(migrated_warehouse, application="tests") as connection:
        connection.execute("truncate market_data.predictions cascade")
        yield connection
        connection.execute("truncate market_data.predictions cascade")


def predict(connection: psycopg.Connection, *, about_days_ago: float, made_days_ago: float) -> None:
    as_of = NOW - timedelta(days=about_days_ago)
    made = replace(
        PREDICTION,
        prediction_id=uuid4(),
        first_open_utc=as_of - timedelta(days=42),
        as_of_utc=as_of,
        target_close_utc=as_of + timedelta(hours=1),
    )
    store_predictions(connection, [made])
    connection.execute(
        "update market_data.predictions set predicted_at_utc = %s where prediction_id = %s",
        (NOW - timedelta(days=made_days_ago), made.prediction_id),
    )
    connection.execute(
        "insert into market_data.prediction_outcomes values (%s, 1, 0, true, true, true, 1)", (made.prediction_id,)
    )


def test_old_predictions_go_with_their_outcomes_in_batches_and_young_ones_stay(
    predictions: psycopg.Connection,
) -> None:
    for days in (731, 740, 800, 729):
        predict(predictions, about_days_ago=days, made_days_ago=days)
    predict(predictions, about_days_ago=1000, made_days_ago=1)  # asked yesterday about the distant past
    before = NOW - timedelta(days=730)
    assert clean_predictions(predictions, before=before, dry_run=True).count == 3
    assert clean_predictions(predictions, before=before, batch_rows=2).count == 3
    for table in ("predictions", "prediction_outcomes"):
        assert predictions.execute(f"select count(*) from market_data.{table}").fetchone() == (2,)
    assert clean_predictions(predictions, before=before).count == 0


def test_the_command_says_what_each_step_removed_and_a_failing_one_holds_up_no_other(
    predictions: psycopg.Connection, mercado_command: dict[str, str], tmp_path: Path
) -> None:
    predict(predictions, about_days_ago=731, made_days_ago=731)
    log = tmp_path / "logs" / "old.log"
    log.parent.mkdir()
    log.write_text("x" * 2_000_000)
    age(log, 31)
    environment = mercado_command | {
        "MERCADO_AIRFLOW_LOG_DIR": str(log.parent),
        "MERCADO_AIRFLOW_URL": "postgresql://nobody:no@127.0.0.1:1/none",
        "MERCADO_RETENTION_RAW_DAYS": "0",
    }
    steps = [word for step in ("logs", "metadata", "raw-answers", "predictions") for word in ("--only", step)]
    finished = run_mercado(environment, "maintenance", "clean", *steps)
    assert finished.returncode == 1
    assert finished.stdout.splitlines() == [
        "logs: 1 logs removed, 2.0 MB",
        "raw-answers: kept for ever",
        "predictions: 1 predictions removed",
    ]
    assert "Error: metadata: " in finished.stderr
    assert not log.exists()
