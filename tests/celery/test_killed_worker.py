"""Two workers share one study, and one is killed in the middle of a trial: that trial is lost and tried again."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState

from mercado.bitcoin.tuning import open_study
from mercado.local.stages import TRAINING
from mercado.local.waiting import wait_until
from mercado.registry import Registry
from tests.celery.stack import WORKER, Stack
from tests.docker_engine import docker

pytestmark = pytest.mark.timeout(1200)
# Enough that the worker that lives still tunes when the killed one's trial counts as dead (tuning.HEARTBEAT).
TRIALS = 120


@dataclass(frozen=True)
class Loss:
    """A training that lost a worker.

    Attributes:
        run_id: Of Airflow.
        state: In which it ended.
        killed: Host name of the worker that was killed.
        other: Host name of the worker that went on.
        under_way: Trials that ran when it was killed, by number.
        killed_at: When, UTC, naive as Optuna's times.
        trials: All trials, after the end.
    """

    run_id: str
    state: str
    killed: str
    other: str
    under_way: set[int]
    killed_at: datetime
    trials: tuple[FrozenTrial, ...]

    def of(self, state: TrialState) -> list[FrozenTrial]:
        return [trial for trial in self.trials if trial.state is state]

    @property
    def judged(self) -> list[FrozenTrial]:
        return [trial for trial in self.trials if trial.state in (TrialState.COMPLETE, TrialState.PRUNED)]


@pytest.fixture(scope="module")
def loss(stack: Stack) -> Loss:
    """Return a training of two workers of which one was killed, after its end."""
    airflow = stack.demo.airflow
    run_id = airflow.trigger(TRAINING, {"workers": 2, "trials": TRIALS})
    until(lambda: len(hosts(stack, run_id)) == 2, "Two workers do not tune at once", seconds=180)
    study = study_of(stack, run_id)
    until(lambda: len(ended(study)) > 4, "The first trials do not end", seconds=120)
    other, killed = hosts(stack, run_id)
    (container,) = [each["Id"] for each in stack.containers(WORKER) if each["Config"]["Hostname"] == killed]
    with stack.stopped_for_a_while(container):
        under_way = two_young(study)
        docker("kill", container)
        killed_at = clock()
        state = airflow.watch(TRAINING, run_id, seconds=900)
    return Loss(run_id, state, killed, other, under_way, killed_at, tuple(study.get_trials()))


def until(holds: Callable[[], bool], problem: str, *, seconds: float) -> None:
    wait_until(holds, seconds=seconds, problem=lambda: f"{problem} within {seconds:.0f} s.")


def hosts(stack: Stack, run_id: str) -> list[str]:
    """Return the host of each tuning task that runs, by map index."""
    return [each["hostname"] for each in stack.instances(run_id, "tune") if each["state"] == "running"]


def study_of(stack: Stack, run_id: str) -> optuna.Study:
    url = stack.demo.platform.database_url("optuna").get_secret_value()
    return open_study(url, name=stack.job(run_id)["study"], seed=0)


def clock() -> datetime:
    """Return the time as Optuna writes it in a container: UTC, naive."""
    return datetime.now(UTC).replace(tzinfo=None)


def ended(study: optuna.Study) -> list[timedelta]:
    """Return how long each trial took that was not pruned."""
    complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return [trial.duration for trial in complete if trial.duration]


def young(study: optuna.Study) -> set[int]:
    """Return the numbers of the trials that run and will still do so in a moment."""
    half, now = median(ended(study)) / 2, clock()
    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    return {trial.number for trial in running if trial.datetime_start and now - trial.datetime_start < half}


def two_young(study: optuna.Study) -> set[int]:
    """Wait until both workers are in the first half of a trial, and return these two trials' numbers."""
    seen: set[int] = set()

    def both() -> bool:
        seen.clear()
        seen.update(young(study))
        return len(seen) == 2

    until(both, "Two trials are never in their first halves at once", seconds=120)
    return seen


def trials_in(log: str) -> set[int]:
    return {int(number) for number in re.findall(r"trial (\d+): log-loss", log)}


def test_two_workers_share_the_study(loss: Loss, stack: Stack) -> None:
    assert loss.killed != loss.other
    first = trials_in(stack.log(loss.run_id, "tune", attempt=1, map_index=0))
    second = trials_in(stack.log(loss.run_id, "tune", attempt=1, map_index=1))
    assert first
    assert second
    assert first & second == set()


def test_the_training_ends_well_and_registers_a_version(loss: Loss, stack: Stack) -> None:
    assert loss.state == "success"
    assert stack.job(loss.run_id)["run_id"] in {each.run_id for each in Registry(stack.demo.mlflow).versions()}


def test_exactly_the_trial_that_ran_there_is_lost(loss: Loss) -> None:
    (lost,) = loss.of(TrialState.FAIL)
    assert lost.number in loss.under_way
    assert loss.of(TrialState.RUNNING) == []


def test_its_parameters_are_tried_again_within_two_minutes(loss: Loss) -> None:
    (lost,) = loss.of(TrialState.FAIL)
    (again,) = [trial for trial in loss.judged if trial.system_attrs.get("failed_trial") == lost.number]
    # Those that the lost one had not come to yet are chosen anew.
    assert again.params | lost.params == again.params
    assert again.datetime_start is not None
    waited = again.datetime_start - loss.killed_at
    assert timedelta() < waited < timedelta(minutes=2)


def test_as_many_trials_are_judged_as_were_asked_for(loss: Loss) -> None:
    # Two workers that end their last trials at the same time may leave one more.
    assert TRIALS <= len(loss.judged) <= TRIALS + 1


def test_the_logs_of_both_workers_can_be_read_that_of_the_killed_one_too(loss: Loss, stack: Stack) -> None:
    (survivor, retried) = stack.instances(loss.run_id, "tune")
    assert (survivor["hostname"], survivor["try_number"]) == (loss.other, 1)
    assert retried["try_number"] == 2
    for map_index, attempt in ((0, 1), (1, 1), (1, 2)):
        log = stack.log(loss.run_id, "tune", attempt=attempt, map_index=map_index)
        assert "/opt/airflow/logs/" in log
        assert "Could not read" not in log
    assert trials_in(stack.log(loss.run_id, "tune", attempt=1, map_index=1))
