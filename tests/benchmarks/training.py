"""A whole training on PostgreSQL and MLflow: time, memory and quality, repeated, shared by workers, and on days."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import optuna

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.plan import TrainingPlan
from mercado.bitcoin.training_job import TrainingJob
from mercado.bitcoin.tuning import judged_count, open_study
from tests.benchmarks.hours import SYMBOL, hours_name, simulator_options
from tests.benchmarks.measuring import Measured, measure
from tests.benchmarks.servers import training_platform
from tests.benchmarks.training_figures import TARGETS, quality, rounded
from tests.benchmarks.training_steps import block_plan, stored_rows, trainer_of_the_environment
from tests.commands import run_mercado
from tests.simulators.running import running_simulator

PACKAGES = ("numpy", "TA-Lib", "xgboost-cpu", "optuna", "mlflow", "scikit-learn", "statsmodels")
TRIALS, DAILY_TRIALS, SHARED_TRIALS = 40, 10, 12
MOST_SECONDS = 600
SHARING_ROUNDS = 2
# A plan's threads are shared by its workers.
WORKERS = {
    "1 worker of 2 threads": {"workers": 1, "threads": 2},
    "1 worker of 1 thread": {"workers": 1, "threads": 1},
    "2 workers of 1 thread": {"workers": 2, "threads": 2},
}
STEPS = [sys.executable, "-m", "tests.benchmarks.training_steps"]


@dataclass(frozen=True)
class Trained:
    """A training, and what it took.

    Attributes:
        took: Wall clock and memory of its process.
        result: What it wrote.
    """

    took: Measured
    result: dict[str, Any]

    @property
    def job(self) -> TrainingJob:
        """Return the training."""
        return TrainingJob.of(self.result["job"])


def run() -> dict[str, Any]:
    """Measure and return the figures."""
    with training_platform() as environment, tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _store_candles(environment)
        _say("training on hours")
        hourly = _train(environment, "1h", TRIALS, folder / "hourly.json")
        _say(f"{hourly.took}; walking again")
        walked_again = _walked_again(environment, folder / "hourly.json", folder / "again.json")
        _say("one worker, two workers")
        shared = _sharing(environment, hourly)
        _say("training on days")
        daily = _train(environment, "1d", DAILY_TRIALS, folder / "daily.json")
    return {
        "what": f"Training on {hourly.result['rows']:,} rows of {hours_name()}, {TRIALS} trials, "
        f"block from 2020 on with a refit a quarter",
        "ours": asdict(hourly.took),
        "phases": rounded(hourly.result["seconds"]),
        "plan": hourly.job.plan,
        "params": hourly.result["params"],
        "quality": quality(hourly.result["metrics"]),
        "target": {"seconds": f"<= {MOST_SECONDS}", **TARGETS},
        "verdict": _verdict(hourly),
        "repeated": {
            "metrics_compared": len(walked_again),
            "metrics_equal": all(hourly.result["metrics"][metric] == value for metric, value in walked_again.items()),
            "trials_compared": SHARED_TRIALS,
            "trials_equal": shared.pop("trials_equal"),
        },
        "sharing": shared,
        "daily": {
            "what": f"{daily.result['rows']:,} rows of days, {DAILY_TRIALS} trials, the same block",
            **asdict(daily.took),
            "quality": quality(daily.result["metrics"]),
            "verdict": _verdict(daily),
        },
    }


def _store_candles(environment: dict[str, str]) -> None:
    """Download hours and days, which the simulator makes of the hours."""
    with running_simulator(**simulator_options()) as simulator:
        binance = {"BINANCE_BASE_URL": simulator.base_url, "BINANCE_ARCHIVE_URL": simulator.archive_url}
        for interval in ("1h", "1d"):
            done = run_mercado(environment | binance, "bitcoin", "download", "--interval", interval, "--no-export")
            if done.returncode != 0:
                sys.exit(done.stderr)


def _train(environment: dict[str, str], interval: str, trials: int, file: Path) -> Trained:
    took = measure([*STEPS, "train", interval, str(trials), str(file)], environment)
    return Trained(took, json.loads(file.read_text(encoding="utf-8")))


def _walked_again(environment: dict[str, str], trained: Path, file: Path) -> dict[str, float]:
    measure([*STEPS, "walk_again", str(trained), str(file)], environment)
    metrics: dict[str, float] = json.loads(file.read_text(encoding="utf-8"))
    return metrics


def _verdict(trained: Trained) -> dict[str, Any]:
    registered = trained.result["registered"]
    return {"promoted": registered["promote"], "reason": registered["reason"]}


def _sharing(environment: dict[str, str], hourly: Trained) -> dict[str, Any]:
    """Return what a second worker gains, and whether one worker tries what the training before had tried.

    The best of interleaved rounds counts: on a machine that others use too, the median measures them.
    """
    rounds = [
        {name: _shared(environment, **workers) for name, workers in WORKERS.items()} for _ in range(SHARING_ROUNDS)
    ]
    best = {name: min((each[name] for each in rounds), key=lambda shared: shared.seconds) for name in WORKERS}
    both_threads, one_thread, two_workers = best.values()
    earlier = _trials(environment, hourly.job)[:SHARED_TRIALS]
    return {
        "trials": SHARED_TRIALS,
        "rounds": SHARING_ROUNDS,
        "workers": {name: shared.figures for name, shared in best.items()},
        "gain": {
            "of a second worker of 1 thread": round(one_thread.seconds / two_workers.seconds, 2),
            "of 2 workers of 1 thread against 1 of 2": round(both_threads.seconds / two_workers.seconds, 2),
            "of a second thread of 1 worker": round(one_thread.seconds / both_threads.seconds, 2),
        },
        "trials_equal": _trials(environment, both_threads.job)[:SHARED_TRIALS] == earlier,
    }


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


def _shared(environment: dict[str, str], *, workers: int, threads: int) -> Shared:
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


def _trials(environment: Mapping[str, str], job: TrainingJob) -> list[tuple[Any, ...]]:
    """Return what the trials of a study tried, and what came of it."""
    return [
        (trial.state, trial.params, trial.user_attrs, trial.intermediate_values)
        for trial in _study(environment, job).trials
    ]


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
