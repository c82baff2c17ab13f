"""Promises of `mercado.bitcoin.tuning`."""

import math
import warnings
from dataclasses import asdict, fields
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from mercado.bitcoin import tuning
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.tuning import (
    MOST_ROUNDS,
    best_params,
    create_study,
    judged_count,
    open_study,
    run_trials,
    sqlalchemy_url,
    tuning_folds,
)
from mercado.errors import ModelNotReadyError

# Depth and few penalties: it learns the noise by heart.
TERRIBLE = {
    "max_depth": 6,
    "eta": 0.1,
    "min_child_weight": 10.0,
    "subsample": 0.4,
    "colsample_bytree": 0.4,
    "reg_lambda": 1.0,
}


def _tuned(development: TrainingSet, *, seed: int) -> optuna.Study:
    study = create_study(None, name="test", seed=seed)
    run_trials(study, development, tuning_folds(development, folds=2), until=3, seed=seed, threads=1)
    return study


@pytest.fixture(scope="module")
def development(training_set: TrainingSet) -> TrainingSet:
    return training_set[:3000]


def test_trials_are_repeatable_to_the_bit(development: TrainingSet) -> None:
    first, second = _tuned(development, seed=7), _tuned(development, seed=7)
    assert [trial.value for trial in first.trials] == [trial.value for trial in second.trials]
    assert best_params(first) == best_params(second)
    assert _tuned(development, seed=8).trials[1].params != first.trials[1].params


def test_the_first_trial_is_the_default(development: TrainingSet) -> None:
    params = _tuned(development, seed=7).trials[0].params
    assert params == {name: value for name, value in asdict(BoosterParams()).items() if name != "rounds"}


def test_every_parameter_is_tuned_within_the_search_space(development: TrainingSet) -> None:
    study = _tuned(development, seed=7)
    params = best_params(study)
    assert {*study.best_params, "rounds"} == {field.name for field in fields(BoosterParams)}
    assert 1 <= params.rounds <= MOST_ROUNDS
    assert 2 <= params.max_depth <= 6


def test_each_finished_trial_is_told(development: TrainingSet) -> None:
    told: list[int] = []
    study = create_study(None, name="test", seed=7)
    folds = tuning_folds(development, folds=2)
    run_trials(study, development, folds, until=2, seed=7, threads=1, on_trial=lambda trial: told.append(trial.number))
    assert told == [0, 1]


def test_a_report_is_made_for_every_fold(development: TrainingSet) -> None:
    assert list(_tuned(development, seed=7).trials[0].intermediate_values) == [0, 1]


def test_a_poor_trial_is_pruned_after_an_early_fold(training_set: TrainingSet) -> None:
    folds = tuning_folds(training_set, folds=4)
    study = create_study(None, name="test", seed=7)
    run_trials(study, training_set, folds, until=5, seed=7, threads=1)
    study.enqueue_trial(TERRIBLE)
    run_trials(study, training_set, folds, until=6, seed=7, threads=1)
    *good, terrible = study.trials
    assert [trial.state for trial in good] == [TrialState.COMPLETE] * 5
    assert [list(trial.intermediate_values) for trial in good] == [[0, 1, 2, 3]] * 5
    assert terrible.params == TERRIBLE
    assert terrible.state is TrialState.PRUNED
    assert list(terrible.intermediate_values) == [0, 1]
    assert judged_count(study) == 6
    assert study.best_trial in good


def test_trials_that_fail_one_after_the_other_end_the_tuning(
    development: TrainingSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "log_loss", lambda up, probability_up: math.nan)
    told: list[TrialState] = []
    with pytest.raises(ModelNotReadyError, match=r"'test' cannot be tuned: 10 trials .* trial 9 with \{'max_depth"):
        run_trials(
            create_study(None, name="test", seed=7),
            development,
            tuning_folds(development, folds=2),
            until=3,
            seed=7,
            threads=1,
            on_trial=lambda trial: told.append(trial.state),
        )
    assert told == [TrialState.FAIL] * 10


def test_now_and_then_a_trial_may_fail(development: TrainingSet, monkeypatch: pytest.MonkeyPatch) -> None:
    losses = iter([math.nan, math.nan, *[0.69] * 20])
    monkeypatch.setattr(tuning, "log_loss", lambda up, probability_up: next(losses))
    study = _tuned(development, seed=7)
    assert [trial.state for trial in study.trials] == [TrialState.FAIL] + [TrialState.COMPLETE] * 3


def test_the_default_is_queued_once_even_when_a_worker_has_already_taken_it(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'optuna.db'}"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Heartbeat of storage")
        create_study(url, name="shared", seed=7).ask()
    assert [trial.state for trial in create_study(url, name="shared", seed=7).trials] == [TrialState.RUNNING]


def test_a_stored_study_is_continued_and_shared(development: TrainingSet, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'optuna.db'}"
    create_study(url, name="shared", seed=7)
    worker = open_study(url, name="shared", seed=8)
    run_trials(worker, development, tuning_folds(development, folds=2), until=1, seed=7, threads=1)
    assert len(create_study(url, name="shared", seed=7).trials) == 1


def test_trials_of_other_workers_count_towards_those_wanted(development: TrainingSet) -> None:
    study = create_study(None, name="test", seed=7)
    folds = tuning_folds(development, folds=2)
    for until in (2, 2, 3):
        run_trials(study, development, folds, until=until, seed=7, threads=1)
        assert len(study.trials) == until


def test_a_study_without_a_completed_trial_has_no_best() -> None:
    with pytest.raises(ModelNotReadyError, match="'empty' has no completed trial"):
        best_params(create_study(None, name="empty", seed=7))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://u:p@h:5432/optuna_db", "postgresql+psycopg2://u:p@h:5432/optuna_db"),
        ("postgres://u@h/d", "postgresql+psycopg2://u@h/d"),
        ("postgresql+psycopg2://u@h/d", "postgresql+psycopg2://u@h/d"),
        ("sqlite:///file.db", "sqlite:///file.db"),
    ],
)
def test_a_bare_postgresql_url_gets_psycopg2(url: str, expected: str) -> None:
    assert sqlalchemy_url(url) == expected
