"""A training on candles with a planted signal: from the warehouse through MLflow to an answer over HTTP."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

import mlflow
import numpy as np
import pandas as pd
import pytest
from mlflow.entities import Run
from pydantic import SecretStr

from mercado import __version__
from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.certificate import LeakCertificate
from mercado.bitcoin.features import FEATURE_NAMES
from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.store import read_candles
from mercado.bitcoin.training import Trainer
from mercado.bitcoin.training_job import EXPERIMENT, Registered, TrainingJob
from mercado.errors import ConfigurationError
from mercado.registry import CHAMPION, FORECASTER_MODEL, ModelVersion, Registry
from mercado.tracking import DIGEST_CHARACTERS, TrackedRun
from mercado.warehouse.connection import connect
from tests.conftest import DatabaseServer
from tests.integration.trainings import (
    HOUR,
    SMALL_PLAN,
    empty_registry,
    latest_unbroken,
    running_api,
    wait_until,
)
from tests.mlflow_server import MlflowServer
from tests.simulated_rules import SIMULATED_RULES

CHAMPION_URI = f"models:/{FORECASTER_MODEL}@{CHAMPION}"
COLUMNS = ("open_time_ms", "open", "high", "low", "close", "volume")


@dataclass(frozen=True)
class Training:
    """A training that went through all of its steps.

    Attributes:
        trainer: With an open connection to the warehouse.
        job: What identifies it.
        params: The best ones of its study.
        certificate: Of its features.
        registered: Its version and the verdict.
        refusal: What the last step said: why it is not champion.
    """

    trainer: Trainer
    job: TrainingJob
    params: BoosterParams
    certificate: LeakCertificate
    registered: Registered
    refusal: str | None

    @property
    def client(self) -> mlflow.MlflowClient:
        return mlflow.MlflowClient(self.trainer.tracking_uri)

    @property
    def registry(self) -> Registry:
        return Registry(self.trainer.tracking_uri)

    @property
    def run(self) -> Run:
        return self.client.get_run(self.job.run_id)

    def nested_runs(self, below: str | None = None) -> dict[str, Run]:
        """Return the runs below the training's, or below another one, by their names."""
        parent = f"tags.mlflow.parentRunId = '{below or self.job.run_id}'"
        found = list(self.client.search_runs([self.job.experiment_id], parent))
        assert len({run.info.run_name for run in found}) == len(found)
        return {run.info.run_name: run for run in found}

    def curve(self, run: Run, metric: str) -> dict[int, float]:
        """Return a metric's values by step."""
        return {each.step: each.value for each in self.client.get_metric_history(run.info.run_id, metric)}


@pytest.fixture(scope="module")
def training(reversal_warehouse: SecretStr, mlflow_server: MlflowServer, optuna_url: SecretStr) -> Iterator[Training]:
    empty_registry(mlflow_server.uri)
    with connect(reversal_warehouse, application="tests") as connection:
        trainer = Trainer(connection, mlflow_server.uri, optuna_url, SIMULATED_RULES)
        tags = {"dag_run_url": "http://localhost/dags/a"}
        job = trainer.start("BTCUSDT", HOUR, SMALL_PLAN, tags=tags)
        certificate = trainer.certify(job)
        trainer.tune(job)
        params = trainer.best(job)
        registered = trainer.register(job, params, certificate)
        yield Training(trainer, job, params, certificate, registered, trainer.promote(job, registered))


@pytest.fixture(scope="module")
def champion(training: Training) -> ModelVersion:
    found = training.registry.champion()
    assert found is not None
    return found


def test_a_planted_signal_ends_as_champion(training: Training, champion: ModelVersion) -> None:
    assert training.refusal is None
    assert (champion.version, champion.run_id) == (training.registered.version, training.job.run_id)
    assert champion.tags["verdict"] == "promoted"
    assert champion.tags["verdict_reason"].startswith("It meets every rule of the gate")


def test_the_run_ends_with_the_plan_the_best_parameters_and_every_score(training: Training) -> None:
    run = training.run
    assert run.info.status == "FINISHED"
    assert {"symbol": "BTCUSDT", "interval": "1h", "trials": "3", "refits": "2"}.items() <= run.data.params.items()
    assert run.data.params["dataset_sha256"] == training.job.digest
    assert run.data.params["best.max_depth"] == str(training.params.max_depth)
    assert 0.52 < run.data.metrics["hit_rate"] < 0.60
    assert {"log_loss", "coverage", "climatology.dm_p_value", "reversal.log_loss"} <= run.data.metrics.keys()


def test_the_run_names_the_rows_that_it_learned_from(training: Training) -> None:
    (entry,) = training.run.inputs.dataset_inputs
    assert training.job.digest.startswith(entry.dataset.digest)
    assert len(entry.dataset.digest) == DIGEST_CHARACTERS
    source = json.loads(entry.dataset.source)
    assert (source["table"], source["symbol"]) == ("market_data.klines", "BTCUSDT")
    assert source["candles_before_ms"] == training.job.end_ms


def test_the_verdict_and_the_comparison_with_the_baselines_are_artifacts(training: Training) -> None:
    verdict = json.loads(mlflow.artifacts.load_text(f"{training.run.info.artifact_uri}/evaluation/verdict.json"))
    assert verdict["promote"] is True
    assert all(reason["passed"] for reason in verdict["reasons"])
    table = mlflow.artifacts.load_text(f"{training.run.info.artifact_uri}/evaluation/walk_forward.txt")
    assert "model" in table
    assert "climatology" in table


def test_the_runs_below_a_training_are_finished_and_say_what_they_are(training: Training) -> None:
    runs = training.nested_runs()
    trials = training.nested_runs(runs["study"].info.run_id)
    assert sorted(runs) == ["final fit", "study", "walk-forward"]
    assert sorted(trials) == ["trial 0", "trial 1", "trial 2"]
    series = {"symbol": "BTCUSDT", "interval": "1h", "horizon_bars": "1", "mercado_version": __version__}
    for run in (*runs.values(), *trials.values(), training.run):
        assert run.info.status == "FINISHED"
        assert series.items() <= run.data.tags.items()
    assert {run.data.tags["step"] for run in trials.values()} == {"trial"}
    assert training.run.data.tags["step"] == "training"


def test_trials_and_trainings_share_a_metric_and_trials_their_parameters(training: Training) -> None:
    study = training.nested_runs()["study"]
    trials = list(training.nested_runs(study.info.run_id).values())
    best = min(trial.data.metrics["tuning_log_loss"] for trial in trials if trial.data.params["state"] == "COMPLETE")
    assert study.data.metrics["tuning_log_loss"] == training.run.data.metrics["tuning_log_loss"] == best
    names = {"max_depth", "eta", "min_child_weight", "subsample", "colsample_bytree", "reg_lambda"}
    assert all(names <= trial.data.params.keys() for trial in trials)
    folds = training.curve(trials[0], "tuning_log_loss")
    assert list(folds) == list(range(SMALL_PLAN.tuning_folds))
    assert folds[SMALL_PLAN.tuning_folds - 1] == trials[0].data.metrics["tuning_log_loss"]


def test_the_study_draws_its_best_so_far_and_the_walk_its_refits(training: Training) -> None:
    runs = training.nested_runs()
    best = training.curve(runs["study"], "best.tuning_log_loss")
    assert list(best) == [0, 1, 2]
    assert list(best.values()) == sorted(best.values(), reverse=True)
    losses, rows = (training.curve(runs["walk-forward"], f"refit.{name}") for name in ("log_loss", "rows"))
    assert list(losses) == list(range(1, SMALL_PLAN.refits + 1))
    pooled = sum(losses[refit] * rows[refit] for refit in losses) / sum(rows.values())
    assert pooled == pytest.approx(training.run.data.metrics["log_loss"])
    gains = [share for name, share in runs["final fit"].data.metrics.items() if name.startswith("gain.")]
    assert sum(gains) == pytest.approx(1)


def test_experiment_run_model_and_version_explain_themselves(training: Training, champion: ModelVersion) -> None:
    experiment = training.client.get_experiment(training.job.experiment_id)
    assert "Begin with a run's artifact `report/report.html`" in experiment.tags["mlflow.note.content"]
    assert re.fullmatch(r"train BTCUSDT 1h \d{4}-\d\d-\d\d \d\d:\d\d · 3 trials", training.run.info.run_name)
    assert training.run.data.tags["verdict"] == "promoted"
    assert training.run.data.tags["data_origin"] == "simulator: binance; profile=reversal; seed=7"
    assert "[The DAG's run in Airflow](http://localhost/dags/a)" in training.run.data.tags["mlflow.note.content"]
    model = training.client.get_registered_model(FORECASTER_MODEL)
    assert "mercado model rollback" in model.description
    version = training.client.get_model_version(FORECASTER_MODEL, str(champion.version))
    assert "| hit rate |" in version.description
    assert f"(#/experiments/{training.job.experiment_id}/runs/{training.job.run_id})" in version.description
    assert version.tags["data_origin"] == training.run.data.tags["data_origin"]


def test_a_description_that_a_person_wrote_stays(training: Training, champion: ModelVersion) -> None:
    number = str(champion.version)
    training.client.update_registered_model(FORECASTER_MODEL, "ours")
    training.client.update_model_version(FORECASTER_MODEL, number, "mine")
    training.client.set_experiment_tag(training.job.experiment_id, "mlflow.note.content", "theirs")
    training.trainer.register(training.job, training.params, training.certificate)
    TrackedRun.start(training.trainer.tracking_uri, experiment=EXPERIMENT, name="x", note="", about="other").end()
    assert training.client.get_registered_model(FORECASTER_MODEL).description == "ours"
    assert training.client.get_model_version(FORECASTER_MODEL, number).description == "mine"
    assert training.client.get_experiment(training.job.experiment_id).tags["mlflow.note.content"] == "theirs"


def test_the_registered_model_has_a_signature_and_answers_its_own_example(
    training: Training, champion: ModelVersion
) -> None:
    mlflow.set_tracking_uri(training.trainer.tracking_uri)
    model = mlflow.pyfunc.load_model(CHAMPION_URI)
    assert model.metadata.signature.inputs.input_names() == list(FEATURE_NAMES)
    assert model.metadata.metadata["dataset_sha256"] == training.job.digest
    example = model.input_example
    assert isinstance(example, pd.DataFrame)
    answer = model.predict(example.astype(np.float32))
    assert answer["probability_up"].between(0, 1).all()
    assert model.metadata.signature.outputs.input_names() == list(answer.columns)


@pytest.fixture(scope="module")
def stored(training: Training) -> CandleSeries:
    return read_candles(training.trainer.connection, "BTCUSDT", HOUR)


def test_the_api_serves_the_champion(
    training: Training, champion: ModelVersion, stored: CandleSeries, database_server: DatabaseServer
) -> None:
    reader = database_server.url("api_reader", "reversal_db")
    series = latest_unbroken(stored, 1000)
    body = {
        "symbol": "BTCUSDT",
        "interval": "1h",
        "candles": {name: getattr(series, name).tolist() for name in COLUMNS},
    }
    with running_api(training.trainer.tracking_uri, warehouse=reader) as client:
        wait_until(lambda: client.get("/health/ready").status_code == 200)
        latest, given, model = client.get("/predict"), client.post("/predict", json=body), client.get("/model")
    assert (latest.status_code, given.status_code, model.status_code) == (200, 200, 200)
    served = {"name": FORECASTER_MODEL, "version": champion.version, "run_id": training.job.run_id, "alias": CHAMPION}
    assert latest.json()["model"] == given.json()["model"] == served
    assert latest.json()["data_origin"] == "simulator: binance; profile=reversal; seed=7"
    assert not latest.json()["stale"]
    assert model.json()["training"]["dataset_sha256"] == training.job.digest


def test_a_retried_registration_registers_nothing_twice(training: Training) -> None:
    again = training.trainer.register(training.job, training.params, training.certificate)
    assert again == training.registered
    assert [version.version for version in training.registry.versions()] == [training.registered.version]
    assert training.run.info.status == "FINISHED"
    assert training.trainer.promote(training.job, again) is None


def test_a_verdict_against_another_champion_promotes_nothing(training: Training) -> None:
    registered = replace(training.registered, version=training.registered.version + 1, judged_against=None)
    refusal = training.trainer.promote(training.job, registered)
    assert refusal is not None
    assert f"judged against no champion, and now the champion is version {training.registered.version}" in refusal


def test_a_certificate_of_other_rows_registers_nothing(training: Training) -> None:
    other = replace(training.certificate, dataset_sha256="0" * 64)
    with pytest.raises(ConfigurationError, match="certify the candles that are trained on"):
        training.trainer.register(training.job, training.params, other)
    training.trainer.register(training.job, training.params, training.certificate)  # ends the run well again
