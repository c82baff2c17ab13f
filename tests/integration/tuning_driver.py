"""One worker of a study as a process of its own, which stops in the middle of its first trial, alive, to be killed."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import overload

from pydantic import SecretStr

from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.tuning import Heartbeat, open_study, run_trials, tuning_folds
from mercado.bitcoin.validation import Fold
from tests.unit.bitcoin.synthetic import synthetic_candles

REPOSITORY = Path(__file__).parent.parent.parent
COMMAND = (sys.executable, "-m", "tests.integration.tuning_driver")
HEARTBEAT = Heartbeat(interval_seconds=1, grace_seconds=2)
IN_THE_MIDDLE = "in the middle of a trial"


def development() -> TrainingSet:
    """Return rows that both the driver and its test tune on."""
    return build_training_set(synthetic_candles(3000, seed=4), symbol="BTCUSDT")


@contextmanager
def stopped_worker(url: SecretStr, study: str) -> Iterator["subprocess.Popen[str]"]:
    """Yield a worker that is in the middle of a trial; it is dead afterwards."""
    environment = dict(os.environ) | {"MERCADO_OPTUNA_URL": url.get_secret_value(), "PYTHONPATH": str(REPOSITORY)}
    command = [*COMMAND, study]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().strip() == IN_THE_MIDDLE
            yield process
        finally:
            process.kill()


class _Stopping(Sequence[Fold]):
    """Folds whose second one never comes."""

    def __init__(self, first: Fold) -> None:
        self._first = first

    def __len__(self) -> int:
        return 2

    @overload
    def __getitem__(self, place: int) -> Fold: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Fold]: ...
    def __getitem__(self, place: int | slice) -> Fold | Sequence[Fold]:
        if place == 0:
            return self._first
        sys.stdout.write(f"{IN_THE_MIDDLE}\n")
        sys.stdout.flush()
        while True:
            time.sleep(1)


def main(name: str) -> None:
    """Begin a trial of the study ``name``."""
    rows = development()
    study = open_study(os.environ["MERCADO_OPTUNA_URL"], name=name, seed=7, heartbeat=HEARTBEAT)
    run_trials(study, rows, _Stopping(tuning_folds(rows, folds=2)[0]), until=1, seed=7, threads=1)


if __name__ == "__main__":
    main(sys.argv[1])
