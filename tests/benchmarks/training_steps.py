"""What the training's benchmark runs as processes of their own; each writes JSON.

Usage::

    python -m tests.benchmarks.training_steps train INTERVAL TRIALS FILE
    python -m tests.benchmarks.training_steps walk_again TRAINED FILE
    python -m tests.benchmarks.training_steps work JOB WORKER
"""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.evaluation import walk_forward
from mercado.bitcoin.plan import BoosterParams, TrainingPlan
from mercado.bitcoin.store import read_candles
from mercado.bitcoin.training import Trainer
from mercado.bitcoin.training_job import TrainingJob
from mercado.settings import OptunaSettings, TrackingSettings, WarehouseSettings
from mercado.tracking import TrackedRun
from mercado.warehouse.connection import connect
from tests.benchmarks.hours import SYMBOL

BLOCK_START = np.datetime64("2020-01-01", "ms")
QUARTER = np.timedelta64(365 * 24 // 4, "h")


@contextmanager
def trainer_of_the_environment() -> Iterator[Trainer]:
    """Yield a trainer on the platform that the environment names."""
    with connect(WarehouseSettings.read().resolved_url(), application="benchmark") as connection:
        yield Trainer(connection, TrackingSettings.read().resolved_uri(), OptunaSettings.read().resolved_url())


def block_plan(rows: TrainingSet, **choices: int) -> TrainingPlan:
    """Return a plan whose untouched block is all rows from 2020 on, with a refit a quarter."""
    in_block = rows.open_time_ms >= BLOCK_START.astype(np.int64)
    quarters = (np.datetime64(rows.last_open_time_ms, "ms") - BLOCK_START) / QUARTER
    return TrainingPlan(holdout_bars=int(in_block.sum()), refits=round(quarters), **choices)


def train(interval: str, trials: str, file: str) -> None:
    """Take every step of a training, and write how long each took and what came of it."""
    seconds: dict[str, float] = {}
    said: list[tuple[float, str]] = []
    with trainer_of_the_environment() as trainer:
        with _timed("read candles, make features", seconds):
            rows = stored_rows(trainer, CandleInterval(interval))
        with _timed("start", seconds):
            job = trainer.start(SYMBOL, CandleInterval(interval), block_plan(rows, trials=int(trials)))
        with _timed("certify", seconds):
            certificate = trainer.certify(job)
        with _timed("tune", seconds):
            trainer.tune(job)
        with _timed("best", seconds):
            params = trainer.best(job)
        started = time.perf_counter()
        registered = trainer.register(
            job, params, certificate, say=lambda line: said.append((time.perf_counter(), line))
        )
        seconds |= _parts_of_registration(started, said, time.perf_counter())
        with _timed("promote", seconds):
            trainer.promote(job, registered)
    metrics = TrackedRun(trainer.tracking_uri, job.run_id, job.experiment_id).metrics()
    _write(
        file,
        {
            "rows": len(rows),
            "job": asdict(job),
            "params": asdict(params),
            "seconds": seconds,
            "metrics": metrics,
            "registered": asdict(registered),
        },
    )


def walk_again(trained: str, file: str) -> None:
    """Evaluate a training's parameters once more, and write the metrics."""
    result = json.loads(Path(trained).read_text(encoding="utf-8"))
    job = TrainingJob.of(result["job"])
    with trainer_of_the_environment() as trainer:
        rows = stored_rows(trainer, CandleInterval(job.interval), end_ms=job.end_ms)
    _write(file, walk_forward(rows, BoosterParams(**result["params"]), plan=job.training_plan).metrics())


def work(job: str, worker: str) -> None:
    """Run trials of a study as one of its workers."""
    with trainer_of_the_environment() as trainer:
        trainer.tune(TrainingJob.of(json.loads(job)), worker=int(worker))


def stored_rows(trainer: Trainer, interval: CandleInterval, *, end_ms: int | None = None) -> TrainingSet:
    """Return the training set of the stored candles."""
    return build_training_set(read_candles(trainer.connection, SYMBOL, interval, end_ms=end_ms), symbol=SYMBOL)


def _parts_of_registration(started: float, said: list[tuple[float, str]], ended: float) -> dict[str, float]:
    """Return the seconds of the registration's parts, told apart by what it says when one ends."""
    walked = max(when for when, line in said if line.startswith("walk-forward"))
    drawing = max(when for when, line in said if line.startswith("drawing"))
    return {
        "register: walk the model": walked - started,
        "register: baselines, scores, final fit, golden vectors, MLflow": drawing - walked,
        "register: report": ended - drawing,
    }


@contextmanager
def _timed(name: str, seconds: dict[str, float]) -> Iterator[None]:
    started = time.perf_counter()
    yield
    seconds[name] = time.perf_counter() - started


def _write(file: str, content: dict[str, Any]) -> None:
    Path(file).write_text(json.dumps(content), encoding="utf-8")


if __name__ == "__main__":
    {"train": train, "walk_again": walk_again, "work": work}[sys.argv[1]](*sys.argv[2:])
