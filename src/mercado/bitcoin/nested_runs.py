"""The runs below a training's in MLflow: the study with its trials, the walk through the last block, the final fit."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

import numpy as np
import optuna
from optuna.trial import TrialState

from mercado.bitcoin.baselines import CLIMATOLOGY
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.metrics import log_loss
from mercado.bitcoin.mlflow_texts import STEP_TAG
from mercado.bitcoin.plan import BoosterParams, TrainingPlan
from mercado.bitcoin.studies import trial_loss
from mercado.bitcoin.walk import walk_of
from mercado.tracking import FAILED, SUCCEEDED, TrackedRun

STUDY: Final = "study"
WALK: Final = "walk-forward"
FINAL_FIT: Final = "final fit"
TUNING_LOSS: Final = "tuning_log_loss"


def study_run(run: TrackedRun, tags: Mapping[str, str]) -> TrackedRun:
    """Return the run of a training's study; call it once before several workers look for it."""
    return run.nested_once(STUDY, {**tags, STEP_TAG: "study"})


def log_trial(study: TrackedRun, trial: optuna.trial.FrozenTrial, tags: Mapping[str, str]) -> None:
    """Log a finished trial as a run below its study's; its log-loss after each fold is a curve that ends with it."""
    nested = study.nested(f"trial {trial.number}", {**tags, STEP_TAG: "trial"})
    nested.log(params={**trial.params, **trial.user_attrs, "state": trial.state.name})
    loss = trial_loss(trial)
    if loss is not None:
        nested.log_series({TUNING_LOSS: trial.intermediate_values})
    if trial.duration is not None:
        nested.log(metrics={"seconds": trial.duration.total_seconds()})
    nested.end(FAILED if trial.state is TrialState.FAIL else SUCCEEDED)


def log_study(study: TrackedRun, trials: Sequence[optuna.trial.FrozenTrial]) -> None:
    """Log a study that has ended: each judged trial's log-loss, and the best so far, as curves by trial number."""
    judged = {trial.number: loss for trial in trials if (loss := trial_loss(trial)) is not None}
    # A pruned trial has a value too: the mean of its first folds, which is no rival of the mean of all.
    complete = {trial.number: trial.values[0] for trial in trials if trial.state is TrialState.COMPLETE}
    best = dict(zip(complete, np.minimum.accumulate(list(complete.values())).tolist(), strict=True))
    study.log_series({f"trial.{TUNING_LOSS}": judged, f"best.{TUNING_LOSS}": best})
    states = [trial.state for trial in trials]
    counts = {f"trials_{state.name.lower()}": states.count(state) for state in TrialState if state.is_finished()}
    study.log(metrics={**counts, TUNING_LOSS: min(complete.values())})
    study.end()


def log_walk(
    run: TrackedRun, evaluation: Evaluation, rows: TrainingSet, plan: TrainingPlan, tags: Mapping[str, str]
) -> None:
    """Log the walk through the last block as curves by refit; the training's own metrics are of the whole block."""
    nested = run.nested_once(WALK, {**tags, STEP_TAG: "walk-forward"})
    series: dict[str, dict[int, float]] = {}
    for refit, scores in enumerate(_by_refit(evaluation, rows, plan), start=1):
        for name, value in scores.items():
            series.setdefault(f"refit.{name}", {})[refit] = value
    nested.log_series(series)
    nested.log(params={"refits": plan.refits, "holdout_bars": plan.holdout_bars})
    nested.end()


def log_final_fit(
    run: TrackedRun, params: BoosterParams, gains: Mapping[str, float], rows: TrainingSet, tags: Mapping[str, str]
) -> None:
    """Log what the registered version was fitted with, and how much each feature gives it."""
    nested = run.nested_once(FINAL_FIT, {**tags, STEP_TAG: "final fit"})
    nested.log(
        params=asdict(params), metrics={"rows": len(rows), **{f"gain.{name}": share for name, share in gains.items()}}
    )
    nested.end()


def _by_refit(evaluation: Evaluation, rows: TrainingSet, plan: TrainingPlan) -> list[dict[str, float]]:
    walk = walk_of(rows, plan)
    climatology, scores = evaluation.baselines.naive[CLIMATOLOGY].probability_up, []
    for segment in walk.segments:
        part = slice(segment.test.start - walk.rows.start, segment.test.stop - walk.rows.start)
        walked = evaluation.walked[part]
        target, probability_up = walked.scored.target, walked.scored.probability_up
        up, covered = target > 0, (walked.lower <= target) & (target <= walked.upper)
        scores.append(
            {
                "log_loss": log_loss(up, probability_up),
                "climatology.log_loss": log_loss(up, climatology[part]),
                "hit_rate": float(np.mean((probability_up > 0.5) == up)),
                "coverage": float(np.mean(covered)),
                "rows": float(len(walked)),
            }
        )
    return scores
