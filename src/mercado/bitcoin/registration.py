"""The end of a training: evaluate, compare with the champion, judge, fit, register, and report to a person."""

import json
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np
import optuna
import pandas as pd

from mercado.bitcoin.boosters import gain_shares
from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.certificate import LeakCertificate
from mercado.bitcoin.comparison import Champion, Comparison, compare
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.evaluation import Evaluation, fit_final, walk_forward
from mercado.bitcoin.forecaster import FeatureTableForecaster, Forecaster
from mercado.bitcoin.gate import GateRules, Verdict, judge
from mercado.bitcoin.golden import check_golden, write_golden
from mercado.bitcoin.grid import to_grid
from mercado.bitcoin.mlflow_texts import (
    DAG_RUN_TAG,
    DAG_RUN_URL_TAG,
    ORIGIN_TAG,
    VERSION_TAG,
    about_model,
    about_version,
    airflow_link,
    series_tags,
)
from mercado.bitcoin.monitoring.reference import build_reference
from mercado.bitcoin.nested_runs import log_final_fit, log_walk
from mercado.bitcoin.plan import BoosterParams, TrainingPlan
from mercado.bitcoin.report.charts import TrialResult
from mercado.bitcoin.report.page import ReportContent, charts, png, report_html
from mercado.bitcoin.report.text import comparison_table
from mercado.bitcoin.studies import trial_loss
from mercado.bitcoin.training_job import Registered
from mercado.errors import ConfigurationError
from mercado.registry import PROMOTED, REASON_TAG, REJECTED, VERDICT_TAG, ModelVersion, Registry, champion_since
from mercado.tracking import TrackedRun

EXAMPLE_ROWS: Final = 5
REPORT_FOLDER: Final = "report"
REPORT_FILE: Final = f"{REPORT_FOLDER}/report.html"
CERTIFICATE_NAME: Final = "leak_certificate.json"
VERDICT_NAME: Final = "verdict.json"


@dataclass(frozen=True)
class Candidate:
    """A model about to be registered, and all that is known of it.

    Attributes:
        params: Of its direction booster.
        certificate: Of its features.
        evaluation: Of the parameters, on the untouched block.
        comparison: With the champion; the champion itself, if it cannot be walked; ``None`` without one.
        verdict: The gate's.
        forecaster: Fitted on all rows.
    """

    params: BoosterParams
    certificate: LeakCertificate
    evaluation: Evaluation
    comparison: Comparison | Champion | None
    verdict: Verdict
    forecaster: Forecaster

    @property
    def walked_comparison(self) -> Comparison | None:
        """Return the comparison with the champion, if it could be walked."""
        return self.comparison if isinstance(self.comparison, Comparison) else None

    @property
    def reason(self) -> str:
        """Return why it is promoted or not, for a person."""
        if self.verdict.promote:
            return "It meets every rule of the gate on candles that nothing was tuned on."
        return " ".join(reason.sentence for reason in self.verdict.refusals)


def register(
    registry: Registry,
    run: TrackedRun,
    plan: TrainingPlan,
    candles: CandleSeries,
    rows: TrainingSet,
    params: BoosterParams,
    certificate: LeakCertificate,
    *,
    trials: Sequence[optuna.trial.FrozenTrial],
    rules: GateRules,
    say: Callable[[str], None],
) -> Registered:
    """Evaluate parameters, judge them, fit the forecaster on all rows, and register it with verdict and report.

    Args:
        registry: Of the series' versions.
        run: The training's.
        plan: The training's.
        candles: That it uses.
        rows: Made from them.
        params: The best ones of the study.
        certificate: Of the features.
        trials: Of the study.
        rules: Of the gate.
        say: Told of progress.

    Raises:
        ConfigurationError: The certificate is of other rows.
    """
    if certificate.dataset_sha256 != rows.digest:
        raise ConfigurationError(
            f"The leak certificate is of training set {certificate.dataset_sha256 or 'unknown'}, this training of "
            f"{rows.digest}: certify the candles that are trained on."
        )
    champion = _champion(registry, run)
    candidate = _judged(plan, rows, params, certificate, champion, rules, say)
    _log_figures(run, plan, rows, candidate)
    version = registry.version_of(run.run_id) or _register(registry, run, candles, rows, candidate)
    if VERDICT_TAG not in version.tags:  # a retried step keeps the verdict that is stored with the model
        verdict = PROMOTED if candidate.verdict.promote else REJECTED
        registry.tag(version.version, {VERDICT_TAG: verdict, REASON_TAG: candidate.reason})
    _describe(registry, run, version.version, rows, candidate)
    served = registry.champion()
    if served is None or served.version != version.version:
        registry.challenge(version.version)
    say("drawing the report")
    title = f"{registry.name} version {version.version}"
    _log_report(run, _content(title, plan, rows, candidate, trials))
    report = f"[The report]({run.link(REPORT_FILE).removeprefix('/')}) of {title}. {candidate.reason}"
    run.describe(f"{report}{airflow_link(run.tags())}")
    return Registered(
        version=version.version,
        promote=candidate.verdict.promote,
        reason=candidate.reason,
        report=REPORT_FILE,
        judged_against=champion.version if champion else None,
    )


def _judged(
    plan: TrainingPlan,
    rows: TrainingSet,
    params: BoosterParams,
    certificate: LeakCertificate,
    champion: Champion | None,
    rules: GateRules,
    say: Callable[[str], None],
) -> Candidate:
    evaluation = walk_forward(
        rows, params, plan=plan, on_segment=lambda done, total: say(f"walk-forward: refit {done} of {total}")
    )
    if champion:
        say(f"walking champion {champion.version} through the same rows")
    comparison = compare(champion, evaluation.walked, rows, plan=plan) or champion if champion else None
    verdict = judge(evaluation, certificate, comparison, rules)
    forecaster = fit_final(rows, params, evaluation, plan=plan)
    return Candidate(params, certificate, evaluation, comparison, verdict, forecaster)


def _champion(registry: Registry, run: TrackedRun) -> Champion | None:
    """Return what is served now, but for what this very run registered before it was retried."""
    version = registry.champion()
    if version is None or version.run_id == run.run_id:
        return None
    metadata = registry.metadata(version)
    return Champion(
        version=version.version,
        params=BoosterParams(**metadata.get("booster_params", {})),
        # A version from before this was kept cannot be walked: it is judged like one with other features.
        feature_names=tuple(metadata.get("feature_names", ())),
        tuned_before_ms=int(metadata.get("tuned_before_ms", 0)),
        age_days=(datetime.now(UTC) - champion_since(version)) / timedelta(days=1),
    )


def _register(
    registry: Registry, run: TrackedRun, candles: CandleSeries, rows: TrainingSet, candidate: Candidate
) -> ModelVersion:
    example = pd.DataFrame(rows.features[-EXAMPLE_ROWS:], columns=list(rows.feature_names), dtype=np.float32)
    metadata = {
        "symbol": rows.symbol,
        "interval": rows.interval.value,
        "horizon_bars": rows.horizon_bars,
        "dataset_sha256": rows.digest,
        "candles_before_ms": rows.candles_before_ms,
        "booster_params": asdict(candidate.params),
        "feature_names": list(rows.feature_names),
        "tuned_before_ms": int(candidate.evaluation.walked.scored.open_time_ms[0]),
    }
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "forecaster"
        candidate.forecaster.save(target)
        write_golden(target, candidate.forecaster, candles)
        share_up = float(rows.up.mean())
        build_reference(rows.features, rows.feature_names, to_grid(candles), share_up=share_up).write(target)
        certificate = json.dumps(candidate.certificate.as_json(), indent=2)
        (target / CERTIFICATE_NAME).write_text(certificate, encoding="utf-8")
        (target / VERDICT_NAME).write_text(_verdict_text(candidate.verdict), encoding="utf-8")
        saved = Forecaster.load(target)
        check_golden(target, saved)
        return registry.register(
            target,
            run_id=run.run_id,
            input_example=example,
            output_example=FeatureTableForecaster(saved).predict(example),
            metadata=metadata,
            certified=candidate.certificate.passed,
        )


def _describe(registry: Registry, run: TrackedRun, version: int, rows: TrainingSet, candidate: Candidate) -> None:
    """Let MLflow's UI say what the version and its run are, by the same tags, and the model's page what it is for."""
    verdict, tags = PROMOTED if candidate.verdict.promote else REJECTED, run.tags()
    series = (rows.symbol, rows.interval.value, rows.horizon_bars)
    own = series_tags(*series) | {
        name: tags[name] for name in (ORIGIN_TAG, DAG_RUN_TAG, DAG_RUN_URL_TAG) if name in tags
    }
    registry.tag(version, own)
    run.tag({VERDICT_TAG: verdict, VERSION_TAG: str(version)})
    registry.describe(
        version,
        about_model=about_model(*series),
        about_version=about_version(
            candidate.evaluation.metrics(),
            verdict=verdict,
            reason=candidate.reason,
            facts=_facts(rows) | ({"data from": tags[ORIGIN_TAG]} if ORIGIN_TAG in tags else {}),
            run=f"#/experiments/{run.experiment_id}/runs/{run.run_id}",
        ),
    )


def _log_figures(run: TrackedRun, plan: TrainingPlan, rows: TrainingSet, candidate: Candidate) -> None:
    tags = series_tags(rows.symbol, rows.interval.value, rows.horizon_bars)
    log_walk(run, candidate.evaluation, rows, plan, tags)
    log_final_fit(run, candidate.params, gain_shares(candidate.forecaster.direction, rows.feature_names), rows, tags)
    metrics, comparison = candidate.evaluation.metrics(), candidate.walked_comparison
    run.log(metrics=metrics | (comparison.metrics() if comparison else {}))
    run.log_text(comparison_table(metrics), "evaluation/walk_forward.txt")
    run.log_text(_verdict_text(candidate.verdict), f"evaluation/{VERDICT_NAME}")


def _content(
    title: str,
    plan: TrainingPlan,
    rows: TrainingSet,
    candidate: Candidate,
    trials: Sequence[optuna.trial.FrozenTrial],
) -> ReportContent:
    return ReportContent(
        title=title,
        training_set_facts=_facts(rows),
        plan=plan,
        params=candidate.params,
        evaluation=candidate.evaluation,
        verdict=candidate.verdict,
        certificate=candidate.certificate,
        comparison=candidate.walked_comparison,
        importance=gain_shares(candidate.forecaster.direction, rows.feature_names),
        trials=[_result(trial) for trial in trials],
    )


def _log_report(run: TrackedRun, content: ReportContent) -> None:
    figures = charts(content)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for chart, figure in figures.items():
            (folder / f"{chart}.png").write_bytes(png(figure))
        (folder / Path(REPORT_FILE).name).write_text(report_html(content, figures), encoding="utf-8")
        run.log_folder(folder, REPORT_FOLDER)


def _facts(rows: TrainingSet) -> dict[str, str]:
    first, last = (str(np.datetime64(ms, "ms")) for ms in (rows.first_open_time_ms, rows.last_open_time_ms))
    return {
        "series": f"{rows.symbol} {rows.interval.value}",
        "horizon": f"{rows.horizon_bars} bars",
        "rows": f"{len(rows):,}",
        "range": f"{first} to {last} UTC",
        "gaps": str(rows.gap_count),
        "sha256": rows.digest,
    }


def _result(trial: optuna.trial.FrozenTrial) -> TrialResult:
    seconds = trial.duration.total_seconds() if trial.duration else None
    return TrialResult(trial.number, trial.state.name, trial_loss(trial), seconds, dict(trial.params))


def _verdict_text(verdict: Verdict) -> str:
    return json.dumps({"promote": verdict.promote, "reasons": [asdict(each) for each in verdict.reasons]}, indent=2)
