"""A training from stored candles to a judged version in the registry, in steps that may run in separate processes.

``start`` → ``certify`` → ``tune`` by any number of workers → ``best`` → ``register`` → ``promote``. What one step
tells the next is a `TrainingJob` and small values; candles are read again from the warehouse, up to the same instant,
and must give the same digest.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime

import optuna
import psycopg
from pydantic import SecretStr

from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.certificate import LeakCertificate, certify
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.gate import GateRules
from mercado.bitcoin.mlflow_texts import (
    ORIGIN_TAG,
    STEP_TAG,
    TRAININGS_ABOUT,
    job_tags,
    series_tags,
    training_name,
    training_note,
)
from mercado.bitcoin.nested_runs import TUNING_LOSS, log_study, log_trial, study_run
from mercado.bitcoin.plan import BoosterParams, TrainingPlan
from mercado.bitcoin.rebuilding import dataset_profile, dataset_source
from mercado.bitcoin.registration import register
from mercado.bitcoin.store import read_candles
from mercado.bitcoin.studies import StudyFacts, begin_study, facts_of, trial_loss
from mercado.bitcoin.training_job import EXPERIMENT, Registered, TrainingJob
from mercado.bitcoin.tuning import (
    HEARTBEAT,
    Heartbeat,
    best_params,
    ended_study,
    judged_count,
    open_study,
    run_trials,
    tuning_folds,
)
from mercado.bitcoin.walk import walk_of
from mercado.errors import ConfigurationError, SourceContractError
from mercado.registry import Registry, model_name
from mercado.tracking import SUCCEEDED, TrackedRun
from mercado.warehouse.connection import sql
from mercado.warehouse.schema import require_current_schema

PACKAGE = "mercado.bitcoin"
CERTIFICATE_FILE = "evaluation/leak_certificate.json"
# Far apart, so that the seeds of workers that begin again never meet.
WORKER_SEEDS = 100_000
Say = Callable[[str], None]


@dataclass(frozen=True)
class Trainer:
    """The steps of a training, and what they need.

    Attributes:
        connection: Open connection to the warehouse, owned by the caller.
        tracking_uri: The MLflow server.
        optuna_url: Optuna's database.
        rules: Of the gate.
        heartbeat: Of the trials.
    """

    connection: psycopg.Connection
    tracking_uri: str
    optuna_url: SecretStr
    rules: GateRules = field(default_factory=GateRules)
    heartbeat: Heartbeat = HEARTBEAT

    def start(
        self,
        symbol: str,
        interval: CandleInterval,
        plan: TrainingPlan,
        *,
        study: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> TrainingJob:
        """Read the stored candles, open the MLflow run, log what it learns from, and make its study.

        When something fails after the run was opened, the run ends as FAILED.

        Args:
            symbol: Such as ``BTCUSDT``.
            interval: Of the candles.
            plan: Sizes and seed.
            study: Name of an earlier training's study to go on with, on that training's candles; default: a new one.
            tags: Of the MLflow run, besides those that every training's has: who started it.

        Raises:
            SchemaOutdatedError: Run `mercado migrate` first.
            NotEnoughDataError: Too few candles for the plan.
            ConfigurationError: There is no such study, or it is of other candles or another plan.
            ServiceUnavailableError: MLflow or Optuna's database does not answer.
        """
        require_current_schema(self.connection)
        facts = facts_of(self.optuna_url, study) if study else None
        start_ms, end_ms = (facts.start_ms, facts.end_ms) if facts else (None, None)
        rows = self._rows(symbol, interval, plan, start_ms=start_ms, end_ms=end_ms)[1]
        wanted = _study_facts(rows, plan)
        if facts and facts != wanted:
            raise ConfigurationError(
                f"Study {study!r} cannot be continued: it is of {facts}, and this training of {wanted}. Choose the "
                f"same series, horizon and block, or begin a new study; a revised candle makes that necessary, too."
            )
        development = _development(rows, plan)
        stated = self._tags(symbol, interval, plan) | dict(tags or {})
        run = TrackedRun.start(
            self.tracking_uri,
            experiment=EXPERIMENT,
            name=training_name(symbol, interval.value, plan, datetime.now(UTC)),
            note=training_note(stated),
            about=TRAININGS_ABOUT,
            tags=stated,
        )
        with run.step():
            name = study or f"{EXPERIMENT} {symbol} {interval} {run.run_id}"
            made = begin_study(self.optuna_url, name, wanted, seed=plan.seed)
            params = {"symbol": symbol, "interval": interval.value, "dataset_sha256": rows.digest, "study": name}
            run.log(params=params | asdict(plan))
            _log_dataset(run, rows, development)
            job = TrainingJob(
                run.run_id,
                run.experiment_id,
                symbol,
                interval.value,
                wanted.start_ms,
                wanted.end_ms,
                rows.digest,
                asdict(plan),
                study=name,
                trials_wanted=judged_count(made) + plan.trials,
            )
            study_run(run, job_tags(job)).log(params={"study": name})
        return job

    def certify(self, job: TrainingJob) -> LeakCertificate:
        """Try the features on the training's candles, and store the certificate; without one nothing is promoted."""
        run = self.run(job)
        with run.step():
            candles, _ = self._rows_of(job)
            found = certify(candles, seed=job.training_plan.seed)
            certificate = replace(found, dataset_sha256=job.digest)
            run.log_text(json.dumps(certificate.as_json(), indent=2), CERTIFICATE_FILE)
            run.log(metrics={"leak_certificate": float(certificate.passed)})
        return certificate

    def tune(self, job: TrainingJob, *, worker: int = 0, say: Say = lambda _: None) -> None:
        """Run trials of the study until it has enough, each a nested run; as one of the plan's workers.

        Raises:
            ModelNotReadyError: Trials fail one after the other.
        """
        run, plan = self.run(job), job.training_plan
        of_study = study_run(run, job_tags(job))
        with run.step(), of_study.step():
            development = _development(self._rows_of(job)[1], plan)
            study = open_study(
                self.optuna_url.get_secret_value(),
                name=job.study,
                seed=plan.seed + worker * WORKER_SEEDS,
                heartbeat=self.heartbeat,
            )
            run_trials(
                study,
                development,
                tuning_folds(development, folds=plan.tuning_folds),
                until=job.trials_wanted,
                seed=plan.seed,
                threads=max(1, plan.threads // plan.workers),
                on_trial=lambda trial: _tell_trial(of_study, trial, job_tags(job), say),
            )

    def best(self, job: TrainingJob) -> BoosterParams:
        """Return the best parameters of the study, and log them.

        Raises:
            ModelNotReadyError: No trial has completed.
        """
        run = self.run(job)
        of_study = study_run(run, job_tags(job))
        with run.step(), of_study.step():
            study = self._study(job)
            best = best_params(study)
            log_study(of_study, study.get_trials(deepcopy=False))
            run.log(
                params={f"best.{name}": value for name, value in asdict(best).items()},
                metrics={TUNING_LOSS: study.best_value},
            )
        return best

    def register(
        self,
        job: TrainingJob,
        params: BoosterParams,
        certificate: LeakCertificate,
        *,
        say: Say = lambda _: None,
    ) -> Registered:
        """Evaluate the parameters, judge them, fit the forecaster on all rows and register it with verdict and report.

        The run ends with it. A retried step registers nothing twice: equal data, plan and parameters give the same
        forecaster again.
        """
        run = self.run(job)
        with run.step():
            candles, rows = self._rows_of(job)
            registered = register(
                self._registry(job),
                run,
                job.training_plan,
                candles,
                rows,
                params,
                certificate,
                trials=self._study(job).get_trials(deepcopy=False),
                rules=self.rules,
                say=say,
            )
            run.end(SUCCEEDED)
        return registered

    def promote(self, job: TrainingJob, registered: Registered) -> str | None:
        """Make the version champion if the gate lets it; return why it is not, or ``None`` when it is champion now."""
        if not registered.promote:
            return registered.reason
        registry = self._registry(job)
        champion = registry.champion()
        number = champion.version if champion else None
        if number not in (registered.judged_against, registered.version):
            return (
                f"It was judged against {_named(registered.judged_against)}, and now the champion is {_named(number)}: "
                f"train again, or run `mercado model promote {registered.version}`."
            )
        registry.promote(registered.version)
        return None

    def _tags(self, symbol: str, interval: CandleInterval, plan: TrainingPlan) -> dict[str, str]:
        origin = self.connection.execute(sql(PACKAGE, "candle_origin"), {"scope": f"{symbol} {interval}"}).fetchone()
        known = {ORIGIN_TAG: str(origin[0])} if origin else {}
        return series_tags(symbol, interval.value, plan.horizon_bars) | {STEP_TAG: "training"} | known

    def _rows(
        self,
        symbol: str,
        interval: CandleInterval,
        plan: TrainingPlan,
        *,
        start_ms: int | None,
        end_ms: int | None,
    ) -> tuple[CandleSeries, TrainingSet]:
        candles = read_candles(self.connection, symbol, interval, start_ms=start_ms, end_ms=end_ms)
        return candles, build_training_set(candles, symbol=symbol, horizon_bars=plan.horizon_bars)

    def _rows_of(self, job: TrainingJob) -> tuple[CandleSeries, TrainingSet]:
        interval, plan = CandleInterval(job.interval), job.training_plan
        candles, rows = self._rows(job.symbol, interval, plan, start_ms=job.start_ms, end_ms=job.end_ms)
        if rows.digest != job.digest:
            raise SourceContractError(
                f"The candles of {job.symbol} {job.interval} changed while the training of run {job.run_id} was under "
                f"way (a revised or filled-in candle, or new code that computes other features): start the training "
                f"anew."
            )
        return candles, rows

    def _study(self, job: TrainingJob) -> optuna.Study:
        return ended_study(self.optuna_url.get_secret_value(), name=job.study, heartbeat=self.heartbeat)

    def _registry(self, job: TrainingJob) -> Registry:
        return Registry(self.tracking_uri, model_name(job.symbol, job.interval, job.training_plan.horizon_bars))

    def run(self, job: TrainingJob) -> TrackedRun:
        """Return a job's MLflow run."""
        return TrackedRun(self.tracking_uri, job.run_id, job.experiment_id)


def train(
    trainer: Trainer, symbol: str, interval: CandleInterval, plan: TrainingPlan, *, study: str | None, say: Say
) -> tuple[TrainingJob, Registered, str | None]:
    """Take every step in this process, with one worker; the last of what it returns is that of `Trainer.promote`."""
    job = trainer.start(symbol, interval, replace(plan, workers=1), study=study)
    say(f"Run {job.run_id}: {job.plan}")
    certificate = trainer.certify(job)
    say(certificate.sentence)
    trainer.tune(job, say=say)
    registered = trainer.register(job, trainer.best(job), certificate, say=say)
    return job, registered, trainer.promote(job, registered)


def _development(rows: TrainingSet, plan: TrainingPlan) -> TrainingSet:
    """Return the rows before the untouched block, purged."""
    return rows[walk_of(rows, plan).before]


def _study_facts(rows: TrainingSet, plan: TrainingPlan) -> StudyFacts:
    return StudyFacts(
        symbol=rows.symbol,
        interval=rows.interval.value,
        start_ms=rows.candles.first_open_time_ms,
        end_ms=rows.candles_before_ms,
        digest=rows.digest,
        holdout_bars=plan.holdout_bars,
        tuning_folds=plan.tuning_folds,
    )


def _log_dataset(run: TrackedRun, rows: TrainingSet, development: TrainingSet) -> None:
    profile = dataset_profile(rows) | {"rows_tuned_on": len(development)}
    run.log_dataset(name="market_data.klines", digest=rows.digest, source=dataset_source(rows), profile=profile)


def _tell_trial(study: TrackedRun, trial: optuna.trial.FrozenTrial, tags: Mapping[str, str], say: Say) -> None:
    log_trial(study, trial, tags)
    loss = trial_loss(trial)
    say(f"trial {trial.number}: log-loss {loss if loss is None else round(loss, 5)} ({trial.state.name.lower()})")


def _named(version: int | None) -> str:
    return "no champion" if version is None else f"version {version}"
