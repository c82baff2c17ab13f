"""One study shared by worker processes: how long it takes so many of them, and what its trials tried."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any
from unittest.mock import patch

import optuna

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.plan import TrainingPlan
from mercado.bitcoin.training_job import TrainingJob
from mercado.bitcoin.tuning import judged_count, open_study
from tests.benchmarks.hours import SYMBOL, simulator_options
from tests.benchmarks.training_steps import block_plan, stored_rows, trainer_of_the_environment
from tests.commands import run_mercado
from tests.simulators.running import running_simulator

SHARED_TRIALS = 12
STEPS = [sys.executable, "-m", "tests.benchmarks.training_steps"]


def store_candles(environment: Mapping[str, str], *intervals: str) -> None:
    """Download candles of these lengths, which the simulator makes of the hours."""
    with running_simulator(**simulator_options()) as simulator:
        binance = {"BINANCE_BASE_URL": simulator.base_url, "BINANCE_ARCHIVE_URL": simulator.archive_url}
        for interval in intervals:
            words = ("bitcoin", "download", "--symbol", SYMBOL, "--interval", interval, "--no-export")
            done = run_mercado({**environment, **binance}, *words)
            if done.returncode != 0:
                sys.exit(done.stderr)


@dataclass(frozen=True)
class Shared:
    """A study, and how long its workers took.

    Attributes:
        job: Whose study it is.
        seconds: Wall clock until the last worker's process ended, start of the interpreters included.
        judged: Trials that were judged.
        trial_seconds: Mean duration of one.
    """

    job: TrainingJob
    seconds: float
    judged: int
    trial_seconds: float

    @property
    def figures(self) -> dict[str, float]:
        """Return what is recorded."""
        return {
            "seconds": round(self.seconds, 2),
            "judged": self.judged,
            "mean_trial_seconds": round(self.trial_seconds, 2),
        }


def shared_study(environment: dict[str, str], *, workers: int, threads: int) -> Shared:
    """Return how long a new study takes so many workers, each with its part of the threads."""
    job = _begin(environment, workers=workers, threads=threads)
    started = time.perf_counter()
    text = json.dumps(asdict(job))
    processes = [
        subprocess.Popen(
            [*STEPS, "work", text, str(worker)],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for worker in range(workers)
    ]
    errors = [process.communicate()[1] for process in processes]
    seconds = time.perf_counter() - started
    if any(process.returncode for process in processes):
        sys.exit("\n".join(errors))
    study = _study(environment, job)
    durations = [trial.duration.total_seconds() for trial in study.trials if trial.duration]
    return Shared(job, seconds, judged_count(study), sum(durations) / len(durations))


def _begin(environment: Mapping[str, str], *, workers: int, threads: int) -> TrainingJob:
    with patch.dict("os.environ", environment), trainer_of_the_environment() as trainer:
        rows = stored_rows(trainer, CandleInterval.ONE_HOUR)
        plan: TrainingPlan = block_plan(rows, trials=SHARED_TRIALS, workers=workers, threads=threads)
        return trainer.start(SYMBOL, CandleInterval.ONE_HOUR, plan)


def _study(environment: Mapping[str, str], job: TrainingJob) -> optuna.Study:
    return open_study(environment["MERCADO_OPTUNA_URL"], name=job.study, seed=0)


def trials_of(environment: Mapping[str, str], job: TrainingJob) -> list[tuple[Any, ...]]:
    """Return what the trials of a study tried, and what came of it."""
    return [
        (trial.state, trial.params, trial.user_attrs, trial.intermediate_values)
        for trial in _study(environment, job).trials
    ]
