"""How to read each chart, in a sentence or two for who has never seen one."""

from collections.abc import Sequence

import numpy as np

from mercado.bitcoin.comparison import Comparison
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.months import LEAST_ROWS
from mercado.bitcoin.report import chart_data as data
from mercado.bitcoin.report.charts import COMPLETE, FAILED, FEATURES_SHOWN, PRUNED, TrialResult
from mercado.bitcoin.report.interval_charts import BAND_TEXT
from mercado.bitcoin.report.number_text import number
from mercado.bitcoin.report.words import NO_PROMISE, break_even, listed


def captions(
    evaluation: Evaluation, comparison: Comparison | None, trials: Sequence[TrialResult], *, horizon_bars: int
) -> dict[str, str]:
    """Return the captions, by the charts' names."""
    return {
        "skill_over_time": _skill(evaluation),
        "calibration": _calibration(evaluation, horizon_bars),
        "coverage_by_month": _coverage(),
        "residuals": _residuals(evaluation),
        "costs": _costs(evaluation, horizon_bars),
        "feature_importance": _importance(),
        "study_history": _study(trials),
        "champion_against_challenger": _champion(comparison),
    }


def _skill(evaluation: Evaluation) -> str:
    ahead = sum(month.log_loss_skill > 0 for month in evaluation.months)
    return (
        "Each line is the log-loss that a forecast has saved so far against climatology, which always gives the "
        "training rows' share of rises: a rising line is gaining. The columns are the model's skill in each month, "
        f"pale where a month has fewer than {LEAST_ROWS} bars; it is above 0 in {ahead} of {len(evaluation.months)}."
    )


def _calibration(evaluation: Evaluation, horizon_bars: int) -> str:
    scored = evaluation.walked.scored
    predicted, rose = data.reliability(scored.probability_up, scored.target > 0, horizon_bars=horizon_bars)
    reached = int(np.sum((rose.low <= predicted) & (predicted <= rose.high)))
    return (
        "Left: the bars in tenths by P(up); a point on the diagonal rose as often as was said. The uprights are "
        f"Wilson's 95 % intervals, and {reached} of {len(predicted)} reach the diagonal. Right: how often P(up) was "
        "what; the less a model knows, the nearer it stays to 50 %."
    )


def _coverage() -> str:
    return (
        f"90 % of each month's returns should be inside the interval, and {BAND_TEXT} counts as kept. The points are "
        "the model's with Wilson's 95 % interval; the dotted and the dashed line are intervals that learn nothing. A "
        f"hollow point has fewer than {LEAST_ROWS} bars and is not judged."
    )


def _residuals(evaluation: Evaluation) -> str:
    farthest = float(np.abs(data.errors_in_sizes(evaluation.walked)).max())
    return (
        "Left: how many predicted sizes lay between a return and what was expected. The interval assumes no shape, "
        "only that 5 % of the errors are beyond each dashed line; the dotted normal is there to show how heavy the "
        f"tails are (the farthest error is {number(farthest, '.0f')} sizes away). Right: a point above its line is a "
        "month whose interval was too narrow."
    )


def _costs(evaluation: Evaluation, horizon_bars: int) -> str:
    return (
        "Each line adds up the log returns of a position of 1 on the named side, after costs in basis points of each "
        "position traded; a change of side trades two. Below 0 is a loss. "
        f"{break_even(evaluation, horizon_bars=horizon_bars)} {NO_PROMISE}"
    )


def _importance() -> str:
    return (
        "The longer the bar, the more the splits on a feature lowered the loss on the training rows; the "
        f"{FEATURES_SHOWN} greatest are shown. Features that say the same share their gain, and a gain is no cause."
    )


def _study(trials: Sequence[TrialResult]) -> str:
    failed = [str(trial.number) for trial in trials if trial.state == FAILED]
    others = [str(trial.number) for trial in trials if trial.state not in (COMPLETE, PRUNED, FAILED)]
    return (
        "Each dot is a set of parameters, judged on folds before the untouched block; the line is the best so far. A "
        "pruned trial was stopped after its first folds, so its height is not comparable. "
        f"Failed: {listed(failed)}. Not ended: {listed(others)}."
    )


def _champion(comparison: Comparison | None) -> str:
    champion = f"champion {comparison.champion.version}" if comparison else "the champion"
    return (
        f"Where the line rises the challenger was better, where it falls {champion} was; only its end is tested. Both "
        "forecast the same bars, and neither was tuned on them."
    )
