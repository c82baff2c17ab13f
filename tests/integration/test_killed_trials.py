"""A worker is killed in the middle of a trial: the trial is tried again, or marked as failed when nobody is left."""

import time
from dataclasses import asdict, replace

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState
from pydantic import SecretStr

from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.training import Trainer
from mercado.bitcoin.tuning import Heartbeat, create_study, open_study, run_trials, tuning_folds
from tests.integration.trainings import HOUR, SMALL_PLAN
from tests.integration.tuning_driver import HEARTBEAT, development, stopped_worker

DEFAULT = {name: value for name, value in asdict(BoosterParams()).items() if name != "rounds"}
PATIENT = Heartbeat()
LONGER_THAN_GRACE_SECONDS = HEARTBEAT.grace_seconds + 1.5


def work_on(url: SecretStr, name: str, *, until: int, heartbeat: Heartbeat) -> list[FrozenTrial]:
    """Run trials as another worker, and return all of the study."""
    rows = development()
    study = open_study(url.get_secret_value(), name=name, seed=8, heartbeat=heartbeat)
    run_trials(study, rows, tuning_folds(rows, folds=2), until=until, seed=7, threads=1)
    return trials_of(study)


def trials_of(study: optuna.Study) -> list[FrozenTrial]:
    return study.get_trials(deepcopy=False)


def states(trials: list[FrozenTrial]) -> list[TrialState]:
    return [trial.state for trial in trials]


@pytest.fixture
def study(optuna_url: SecretStr, request: pytest.FixtureRequest) -> str:
    """Return the name of a new study."""
    return create_study(optuna_url.get_secret_value(), name=request.node.name, seed=7).study_name


def test_a_killed_trial_is_failed_after_the_grace_period_and_its_parameters_are_tried_again(
    optuna_url: SecretStr, study: str
) -> None:
    with stopped_worker(optuna_url, study) as worker:
        time.sleep(LONGER_THAN_GRACE_SECONDS)
        alive = work_on(optuna_url, study, until=1, heartbeat=HEARTBEAT)
        assert states(alive) == [TrialState.RUNNING, TrialState.COMPLETE]  # its heart beats
        worker.kill()
    time.sleep(LONGER_THAN_GRACE_SECONDS)
    killed, _, retried = work_on(optuna_url, study, until=2, heartbeat=HEARTBEAT)
    assert (killed.state, retried.state) == (TrialState.FAIL, TrialState.COMPLETE)
    assert killed.params == retried.params == DEFAULT


def test_within_the_grace_period_another_worker_goes_on_with_other_parameters(
    optuna_url: SecretStr, study: str
) -> None:
    with stopped_worker(optuna_url, study):
        pass
    killed, other = work_on(optuna_url, study, until=1, heartbeat=PATIENT)
    assert (killed.state, other.state) == (TrialState.RUNNING, TrialState.COMPLETE)
    assert other.params != killed.params == DEFAULT


def test_a_killed_trial_of_a_study_that_has_ended_is_failed_and_left_alone(trainer: Trainer) -> None:
    job = trainer.start("BTCUSDT", HOUR, replace(SMALL_PLAN, trials=1))
    with stopped_worker(trainer.optuna_url, job.study):
        pass
    work_on(trainer.optuna_url, job.study, until=1, heartbeat=PATIENT)
    time.sleep(LONGER_THAN_GRACE_SECONDS)
    assert replace(trainer, heartbeat=HEARTBEAT).best(job).rounds >= 1
    left = trials_of(open_study(trainer.optuna_url.get_secret_value(), name=job.study, seed=0))
    assert states(left) == [TrialState.FAIL, TrialState.COMPLETE]
