"""A whole training on PostgreSQL and MLflow: time, memory and quality, repeated, shared by workers, and on days."""

import json
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mercado.bitcoin.training_job import TrainingJob
from tests.benchmarks.hours import hours_name
from tests.benchmarks.measuring import Measured, measure
from tests.benchmarks.servers import training_platform
from tests.benchmarks.training_figures import TARGETS, quality, rounded
from tests.benchmarks.training_sharing import SHARED_TRIALS, STEPS, shared_study, store_candles, trials_of

PACKAGES = ("numpy", "TA-Lib", "xgboost-cpu", "optuna", "mlflow", "scikit-learn", "statsmodels")
TRIALS, DAILY_TRIALS = 40, 10
MOST_SECONDS = 600
SHARING_ROUNDS = 2
# A plan's threads are shared by its workers.
WORKERS = {
    "1 worker of 2 threads": {"workers": 1, "threads": 2},
    "1 worker of 1 thread": {"workers": 1, "threads": 1},
    "2 workers of 1 thread": {"workers": 2, "threads": 2},
}


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
        store_candles(environment, "1h", "1d")
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
        {name: shared_study(environment, **workers) for name, workers in WORKERS.items()} for _ in range(SHARING_ROUNDS)
    ]
    best = {name: min((each[name] for each in rounds), key=lambda shared: shared.seconds) for name in WORKERS}
    both_threads, one_thread, two_workers = best.values()
    earlier = trials_of(environment, hourly.job)[:SHARED_TRIALS]
    return {
        "trials": SHARED_TRIALS,
        "rounds": SHARING_ROUNDS,
        "workers": {name: shared.figures for name, shared in best.items()},
        "gain": {
            "of a second worker of 1 thread": round(one_thread.seconds / two_workers.seconds, 2),
            "of 2 workers of 1 thread against 1 of 2": round(both_threads.seconds / two_workers.seconds, 2),
            "of a second thread of 1 worker": round(one_thread.seconds / both_threads.seconds, 2),
        },
        "trials_equal": trials_of(environment, both_threads.job)[:SHARED_TRIALS] == earlier,
    }


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
