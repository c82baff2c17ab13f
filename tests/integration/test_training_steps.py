"""The steps of a training, called again, cut off, or on candles that cannot be learned from."""

from dataclasses import replace

import mlflow
import optuna
import psycopg
import pytest
from optuna.trial import TrialState
from pydantic import SecretStr

from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.training import Trainer
from mercado.bitcoin.training_job import TrainingJob
from mercado.bitcoin.tuning import open_study
from mercado.errors import NotEnoughDataError, SchemaOutdatedError, ServiceUnavailableError, SourceContractError
from tests.integration.trainings import HOUR, NEXT_CANDLE, OLDER_CANDLES, REVISED_CANDLE, SMALL_PLAN

NOWHERE = SecretStr("postgresql://optuna:very-secret@127.0.0.1:1/optuna_db")


class CutError(Exception):
    """Stands for whatever ends a step in the middle."""


@pytest.fixture
def job(trainer: Trainer) -> TrainingJob:
    return trainer.start("BTCUSDT", HOUR, SMALL_PLAN)


def study_of(trainer: Trainer, job: TrainingJob) -> optuna.Study:
    return open_study(trainer.optuna_url.get_secret_value(), name=job.study, seed=0)


def trial_states(trainer: Trainer, job: TrainingJob) -> list[TrialState]:
    return [trial.state for trial in study_of(trainer, job).get_trials(deepcopy=False)]


def trial_names(trainer: Trainer, job: TrainingJob) -> list[str]:
    client = mlflow.MlflowClient(trainer.tracking_uri)
    (study,) = client.search_runs([job.experiment_id], f"tags.mlflow.parentRunId = '{job.run_id}'")
    assert study.info.run_name == "study"
    runs = client.search_runs([job.experiment_id], f"tags.mlflow.parentRunId = '{study.info.run_id}'")
    return sorted(run.info.run_name for run in runs)


def runs(trainer: Trainer) -> set[str]:
    client = mlflow.MlflowClient(trainer.tracking_uri)
    experiments = [experiment.experiment_id for experiment in client.search_experiments()]
    return {run.info.run_id for run in client.search_runs(experiments)}


def run_status(trainer: Trainer, job: TrainingJob) -> str:
    return str(mlflow.MlflowClient(trainer.tracking_uri).get_run(job.run_id).info.status)


def test_a_tuning_that_has_ended_runs_no_trial_again(trainer: Trainer, job: TrainingJob) -> None:
    trainer.tune(job)
    best = trainer.best(job)
    said: list[str] = []
    trainer.tune(job, say=said.append)
    assert trainer.best(job) == best
    assert said == []
    assert trial_states(trainer, job) == [TrialState.COMPLETE] * SMALL_PLAN.trials


def test_a_tuning_cut_off_after_a_trial_goes_on_with_the_next(trainer: Trainer, job: TrainingJob) -> None:
    def cut(line: str) -> None:
        if line.startswith("trial 1"):
            raise CutError

    with pytest.raises(CutError):
        trainer.tune(job, say=cut)
    assert run_status(trainer, job) == "FAILED"
    assert trial_states(trainer, job) == [TrialState.COMPLETE] * 2
    trainer.tune(job)
    assert run_status(trainer, job) == "RUNNING"
    assert trial_states(trainer, job) == [TrialState.COMPLETE] * SMALL_PLAN.trials
    assert trial_names(trainer, job) == ["trial 0", "trial 1", "trial 2"]
    tried = [trial.params for trial in study_of(trainer, job).get_trials(deepcopy=False)]
    assert [params for number, params in enumerate(tried) if params in tried[:number]] == []


def test_candles_that_changed_between_two_steps_end_the_training(
    trainer: Trainer, job: TrainingJob, changing: psycopg.Connection
) -> None:
    certificate = trainer.certify(job)
    changing.execute(REVISED_CANDLE)
    for step in (trainer.certify, trainer.tune, lambda job: trainer.register(job, BoosterParams(), certificate)):
        with pytest.raises(SourceContractError, match=f"BTCUSDT 1h changed while the training of run {job.run_id}"):
            step(job)
        assert run_status(trainer, job) == "FAILED"


@pytest.mark.parametrize("candles", [NEXT_CANDLE, OLDER_CANDLES], ids=["newer", "older"])
def test_candles_that_came_after_the_start_change_nothing(
    trainer: Trainer, job: TrainingJob, changing: psycopg.Connection, candles: str
) -> None:
    changing.execute(candles)
    trainer.certify(job)
    assert trainer.start("BTCUSDT", HOUR, SMALL_PLAN).digest != job.digest


def test_a_symbol_without_candles_is_named(trainer: Trainer) -> None:
    with pytest.raises(NotEnoughDataError, match="ETHUSDT 1h can be learned from: 0 candles given"):
        trainer.start("ETHUSDT", HOUR, SMALL_PLAN)


@pytest.mark.parametrize(
    ("kept", "reason"), [(150, "150 candles given; a bar needs 200 to 999"), (2300, "of 2160 rows needs")]
)
def test_too_few_candles_are_refused_before_a_run_is_opened(
    trainer: Trainer, changing: psycopg.Connection, kept: int, reason: str
) -> None:
    changing.execute(
        "delete from market_data.klines where open_time_utc not in "
        "(select open_time_utc from market_data.klines order by open_time_utc desc limit %s)",
        (kept,),
    )
    before = runs(trainer)
    with pytest.raises(NotEnoughDataError, match=reason):
        trainer.start("BTCUSDT", HOUR, SMALL_PLAN)
    assert runs(trainer) == before


def test_an_outdated_schema_is_refused_with_the_remedy(trainer: Trainer, changing: psycopg.Connection) -> None:
    changing.execute("update ops.alembic_version set version_num = '0000'")
    with pytest.raises(SchemaOutdatedError, match=r"schema is 0000, but .* run `mercado migrate`"):
        trainer.start("BTCUSDT", HOUR, SMALL_PLAN)


def test_a_database_of_optuna_that_is_down_is_named_without_its_password(trainer: Trainer, job: TrainingJob) -> None:
    down = replace(trainer, optuna_url=NOWHERE)
    with pytest.raises(ServiceUnavailableError, match=r"MERCADO_OPTUNA_URL.* port 1 failed") as caught:
        down.tune(job)
    assert "very-secret" not in str(caught.value)
    assert run_status(trainer, job) == "FAILED"


def test_a_start_that_fails_leaves_its_run_failed(trainer: Trainer) -> None:
    before = runs(trainer)
    with pytest.raises(ServiceUnavailableError, match="MERCADO_OPTUNA_URL"):
        replace(trainer, optuna_url=NOWHERE).start("BTCUSDT", HOUR, SMALL_PLAN)
    (opened,) = runs(trainer) - before
    assert mlflow.MlflowClient(trainer.tracking_uri).get_run(opened).info.status == "FAILED"


def test_an_mlflow_server_that_is_down_is_named(trainer: Trainer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    down = Trainer(trainer.connection, "http://127.0.0.1:1", trainer.optuna_url)
    with pytest.raises(ServiceUnavailableError, match=r"MLflow at http://127\.0\.0\.1:1 cannot answer"):
        down.start("BTCUSDT", HOUR, SMALL_PLAN)
