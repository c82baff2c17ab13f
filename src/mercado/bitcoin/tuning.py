"""Tuning of the direction booster with Optuna, on development rows only.

The search is small on purpose: on real candles the best of 12 trials scored 0.68884 and the best of 40 trials 0.68878.
With PostgreSQL as storage any number of workers share a study: make it once with `create_study`, then let each worker
`open_study` and `run_trials`. A worker that dies loses its trial only: after `Heartbeat.grace_seconds` without a sign
of life another worker tries the same parameters again, or, when no worker is left, `ended_study` marks the trial FAIL.
"""

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Final

import numpy as np
import optuna
import xgboost
from optuna.pruners import MedianPruner
from optuna.samplers import TPESampler
from optuna.storages import RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.trial import TrialState
from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from mercado.bitcoin.boosters import booster_settings
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.metrics import log_loss
from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.validation import Fold, split_holdout, walk_forward_folds
from mercado.errors import ModelNotReadyError, ServiceUnavailableError

MOST_ROUNDS: Final = 400
_PATIENCE_ROUNDS: Final = 25
_STOPPING_SHARE: Final = 0.2  # of a fold's training rows, the last ones, watched to stop adding trees
_MOST_FAILED: Final = 10  # trials without a result in one call of `run_trials`
_ROUNDS: Final = "rounds"
_JUDGED: Final = (TrialState.COMPLETE, TrialState.PRUNED)

TrialCallback = Callable[[optuna.trial.FrozenTrial], None]


@dataclass(frozen=True)
class Heartbeat:
    """How a trial whose process died is told from one that is under way.

    Attributes:
        interval_seconds: Between two signs of life of a running trial, >= 1.
        grace_seconds: Without a sign of life for longer, a trial counts as dead; several intervals.
    """

    interval_seconds: int = 15
    grace_seconds: int = 60


HEARTBEAT: Final = Heartbeat()


def tuning_folds(development: TrainingSet, *, folds: int) -> tuple[Fold, ...]:
    """Return walk-forward folds whose test blocks are the later half of the development rows."""
    return walk_forward_folds(
        development.open_time_ms,
        interval_ms=development.interval.milliseconds,
        first_test_row=len(development) // 2,
        folds=folds,
        horizon_bars=development.horizon_bars,
    )


def create_study(storage_url: str | None, *, name: str, seed: int) -> optuna.Study:
    """Return the study of that name, made if it is absent; call it once, before any worker.

    A new study's first trial is the default `BoosterParams`, so that few trials never end worse than none. It is queued
    here and only here: when the process that runs it is killed, the heartbeat's retry brings it back, once.

    Trainings that begin at the same time wait for each other here.

    Args:
        storage_url: SQLAlchemy or libpq address of a database of Optuna's own, or None to keep it in memory.
        name: Of the study; a study that exists is continued.
        seed: Of the sampler.

    Raises:
        ServiceUnavailableError: The database does not answer.
    """
    with _storage_errors(), _one_at_a_time(storage_url):
        study = optuna.create_study(
            storage=_storage(storage_url, HEARTBEAT),
            study_name=name,
            direction="minimize",
            load_if_exists=True,
            pruner=_pruner(),
        )
        if not study.get_trials(deepcopy=False):
            first = asdict(BoosterParams())
            del first[_ROUNDS]
            study.enqueue_trial(first)
        return _with_sampler(study, seed)


def open_study(storage_url: str, *, name: str, seed: int, heartbeat: Heartbeat = HEARTBEAT) -> optuna.Study:
    """Return an existing study, for one of several workers.

    Args:
        storage_url: As in `create_study`.
        name: Of the study.
        seed: Of the sampler; give each worker its own, or they sample alike.
        heartbeat: Of the trials that are run through it, and by which it takes others' for dead.

    Raises:
        ServiceUnavailableError: The database does not answer.
    """
    with _storage_errors():
        study = optuna.load_study(storage=_storage(storage_url, heartbeat), study_name=name, pruner=_pruner())
        return _with_sampler(study, seed)


def ended_study(storage_url: str, *, name: str, heartbeat: Heartbeat = HEARTBEAT) -> optuna.Study:
    """Return a study whose workers have ended, the trials that they left behind marked FAIL and not queued again.

    A trial whose process died within the last ``heartbeat.grace_seconds`` may be alive, and stays RUNNING.

    Raises:
        ServiceUnavailableError: The database does not answer.
    """
    with _storage_errors():
        study = optuna.load_study(storage=_storage(storage_url, heartbeat, retries=False), study_name=name)
        with _experimental():
            optuna.storages.fail_stale_trials(study)
    return study


def judged_count(study: optuna.Study) -> int:
    """Return how many trials have a result; one that failed, or whose process was killed, has none."""
    return len(study.get_trials(deepcopy=False, states=_JUDGED))


def run_trials(
    study: optuna.Study,
    development: TrainingSet,
    folds: Sequence[Fold],
    *,
    until: int,
    seed: int,
    threads: int,
    on_trial: TrialCallback | None = None,
) -> None:
    """Run trials in this process until the study has enough.

    Args:
        study: From `create_study` or `open_study`.
        development: Rows to tune on; the untouched block must not be among them.
        folds: Of ``development``.
        until: How many judged trials the study should have, those of other workers included. Workers that end their
            last trials at the same time may leave as many more as there are other workers.
        seed: Of XGBoost.
        threads: Of XGBoost.
        on_trial: Called with each finished trial, pruned ones too.

    Raises:
        ModelNotReadyError: Trials of this process fail one after the other, as with a log-loss that is no number.
        ServiceUnavailableError: The study's database does not answer.
    """
    failed: list[optuna.trial.FrozenTrial] = []

    def note(_: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        if trial.state is TrialState.FAIL:
            failed.append(trial)
        if on_trial is not None:
            on_trial(trial)

    with _storage_errors():
        while judged_count(study) < until:
            _refuse_to_go_on(study, failed)
            study.optimize(
                lambda trial: objective(trial, development, folds, seed=seed, threads=threads),
                n_trials=1,
                callbacks=[note],
            )


def objective(
    trial: optuna.Trial, development: TrainingSet, folds: Sequence[Fold], *, seed: int, threads: int
) -> float:
    """Return the mean of the folds' log-loss; the number of trees is kept as the trial's attribute ``rounds``.

    After each fold the mean so far is reported under the fold's number, so that a poor trial is pruned between folds.
    """
    params = _suggest(trial)
    losses, rounds = [], []
    for step, fold in enumerate(folds):
        loss, trees = _fold_loss(params, development, fold, seed=seed, threads=threads)
        losses.append(loss)
        rounds.append(trees)
        trial.report(float(np.mean(losses)), step)
        if trial.should_prune():
            raise optuna.TrialPruned
    trial.set_user_attr(_ROUNDS, math.ceil(np.mean(rounds)))
    return float(np.mean(losses))


def best_params(study: optuna.Study) -> BoosterParams:
    """Return the parameters of the best completed trial.

    Raises:
        ModelNotReadyError: No trial has completed.
    """
    if not study.get_trials(deepcopy=False, states=(optuna.trial.TrialState.COMPLETE,)):
        raise ModelNotReadyError(f"Study {study.study_name!r} has no completed trial: run some first.")
    best = study.best_trial
    return BoosterParams(**best.params, rounds=best.user_attrs[_ROUNDS])


def _refuse_to_go_on(study: optuna.Study, failed: Sequence[optuna.trial.FrozenTrial]) -> None:
    if len(failed) >= _MOST_FAILED:
        raise ModelNotReadyError(
            f"Study {study.study_name!r} cannot be tuned: {len(failed)} trials of this worker gave no log-loss that is "
            f"a number, the last one trial {failed[-1].number} with {failed[-1].params}. The log says why each failed; "
            f"look at the features and targets that they learned from."
        )


def sqlalchemy_url(url: str) -> str:
    """Return ``url`` with psycopg2 as the driver of PostgreSQL; SQLAlchemy 2.1 reads a bare one as psycopg 3."""
    scheme, separator, rest = url.partition("://")
    return f"postgresql+psycopg2://{rest}" if separator and scheme in ("postgresql", "postgres") else url


def _suggest(trial: optuna.Trial) -> BoosterParams:
    return BoosterParams(
        max_depth=trial.suggest_int("max_depth", 2, 6),
        eta=trial.suggest_float("eta", 0.01, 0.1, log=True),
        min_child_weight=trial.suggest_float("min_child_weight", 10, 300, log=True),
        subsample=trial.suggest_float("subsample", 0.4, 1.0),
        colsample_bytree=trial.suggest_float("colsample_bytree", 0.4, 1.0),
        reg_lambda=trial.suggest_float("reg_lambda", 1, 100, log=True),
        rounds=MOST_ROUNDS,
    )


def _fold_loss(
    params: BoosterParams, development: TrainingSet, fold: Fold, *, seed: int, threads: int
) -> tuple[float, int]:
    """Return the test block's log-loss and the number of trees, chosen on the training rows' own last part."""
    train, test = development[fold.train], development[fold.test]
    inner = split_holdout(
        train.open_time_ms,
        interval_ms=train.interval.milliseconds,
        holdout_bars=max(1, int(len(train) * _STOPPING_SHARE)),
        horizon_bars=train.horizon_bars,
    )
    fitting, stopping = train[inner.train], train[inner.test]
    booster = xgboost.train(
        booster_settings(params, objective="binary:logistic", seed=seed, threads=threads) | {"eval_metric": "logloss"},
        xgboost.DMatrix(fitting.features, fitting.up, nthread=threads),
        params.rounds,
        evals=[(xgboost.DMatrix(stopping.features, stopping.up, nthread=threads), "stopping")],
        early_stopping_rounds=_PATIENCE_ROUNDS,
        verbose_eval=False,
    )
    trees = booster.best_iteration + 1
    probability_up = booster.inplace_predict(test.features, iteration_range=(0, trees), validate_features=False)
    return log_loss(test.up, probability_up.astype(np.float64)), trees


def _pruner() -> MedianPruner:
    return MedianPruner(n_startup_trials=5, n_warmup_steps=1)


def _with_sampler(study: optuna.Study, seed: int) -> optuna.Study:
    # Continued with the same random numbers, a study would try the same parameters again.
    study.sampler = TPESampler(seed=seed + judged_count(study))
    return study


def _storage(url: str | None, heartbeat: Heartbeat, *, retries: bool = True) -> RDBStorage | None:
    if url is None:
        return None
    with _experimental():
        return RDBStorage(
            sqlalchemy_url(url),
            engine_kwargs={"pool_pre_ping": True},
            heartbeat_interval=heartbeat.interval_seconds,
            grace_period=heartbeat.grace_seconds,
            heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(max_retry=1) if retries else None,
        )


@contextmanager
def _one_at_a_time(url: str | None) -> Iterator[None]:
    """Let trainings that begin at once make their studies one by one: on an empty database Optuna makes its tables."""
    if url is None or not sqlalchemy_url(url).startswith("postgresql+"):
        yield
        return
    with create_engine(sqlalchemy_url(url), poolclass=NullPool).begin() as connection:
        connection.execute(text("select pg_advisory_xact_lock(hashtextextended('mercado create study', 0))"))
        yield


@contextmanager
def _experimental() -> Iterator[None]:
    """Let Optuna's heartbeat, experimental since 2.8, be used without its warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        yield


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except (SQLAlchemyError, optuna.exceptions.StorageInternalError) as error:
        first_line = str(error.__cause__ or error).strip().splitlines()[0]
        raise ServiceUnavailableError(
            f"Optuna's database (MERCADO_OPTUNA_URL) cannot be used: {first_line}. Is the platform up? `mercado doctor`"
        ) from error
