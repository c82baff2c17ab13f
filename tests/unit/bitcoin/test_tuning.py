"""Promises of `mercado.bitcoin.tuning`."""

from dataclasses import asdict, fields
from pathlib import Path

import optuna
import pytest

from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.tuning import (
    MOST_ROUNDS,
    best_params,
    create_study,
    open_study,
    run_trials,
    sqlalchemy_url,
    tuning_folds,
)
from mercado.errors import ModelNotReadyError


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
