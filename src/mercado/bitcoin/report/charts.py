"""The charts of a training, each of which answers one question of whoever must decide about the model.

A chart's title says its answer in numbers, and its axes name quantity and unit. How to read it is told by the captions
in `mercado.bitcoin.report.words`. The interval's charts are in `mercado.bitcoin.report.interval_charts`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mercado.bitcoin.baselines import LOGISTIC, REVERSAL
from mercado.bitcoin.comparison import Comparison
from mercado.bitcoin.costs import Outcome
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.months import LEAST_ROWS
from mercado.bitcoin.report import chart_data as data
from mercado.bitcoin.report.chart_style import (
    BAD,
    INK,
    MODEL,
    MUTED,
    NAIVE,
    RIVAL,
    days,
    frame,
    in_percent,
    legend,
    month_edges,
    note,
    sheet,
    time_axis,
    zero_line,
)
from mercado.bitcoin.report.number_text import p_value, percent

COMPLETE: Final = "COMPLETE"
PRUNED: Final = "PRUNED"
FAILED: Final = "FAIL"
FEATURES_SHOWN: Final = 20
COSTS_SHOWN_BPS: Final = (0.0, 2.0, 10.0)
_FORECAST_LINES: Final = {data.MODEL: (MODEL, "-"), LOGISTIC: (RIVAL, "--"), REVERSAL: (NAIVE, ":")}
_COST_LINES: Final = ((MODEL, "-"), (RIVAL, "--"), (BAD, ":"))
_BINS: Final = 60
_FAILURES_NAMED: Final = 12


@dataclass(frozen=True)
class TrialResult:
    """One trial of the study.

    Attributes:
        number: In the study, from 0.
        state: As Optuna calls it: ``COMPLETE``, ``PRUNED``, ``FAIL``, ``RUNNING``, ``WAITING``.
        log_loss: Mean over the folds it has seen, in nats; ``None`` when it has no result.
        seconds: It took; ``None`` when it has not ended.
        params: That it tried.
    """

    number: int
    state: str
    log_loss: float | None
    seconds: float | None
    params: Mapping[str, float]


def skill_over_time(evaluation: Evaluation) -> Figure:
    """Draw when the model was better than climatology: cumulative gain, and skill by month."""
    gains = data.cumulative_gains(evaluation)
    rows, total = len(evaluation.walked), float(gains[data.MODEL][-1])
    figure = sheet(
        f"Log-loss against climatology: {total:+.1f} nats over {rows:,} bars, "
        f"skill {percent(evaluation.log_loss_skill, '+.2f')}",
        height_inches=5.6,
    )
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    frame(upper, y="cumulative gain over\nclimatology (nats; up is better)")
    time_ms, shown = evaluation.walked.scored.open_time_ms, data.thinned(rows)
    for name, gain in gains.items():
        colour, dashes = _FORECAST_LINES[name]
        label = f"{name} {gain[-1]:+.1f}"
        upper.plot(days(time_ms[shown]), gain[shown], dashes, color=colour, linewidth=1.7, label=label)
    zero_line(upper, "climatology")
    legend(upper)
    _skill_bars(lower, evaluation)
    return figure


def _skill_bars(axes: Axes, evaluation: Evaluation) -> None:
    frame(axes, x="month (UTC)", y="the model's skill\nin the month (%)")
    edges = month_edges(evaluation.walked.scored.open_time_ms)
    skills = np.array([month.log_loss_skill for month in evaluation.months])
    bars = axes.bar(
        edges.mean(axis=1), skills, width=0.8 * np.diff(edges).ravel(), color=np.where(skills > 0, MODEL, BAD).tolist()
    )
    for bar, month in zip(bars, evaluation.months, strict=True):
        if month.rows < LEAST_ROWS:
            bar.set_alpha(0.35)
    axes.axhline(0, color=INK, linewidth=1)
    in_percent(axes.yaxis)
    time_axis(axes, edges.min(), edges.max())


def calibration(evaluation: Evaluation, *, horizon_bars: int = 1) -> Figure:
    """Draw how often it rose where the model said so, and how often it said what."""
    scored = evaluation.walked.scored
    least, greatest = float(scored.probability_up.min()), float(scored.probability_up.max())
    figure = sheet(f"P(up) lies between {percent(least)} and {percent(greatest)}; how much of it came true")
    left, right = figure.subplots(1, 2)
    _reliability(left, evaluation, horizon_bars=horizon_bars)
    frame(right, x="P(up) (%)", y="bars (count)", title="How often the model said what")
    # A width of its own, for a model that always says the same.
    half, middle = max(greatest - least, 0.02) / 2, (greatest + least) / 2
    counts, bins = np.histogram(scored.probability_up, _BINS, range=(middle - half, middle + half))
    right.stairs(counts, bins, fill=True, color=MODEL)
    right.axvline(0.5, color=INK, linestyle="--", linewidth=1, label="a coin")
    legend(right)
    in_percent(right.xaxis)
    return figure


def _reliability(axes: Axes, evaluation: Evaluation, *, horizon_bars: int) -> None:
    scored = evaluation.walked.scored
    predicted, rose = data.reliability(scored.probability_up, scored.target > 0, horizon_bars=horizon_bars)
    frame(axes, x="mean P(up) of a tenth of the bars (%)", y="share of them that rose (%)", title="What came true")
    ends = [min(predicted.min(), rose.low.min()), max(predicted.max(), rose.high.max())]
    axes.plot(ends, ends, "--", color=MUTED, linewidth=1, label="perfect calibration")
    axes.axhline(float(np.mean(scored.target > 0)), color=NAIVE, linestyle=":", label="share of all that rose")
    axes.errorbar(
        predicted, rose.share, yerr=rose.bars, fmt="o", color=MODEL, markersize=5, capsize=3, label="model, 95 %"
    )
    in_percent(axes.xaxis, axes.yaxis)
    legend(axes)


def feature_importance(importance: Mapping[str, float]) -> Figure:
    """Draw which features the trees' splits gained most from."""
    shown = data.best_first(importance, most=FEATURES_SHOWN)
    used = sum(share > 0 for share in importance.values())
    figure = sheet(
        f"{used} features are used; the {len(shown)} shown make {percent(sum(shown.values()), '.0f')} of the gain"
        if used
        else "No tree has a split: no feature is used",
        height_inches=1.4 + 0.22 * max(len(shown), 4),
    )
    axes = figure.subplots()
    frame(axes, x="share of the gain of all splits (%)", y="feature")
    places = np.arange(len(shown))
    bars = axes.barh(places, list(shown.values()), color=MODEL, height=0.7)
    axes.bar_label(bars, [percent(share) for share in shown.values()], padding=3, fontsize=8, color=MUTED)
    axes.set_yticks(places, list(shown), parse_math=False)
    axes.set_ylim(len(shown) - 0.4, -0.6)
    axes.set_xlim(0, 1.12 * max([*shown.values(), 0.01]))
    axes.grid(visible=False, axis="y")
    in_percent(axes.xaxis)
    return figure


def study_history(trials: Sequence[TrialResult]) -> Figure:
    """Draw what each trial reached, and the best so far."""
    done, pruned = (
        {trial.number: trial.log_loss for trial in trials if trial.state == state and trial.log_loss is not None}
        for state in (COMPLETE, PRUNED)
    )
    failed = [str(trial.number) for trial in trials if trial.state == FAILED]
    best = f"best log-loss {min(done.values()):.5f} nats" if done else "none has completed"
    figure = sheet(f"{len(trials)} trials: {len(done)} completed, {len(pruned)} pruned, {len(failed)} failed; {best}")
    axes = figure.subplots()
    frame(axes, x="number of the trial", y="log-loss on the tuning folds\n(nats; down is better)")
    if done:
        so_far = np.minimum.accumulate(list(done.values()))
        axes.step(list(done), so_far, where="post", color=MODEL, linewidth=1.2, label="best so far")
        axes.plot(list(done), list(done.values()), "o", color=MODEL, markersize=5, label="completed")
    if pruned:
        axes.plot(list(pruned), list(pruned.values()), "x", color=MUTED, label="pruned (its first folds only)")
    if done or pruned:
        legend(axes)
    if failed:
        named = ", ".join(failed[:_FAILURES_NAMED]) + (" …" if len(failed) > _FAILURES_NAMED else "")
        note(axes, f"failed: trial {named}", x=0.01, y=0.04, align="left", colour=BAD)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


def champion_against_challenger(comparison: Comparison) -> Figure:
    """Draw who gained on whom, and when.

    Args:
        comparison: With at least one row.
    """
    gain = np.cumsum(comparison.champion_losses - comparison.challenger_losses)
    champion = f"champion {comparison.champion.version}"
    ahead = "the challenger" if gain[-1] > 0 else champion
    figure = sheet(
        f"On {len(gain):,} common bars {ahead} is {abs(gain[-1]):.2f} nats ahead "
        f"(Diebold-Mariano p {p_value(comparison.test.p_value)})"
    )
    axes = figure.subplots()
    frame(axes, x="time (UTC)", y=f"cumulative log-loss of {champion}\nless the challenger's (nats)")
    at, shown = days(comparison.open_time_ms), data.thinned(len(gain))
    axes.plot(at[shown], gain[shown], color=MODEL, linewidth=1.7)
    zero_line(axes, "equal")
    axes.margins(y=0.2)
    note(axes, "↑ challenger better", x=0.01, y=0.95, align="left", colour=INK)
    note(axes, f"↓ {champion} better", x=0.01, y=0.05, align="left", colour=INK)
    time_axis(axes, at[0], max(at[-1], at[0] + 1))
    return figure


def costs(evaluation: Evaluation, *, horizon_bars: int = 1) -> Figure:
    """Draw what is left of trading on the forecast's side at several levels of costs."""
    figure = sheet(survival(evaluation.outcomes))
    axes = figure.subplots()
    frame(axes, x="time (UTC)", y="cumulative log return")
    traded = data.trades(evaluation.walked, horizon_bars=horizon_bars)
    at, shown = days(evaluation.walked.scored.open_time_ms), data.thinned(len(evaluation.walked))
    for cost_bps, (colour, dashes) in zip(COSTS_SHOWN_BPS, _COST_LINES, strict=True):
        left = traded.net(cost_bps)
        label = f"costs of {cost_bps:g} bps a position: {left[-1]:+.2f}"
        axes.plot(at[shown], left[shown], dashes, color=colour, linewidth=1.7, label=label)
    zero_line(axes, "nothing gained")
    legend(axes)
    time_axis(axes, at[0], max(at[-1], at[0] + 1))
    return figure


def survival(outcomes: Sequence[Outcome]) -> str:
    """Return whether the signal survives costs, in one sentence of these outcomes' own figures."""
    free, usual = min(outcomes, key=lambda each: each.cost_bps), max(outcomes, key=lambda each: each.cost_bps)
    if free.total_log_return <= 0:
        return f"Trading on the named side loses even before costs: log return {free.total_log_return:+.2f}"
    figures = f"{free.total_log_return:+.2f} before them, {usual.total_log_return:+.2f} at {usual.cost_bps:g} bps"
    if usual.total_log_return <= 0:
        return f"The signal does not survive usual fees: log return {figures}"
    return f"In this block the signal is above its costs, which is no promise: log return {figures}"
