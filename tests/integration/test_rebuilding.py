"""The training set that a run logged, built again from the warehouse: equal to the bit, or what differs."""

import os
from pathlib import Path

import numpy as np
import psycopg
import pytest
from pydantic import SecretStr

from mercado import __version__
from mercado.bitcoin.dataset import build_training_set
from mercado.bitcoin.rebuilding import LoggedDataset, differences, logged_dataset, rebuild_exactly, save_rows
from mercado.bitcoin.store import read_candles
from mercado.bitcoin.training import Trainer
from mercado.bitcoin.training_job import TrainingJob
from mercado.errors import ConfigurationError, ServiceRefusedError, SourceContractError, StorageFullError
from mercado.tracking import TrackedRun
from tests.commands import run_mercado
from tests.integration.trainings import HOUR, NEXT_CANDLE, OLDER_CANDLES, REVISED_CANDLE, SMALL_PLAN

LOST_CANDLES = """
delete from market_data.klines
where open_time_utc between (select max(open_time_utc) - interval '400 hours' from market_data.klines)
    and (select max(open_time_utc) - interval '399 hours' from market_data.klines)
"""


@pytest.fixture(scope="module")
def job(trainer: Trainer) -> TrainingJob:
    return trainer.start("BTCUSDT", HOUR, SMALL_PLAN)


@pytest.fixture(scope="module")
def logged(trainer: Trainer, job: TrainingJob) -> LoggedDataset:
    return logged_dataset(TrackedRun(trainer.tracking_uri, job.run_id, job.experiment_id))


@pytest.fixture
def environment(trainer: Trainer, reversal_warehouse: SecretStr) -> dict[str, str]:
    return dict(os.environ) | {
        "MERCADO_ENV_FILE": os.devnull,
        "MERCADO_WAREHOUSE_URL": reversal_warehouse.get_secret_value(),
        "MLFLOW_TRACKING_URI": trainer.tracking_uri,
    }


def test_the_range_and_what_is_missing_in_it_are_logged(trainer: Trainer, logged: LoggedDataset) -> None:
    source, profile = logged.source, logged.profile
    stored = read_candles(trainer.connection, "BTCUSDT", HOUR, end_ms=source["candles_before_ms"])
    gaps = np.diff(stored.open_time_ms) // HOUR.milliseconds - 1
    assert source["candles_from_ms"] == stored.open_time_ms[0]
    assert (profile["candles"], profile["missing_bars"]) == (len(stored), gaps.sum())
    assert profile["gaps"] == np.count_nonzero(gaps) > 0
    assert source["mercado_version"] == __version__


@pytest.mark.parametrize("candles", [NEXT_CANDLE, OLDER_CANDLES], ids=["newer", "older"])
def test_candles_stored_since_then_change_nothing(
    trainer: Trainer, logged: LoggedDataset, changing: psycopg.Connection, candles: str
) -> None:
    changing.execute(candles)
    rows = rebuild_exactly(trainer.connection, logged)
    assert rows.digest == logged.profile["sha256"]
    assert differences(logged, rows) == []
    everything = build_training_set(read_candles(trainer.connection, "BTCUSDT", HOUR), symbol="BTCUSDT")
    assert everything.digest != rows.digest


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (REVISED_CANDLE, r"differs: sha256 [0-9a-f]{64} logged, [0-9a-f]{64} rebuilt\. A candle was revised"),
        (LOST_CANDLES, r"differs: candles \d+ logged, \d+ rebuilt; gaps \d+ logged.*; rows \d+ logged, \d+ rebuilt"),
    ],
    ids=["revised", "lost"],
)
def test_what_differs_is_named(
    trainer: Trainer, logged: LoggedDataset, changing: psycopg.Connection, change: str, says: str
) -> None:
    changing.execute(change)
    with pytest.raises(SourceContractError, match=says):
        rebuild_exactly(trainer.connection, logged)


def test_a_run_without_a_dataset_and_one_that_is_not_there_are_named(trainer: Trainer, job: TrainingJob) -> None:
    run = TrackedRun(trainer.tracking_uri, job.run_id, job.experiment_id)
    with pytest.raises(ConfigurationError, match="has no dataset that says where its candles begin"):
        logged_dataset(run.nested("trial 0"))
    with pytest.raises(ServiceRefusedError, match="nothing"):
        logged_dataset(TrackedRun(trainer.tracking_uri, "nothing", job.experiment_id))


def test_the_command_says_that_it_is_equal_and_writes_the_rows(
    environment: dict[str, str], trainer: Trainer, job: TrainingJob, logged: LoggedDataset, tmp_path: Path
) -> None:
    file = tmp_path / "rows.npz"
    finished = run_mercado(environment, "bitcoin", "rebuild", job.run_id, "--to", str(file))
    assert (finished.returncode, finished.stderr) == (0, "")
    assert finished.stdout.startswith(f"Equal: {logged.profile['rows']} rows of BTCUSDT 1h, sha256 {job.digest}.\n")
    rows = rebuild_exactly(trainer.connection, logged)
    with np.load(file) as written:
        for name in ("features", "target", "open_time_ms"):
            np.testing.assert_array_equal(written[name], getattr(rows, name))
            assert written[name].dtype == getattr(rows, name).dtype
        assert tuple(written["feature_names"]) == rows.feature_names
        assert (str(written["symbol"]), str(written["interval"]), int(written["horizon_bars"])) == ("BTCUSDT", "1h", 1)
    assert [each.name for each in tmp_path.iterdir()] == [file.name]


def test_the_command_ends_with_one_line_that_says_what_differs(
    environment: dict[str, str], trainer: Trainer, job: TrainingJob, tmp_path: Path
) -> None:
    file = tmp_path / "rows.npz"
    try:
        trainer.connection.execute(REVISED_CANDLE)
        finished = run_mercado(environment, "bitcoin", "rebuild", job.run_id, "--to", str(file))
    finally:
        trainer.connection.execute(REVISED_CANDLE.replace("+ 1", "- 1"))
    assert (finished.returncode, finished.stdout) == (1, "")
    assert finished.stderr.startswith(
        f"Error: The training set of run {job.run_id} differs: sha256 {job.digest} logged,"
    )
    assert finished.stderr.count("\n") == 1
    assert not file.exists()


def test_rows_that_find_no_space_leave_the_old_file(trainer: Trainer, logged: LoggedDataset, tmp_path: Path) -> None:
    file = tmp_path / "rows.npz"
    file.write_text("as it was before")
    (tmp_path / f"rows.npz.{os.getpid()}.part").symlink_to("/dev/full")
    with pytest.raises(StorageFullError, match=r"No space left on device.*Free some"):
        save_rows(rebuild_exactly(trainer.connection, logged), file)
    assert [each.name for each in tmp_path.iterdir()] == [file.name]
    assert file.read_text() == "as it was before"


def test_a_horizon_beyond_a_week_of_hours_is_refused_with_the_bound(environment: dict[str, str]) -> None:
    for command in ("train", "evaluate"):
        finished = run_mercado(environment, "bitcoin", command, "--horizon-bars", "169")
        assert finished.returncode == 2
        assert "'--horizon-bars': Input should be less than or equal to 168." in finished.stderr
        assert finished.stderr.count("\n") == 1
