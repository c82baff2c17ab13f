"""A training from stored candles to a judged version in the registry, in steps that may run in separate processes.

``start`` → ``tune`` → ``register`` → ``promote``. What one step tells the next is a `TrainingJob` and small values;
candles are read again from the warehouse, up to the same instant, and must give the same digest.
"""

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd
import psycopg
from pydantic import SecretStr

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.evaluation import Evaluation, fit_final, walk_forward
from mercado.bitcoin.forecaster import FeatureTableForecaster, Forecaster
from mercado.bitcoin.gate import Verdict, judge
from mercado.bitcoin.plan import BoosterParams, TrainingPlan
from mercado.bitcoin.report import comparison_table
from mercado.bitcoin.store import read_candles
from mercado.bitcoin.tuning import best_params, create_study, judged_count, run_trials, tuning_folds
from mercado.bitcoin.validation import split_holdout
from mercado.errors import SourceContractError
from mercado.registry import PROMOTED, REASON_TAG, REJECTED, VERDICT_TAG, ModelVersion, Registry, model_name
from mercado.tracking import SUCCEEDED, TrackedRun
from mercado.warehouse.schema import require_current_schema

EXPERIMENT = "bitcoin-forecaster"
EXAMPLE_ROWS = 5
Say = Callable[[str], None]


@dataclass(frozen=True)
class TrainingJob:
    """What identifies one training; made of JSON types, so a task can hand it to the next.

    Attributes:
        run_id: The MLflow run.
        experiment_id: Its experiment.
        symbol: Such as ``BTCUSDT``.
        interval: Binance's spelling.
        end_ms: Candles that open before this instant are used.
        digest: sha256 of the training set.
        plan: Fields of `TrainingPlan`.
    """

    run_id: str
    experiment_id: str
    symbol: str
    interval: str
    end_ms: int
    digest: str
    plan: dict[str, int]

    @property
    def study_name(self) -> str:
        """Return the name of the training's own study."""
        return f"{EXPERIMENT} {self.symbol} {self.interval} {self.run_id}"

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return the job that ``asdict`` made ``values`` from."""
        return cls(**values)


@dataclass(frozen=True)
class Registered:
    """A registered candidate and the gate's verdict on it.

    Attributes:
        version: Its number.
        promote: Whether the gate lets it be served.
        reason: The rules it does not meet, or that it meets all.
    """

    version: int
    promote: bool
    reason: str


@dataclass(frozen=True)
class Trainer:
    """The steps of a training, and what they need.

    Attributes:
        connection: Open connection to the warehouse, owned by the caller.
        tracking_uri: The MLflow server.
        optuna_url: Optuna's database.
    """

    connection: psycopg.Connection
    tracking_uri: str
    optuna_url: SecretStr

    def start(self, symbol: str, interval: CandleInterval, plan: TrainingPlan) -> TrainingJob:
        """Read the stored candles, open the MLflow run and log what it learns from.

        Raises:
            SchemaOutdatedError: Run `mercado migrate` first.
            NotEnoughDataError: Too few candles for the plan.
        """
        require_current_schema(self.connection)
        rows = self._rows(symbol, interval, end_ms=None)
        _development(rows, plan)
        run = TrackedRun.start(
            self.tracking_uri,
            experiment=EXPERIMENT,
            name=f"{symbol} {interval} to {_day(rows.last_open_time_ms)}",
            note="Features, Optuna study (nested runs), walk-forward over the untouched last block, registry, gate.",
        )
        run.log(params={"symbol": symbol, "interval": interval.value, "dataset_sha256": rows.digest, **asdict(plan)})
        self._log_dataset(run, rows)
        # The last candle only labels the last row, so it belongs to what is read again.
        end_ms = rows.last_open_time_ms + 2 * interval.milliseconds
        return TrainingJob(run.run_id, run.experiment_id, symbol, interval.value, end_ms, rows.digest, asdict(plan))

    def tune(self, job: TrainingJob, *, say: Say = lambda _: None) -> BoosterParams:
        """Run the study's trials that are still to run, each a nested run, and return the best parameters."""
        run, plan = self._run(job), TrainingPlan(**job.plan)
        with run.step():
            development = _development(self._rows_of(job), plan)
            study = create_study(self.optuna_url.get_secret_value(), name=job.study_name, seed=plan.seed)
            run_trials(
                study,
                development,
                tuning_folds(development, folds=plan.tuning_folds),
                n_trials=max(0, plan.trials - judged_count(study)),
                seed=plan.seed,
                threads=plan.threads,
                on_trial=lambda trial: self._log_trial(run, trial, say),
            )
            best = best_params(study)
            run.log(params={f"best.{name}": value for name, value in asdict(best).items()})
        return best

    def register(self, job: TrainingJob, params: BoosterParams, *, say: Say = lambda _: None) -> Registered:
        """Evaluate the parameters, judge them, fit the forecaster on all rows and register it with the verdict.

        A retried step registers nothing twice: equal data, plan and parameters give the same forecaster again.
        """
        run, plan = self._run(job), TrainingPlan(**job.plan)
        with run.step():
            rows = self._rows_of(job)
            evaluation = walk_forward(
                rows, params, plan=plan, on_segment=lambda done, total: say(f"walk-forward: refit {done} of {total}")
            )
            verdict = judge(evaluation)
            self._log_evaluation(run, evaluation, verdict)
            registry = self._registry(job)
            version = registry.version_of(run.run_id)
            if version is None:
                version = self._register(registry, run, fit_final(rows, params, evaluation, plan=plan), rows)
            registered = Registered(version.version, verdict.promote, _reason(verdict))
            tags = {VERDICT_TAG: PROMOTED if verdict.promote else REJECTED, REASON_TAG: registered.reason}
            registry.tag(version.version, tags)
        return registered

    def promote(self, job: TrainingJob, registered: Registered) -> bool:
        """Make the version champion if the gate lets it, close the run, and return whether it is champion now."""
        run = self._run(job)
        with run.step():
            if registered.promote:
                self._registry(job).promote(registered.version)
            run.end(SUCCEEDED)
        return registered.promote

    def _rows(self, symbol: str, interval: CandleInterval, *, end_ms: int | None) -> TrainingSet:
        return build_training_set(read_candles(self.connection, symbol, interval, end_ms=end_ms), symbol=symbol)

    def _rows_of(self, job: TrainingJob) -> TrainingSet:
        rows = self._rows(job.symbol, CandleInterval(job.interval), end_ms=job.end_ms)
        if rows.digest != job.digest:
            raise SourceContractError(
                f"The candles of {job.symbol} {job.interval} changed while the training of run {job.run_id} was under "
                f"way (a revised or filled-in candle): start the training anew."
            )
        return rows

    def _registry(self, job: TrainingJob) -> Registry:
        return Registry(self.tracking_uri, model_name(job.symbol, job.interval))

    def _run(self, job: TrainingJob) -> TrackedRun:
        return TrackedRun(self.tracking_uri, job.run_id, job.experiment_id)

    def _log_dataset(self, run: TrackedRun, rows: TrainingSet) -> None:
        source = {
            "table": "market_data.klines",
            "symbol": rows.symbol,
            "interval": rows.interval.value,
            "first_row_open_time_ms": rows.first_open_time_ms,
            "last_row_open_time_ms": rows.last_open_time_ms,
        }
        profile = {"rows": len(rows), "features": len(rows.feature_names), "gaps": rows.gap_count}
        run.log_dataset(name="market_data.klines", digest=rows.digest, source=source, profile=profile)

    def _log_trial(self, run: TrackedRun, trial: Any, say: Say) -> None:
        nested = run.nested(f"trial {trial.number}")
        loss = trial.value if trial.value is not None else trial.intermediate_values[trial.last_step]
        nested.log(
            params={**trial.params, **trial.user_attrs, "state": trial.state.name}, metrics={"tuning_log_loss": loss}
        )
        nested.end()
        say(f"trial {trial.number}: log-loss {loss:.5f} ({trial.state.name.lower()})")

    def _log_evaluation(self, run: TrackedRun, evaluation: Evaluation, verdict: Verdict) -> None:
        run.log(metrics=evaluation.metrics())
        run.log_text(comparison_table(evaluation.metrics()), "evaluation/walk_forward.txt")
        reasons = [asdict(reason) for reason in verdict.reasons]
        run.log_text(json.dumps({"promote": verdict.promote, "reasons": reasons}, indent=2), "evaluation/verdict.json")

    def _register(self, registry: Registry, run: TrackedRun, forecaster: Forecaster, rows: TrainingSet) -> ModelVersion:
        example = pd.DataFrame(rows.features[-EXAMPLE_ROWS:], columns=list(rows.feature_names), dtype=np.float32)
        metadata = {
            "symbol": rows.symbol,
            "interval": rows.interval.value,
            "horizon_bars": forecaster.horizon_bars,
            "dataset_sha256": rows.digest,
        }
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "forecaster"
            forecaster.save(target)
            return registry.register(
                target,
                run_id=run.run_id,
                input_example=example,
                output_example=FeatureTableForecaster(forecaster).predict(example),
                metadata=metadata,
            )


def _development(rows: TrainingSet, plan: TrainingPlan) -> TrainingSet:
    """Return the rows before the untouched block."""
    held_out = split_holdout(rows.open_time_ms, interval_ms=rows.interval.milliseconds, holdout_bars=plan.holdout_bars)
    return rows[held_out.train]


def _reason(verdict: Verdict) -> str:
    if verdict.promote:
        return "It meets every rule of the gate on candles that nothing was tuned on."
    return " ".join(reason.sentence for reason in verdict.refusals)


def _day(time_ms: int) -> str:
    return str(np.datetime64(time_ms, "ms").astype("datetime64[D]"))
