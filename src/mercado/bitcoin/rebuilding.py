"""What a training logs of the rows that it learns from, and the same rows again from PostgreSQL."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from mercado import __version__
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.store import read_candles
from mercado.disk import NO_SPACE
from mercado.errors import ConfigurationError, SourceContractError, StorageFullError
from mercado.tracking import TrackedRun
from mercado.warehouse.schema import require_current_schema

VERSION = "mercado_version"


@dataclass(frozen=True)
class LoggedDataset:
    """What a run's dataset in MLflow says.

    Attributes:
        run_id: The run.
        source: From `dataset_source`.
        profile: From `dataset_profile`; may say more.
    """

    run_id: str
    source: Mapping[str, Any]
    profile: Mapping[str, Any]


def dataset_source(rows: TrainingSet) -> dict[str, str | int]:
    """Return where rows come from: enough to build them again, whatever older or newer candles are stored by then."""
    return {
        "table": "market_data.klines",
        "symbol": rows.symbol,
        "interval": rows.interval.value,
        "horizon_bars": rows.horizon_bars,
        "candles_from_ms": rows.candles.first_open_time_ms,
        "candles_before_ms": rows.candles_before_ms,
        "first_row_open_time_ms": rows.first_open_time_ms,
        "last_row_open_time_ms": rows.last_open_time_ms,
        VERSION: __version__,
    }


def dataset_profile(rows: TrainingSet) -> dict[str, str | int]:
    """Return what can be counted of rows and of the candles that they were made from, and their digest."""
    return {
        "candles": rows.candles.count,
        "gaps": rows.candles.gap_count,
        "missing_bars": rows.candles.missing_count,
        "rows": len(rows),
        "features": len(rows.feature_names),
        "sha256": rows.digest,
    }


def logged_dataset(run: TrackedRun) -> LoggedDataset:
    """Return the dataset that a training's run logged.

    Raises:
        ConfigurationError: The run logged none that can be rebuilt.
        ServiceRefusedError: MLflow has no such run.
        ServiceUnavailableError: MLflow does not answer.
    """
    for source, profile in run.datasets():
        if "candles_from_ms" in source:
            return LoggedDataset(run.run_id, source, profile)
    raise ConfigurationError(
        f"Run {run.run_id} has no dataset that says where its candles begin: name the run of a training, not of one of "
        f"its trials, and one of this version of Mercado."
    )


def rebuild(connection: psycopg.Connection, logged: LoggedDataset) -> TrainingSet:
    """Return the training set of the stored candles in the range that was logged; not compared with what was logged.

    Raises:
        SchemaOutdatedError: Run `mercado migrate` first.
        NotEnoughDataError: The candles are not stored here.
    """
    require_current_schema(connection)
    source = logged.source
    candles = read_candles(
        connection,
        source["symbol"],
        CandleInterval(source["interval"]),
        start_ms=source["candles_from_ms"],
        end_ms=source["candles_before_ms"],
    )
    return build_training_set(candles, symbol=source["symbol"], horizon_bars=source["horizon_bars"])


def rebuild_exactly(connection: psycopg.Connection, logged: LoggedDataset) -> TrainingSet:
    """Return the training set that was logged, the same to the bit.

    Raises:
        SourceContractError: What is built now is another; names each figure that differs.
        SchemaOutdatedError: Run `mercado migrate` first.
        NotEnoughDataError: The candles are not stored here.
    """
    rows = rebuild(connection, logged)
    if rows.digest != logged.profile["sha256"]:
        raise SourceContractError(
            f"The training set of run {logged.run_id} differs: {'; '.join(differences(logged, rows))}. A candle was "
            f"revised, filled in or lost since, or Mercado computes other features ({logged.source[VERSION]} then, "
            f"{__version__} now)."
        )
    return rows


def differences(logged: LoggedDataset, rows: TrainingSet) -> list[str]:
    """Return each figure of ``rows`` that is not the one that was logged, with both values."""
    then = {**logged.source, **logged.profile}
    now = dataset_source(rows) | dataset_profile(rows)
    return [
        f"{name} {then[name]} logged, {value} rebuilt"
        for name, value in now.items()
        if name != VERSION and then[name] != value
    ]


def save_rows(rows: TrainingSet, file: Path) -> None:
    """Write rows as a NumPy archive, whole or not at all; it is read without pickles.

    Arrays: ``features``, ``target``, ``open_time_ms`` as in `TrainingSet`, ``feature_names``, and the scalars
    ``symbol``, ``interval``, ``horizon_bars``.

    Raises:
        StorageFullError: The disk is full; the file is as it was before.
    """
    draft = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as target:
            np.savez_compressed(
                target,
                features=rows.features,
                target=rows.target,
                open_time_ms=rows.open_time_ms,
                feature_names=np.array(rows.feature_names),
                symbol=np.array(rows.symbol),
                interval=np.array(rows.interval.value),
                horizon_bars=np.array(rows.horizon_bars),
            )
        draft.replace(file)
    except OSError as error:
        if error.errno in NO_SPACE:
            raise StorageFullError(f"No space left for {file} ({error.strerror}). Free some, run again.") from error
        raise
    finally:
        draft.unlink(missing_ok=True)
