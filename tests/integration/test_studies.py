"""One study: shared by workers, continued by name on the same candles only."""

import threading
from dataclasses import asdict, replace

import optuna
import psycopg
import pytest
from optuna.pruners import NopPruner
from optuna.trial import FrozenTrial, TrialState
from pydantic import SecretStr

from mercado.bitcoin.dataset import build_training_set
from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.store import read_candles
from mercado.bitcoin.training import WORKER_SEEDS, Trainer
from mercado.bitcoin.training_job import TrainingJob
from mercado.bitcoin.tuning import judged_count, objective, open_study, tuning_folds
from mercado.bitcoin.walk import walk_of
from mercado.errors import ConfigurationError
from mercado.warehouse.connection import connect
from tests.integration.trainings import HOUR, NEXT_CANDLE, OLDER_CANDLES, SMALL_PLAN

PLAN = replace(SMALL_PLAN, trials=2)


def judged(trainer: Trainer, name: str) -> int:
    return judged_count(open_study(trainer.optuna_url.get_secret_value(), name=name, seed=0))


def shared_by_two(trainer: Trainer, warehouse: SecretStr, job: TrainingJob) -> list[FrozenTrial]:
    """Let two workers at once run a job's trials, and return these."""

    def work(worker: int) -> None:
        with connect(warehouse, application="tests") as connection:
            replace(trainer, connection=connection).tune(job, worker=worker)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return open_study(trainer.optuna_url.get_secret_value(), name=job.study, seed=0).trials


def test_two_workers_share_one_study(trainer: Trainer, reversal_warehouse: SecretStr) -> None:
    job = trainer.start("BTCUSDT", HOUR, replace(PLAN, trials=6, workers=2))
    tried = [trial.params for trial in shared_by_two(trainer, reversal_warehouse, job)]
    # Both may be at the last trial at the same time.
    assert judged(trainer, job.study) in (6, 7)
    assert [params for number, params in enumerate(tried) if params in tried[:number]] == []
    assert trainer.best(job).rounds >= 1


def test_what_a_trial_finds_depends_on_its_parameters_alone(trainer: Trainer, reversal_warehouse: SecretStr) -> None:
    job = trainer.start("BTCUSDT", HOUR, replace(PLAN, trials=4, workers=2))
    trials = shared_by_two(trainer, reversal_warehouse, job)
    rows = build_training_set(read_candles(trainer.connection, "BTCUSDT", HOUR), symbol="BTCUSDT")
    development = rows[walk_of(rows, job.training_plan).before]
    folds = tuning_folds(development, folds=job.training_plan.tuning_folds)
    again = optuna.create_study(direction="minimize", pruner=NopPruner())
    for trial in trials:
        again.enqueue_trial(trial.params)
        loss = objective(again.ask(), development, folds, seed=job.training_plan.seed, threads=1)
        reported, alone = trial.intermediate_values, again.trials[-1].intermediate_values
        assert reported == {step: alone[step] for step in reported}
        assert trial.state is TrialState.PRUNED or trial.value == loss


@pytest.mark.filterwarnings("ignore:Heartbeat of storage")
def test_the_default_is_tried_once_whichever_worker_asks_first(trainer: Trainer) -> None:
    job = trainer.start("BTCUSDT", HOUR, replace(PLAN, workers=2))
    taken = open_study(trainer.optuna_url.get_secret_value(), name=job.study, seed=WORKER_SEEDS).ask()
    trainer.tune(job, worker=0)
    trials = open_study(trainer.optuna_url.get_secret_value(), name=job.study, seed=0).get_trials(deepcopy=False)
    default = {name: value for name, value in asdict(BoosterParams()).items() if name != "rounds"}
    assert [trial.state for trial in trials] == [TrialState.RUNNING, TrialState.COMPLETE, TrialState.COMPLETE]
    queued = [trial for trial in trials if "fixed_params" in trial.system_attrs]
    assert [(trial.number, trial.system_attrs["fixed_params"]) for trial in queued] == [(taken.number, default)]
    assert [trial.number for trial in trials if trial.params == default] == []


def test_a_study_is_continued_on_its_own_candles(trainer: Trainer, changing: psycopg.Connection) -> None:
    first = trainer.start("BTCUSDT", HOUR, PLAN)
    trainer.tune(first)
    changing.execute(NEXT_CANDLE)
    changing.execute(OLDER_CANDLES)
    second = trainer.start("BTCUSDT", HOUR, replace(PLAN, trials=3), study=first.study)
    assert (second.digest, second.end_ms, second.study) == (first.digest, first.end_ms, first.study)
    assert second.run_id != first.run_id
    trainer.tune(second)
    assert judged(trainer, first.study) == 5


def test_a_new_training_begins_a_new_study(trainer: Trainer) -> None:
    assert trainer.start("BTCUSDT", HOUR, PLAN).study != trainer.start("BTCUSDT", HOUR, PLAN).study


def test_a_study_of_other_rows_or_of_another_name_is_refused(trainer: Trainer) -> None:
    study = trainer.start("BTCUSDT", HOUR, PLAN).study
    with pytest.raises(ConfigurationError, match=r"the last 2160 rows left out.*and this training of .* last 2000"):
        trainer.start("BTCUSDT", HOUR, replace(PLAN, holdout_bars=2000), study=study)
    with pytest.raises(ConfigurationError, match="cannot be continued"):
        trainer.start("BTCUSDT", HOUR, replace(PLAN, horizon_bars=2), study=study)
    with pytest.raises(ConfigurationError, match="There is no study 'nothing'"):
        trainer.start("BTCUSDT", HOUR, PLAN, study="nothing")
