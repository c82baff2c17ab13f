"""The charts of the 90 % interval: whether it keeps its promise in every month, and what it assumes about errors."""

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mercado.bitcoin.calibration import INTERVAL_COVERAGE
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.months import KEPT_PROMISE, LEAST_ROWS, share_of_kept_promises
from mercado.bitcoin.report import chart_data as data
from mercado.bitcoin.report.chart_style import (
    BAD,
    BAND,
    INK,
    MODEL,
    NAIVE,
    PAPER,
    RIVAL,
    frame,
    in_percent,
    legend,
    legend_below,
    month_edges,
    sheet,
    time_axis,
)
from mercado.bitcoin.report.number_text import percent

TAIL: Final = (1 - INTERVAL_COVERAGE) / 2
BAND_TEXT: Final = f"{KEPT_PROMISE[0] * 100:.0f} to {KEPT_PROMISE[1] * 100:.0f} %"
_FACTORS_SHOWN: Final = 3.0
_BINS: Final = 80
_NORMAL_FACTOR: Final = 1.6449  # 90 % of a normal distribution is within so many standard deviations


def coverage_by_month(evaluation: Evaluation, *, horizon_bars: int = 1) -> Figure:
    """Draw the share of each month's returns inside the interval, beside the intervals that learn nothing."""
    walked, baselines = evaluation.walked, evaluation.baselines
    figure = sheet(_coverage_title(evaluation), height_inches=4.8)
    axes = figure.subplots()
    frame(axes, x="month (UTC)", y="share of returns inside (%)")
    edges = month_edges(walked.scored.open_time_ms)
    axes.axhspan(*KEPT_PROMISE, color=BAND, label=BAND_TEXT)
    axes.axhline(INTERVAL_COVERAGE, color=INK, linewidth=1, linestyle="--", label="promised")
    for name, ends, colour, mark in (
        ("last year's returns", baselines.empirical, NAIVE, ":s"),
        ("recent volatility alone", baselines.volatility, RIVAL, "--v"),
    ):
        shares = data.coverage_shares(walked, *ends, horizon_bars=horizon_bars)
        axes.plot(edges.mean(axis=1), shares.share, mark, color=colour, linewidth=1, markersize=2.5, label=name)
    model = data.coverage_shares(walked, walked.lower, walked.upper, horizon_bars=horizon_bars)
    _coverage_points(axes, edges.mean(axis=1), model)
    time_axis(axes, edges.min(), edges.max())
    in_percent(axes.yaxis)
    axes.margins(y=0.12)
    legend_below(figure, columns=4)
    return figure


def _coverage_title(evaluation: Evaluation) -> str:
    covered = percent(evaluation.interval.coverage)
    full = sum(month.rows >= LEAST_ROWS for month in evaluation.months)
    if not full:
        return f"90 % interval: {covered} of returns inside; no month has the {LEAST_ROWS} bars to judge it by"
    kept = percent(share_of_kept_promises(evaluation.months), ".0f")
    return f"90 % interval: {covered} of returns inside; {kept} of {full} months within {BAND_TEXT}"


def _coverage_points(axes: Axes, middles: NDArray[np.float64], shares: data.Shares) -> None:
    least, greatest = KEPT_PROMISE
    judged = shares.rows >= LEAST_ROWS
    kept = (least <= shares.share) & (shares.share <= greatest)
    for chosen, mark, colour, fill, label in (
        (judged & kept, "o", MODEL, MODEL, "model with Wilson 95 %"),
        (judged & ~kept, "D", BAD, BAD, "model, outside the band"),
        (~judged, "o", MODEL, PAPER, f"model, under {LEAST_ROWS} bars"),
    ):
        if chosen.any():
            axes.errorbar(
                middles[chosen],
                shares.share[chosen],
                yerr=shares.bars[:, chosen],
                fmt=mark,
                color=colour,
                markerfacecolor=fill,
                markersize=4.5,
                capsize=2,
                label=label,
                zorder=3,
            )


def residuals(evaluation: Evaluation) -> Figure:
    """Draw whether returns miss the forecast as far, and as evenly to both sides, as the interval assumes."""
    walked = evaluation.walked
    below, above = data.shares_outside(walked)
    figure = sheet(
        f"{percent(below)} of returns lie below the 90 % interval, {percent(above)} above it; "
        f"it assumes {percent(TAIL, '.0f')} each"
    )
    left, right = figure.subplots(1, 2)
    _error_histogram(left, data.errors_in_sizes(walked), float(data.interval_factors(walked).mean()))
    frame(right, x="month (UTC)", y="|return − expected| / predicted size", title="What 90 % of errors stay within")
    needed, used = data.needed_factors(walked)
    edges = month_edges(walked.scored.open_time_ms)
    right.plot(edges.mean(axis=1), needed, "o", color=MODEL, markersize=4.5, label="in the month itself")
    right.hlines(used, *edges.T, color=BAD, linewidth=2, label="assumed by the interval (mean)")
    right.set_ylim(0, 1.15 * max(needed.max(), used.max()))
    time_axis(right, edges.min(), edges.max())
    legend(right, place="lower left")
    return figure


def _error_histogram(axes: Axes, errors: NDArray[np.float64], factor: float) -> None:
    """Draw errors in predicted sizes, the interval's ends, and a normal distribution that has the same 90 %."""
    frame(axes, x="(return − expected) / predicted size", y="density", title="How far returns miss the forecast")
    end = _FACTORS_SHOWN * factor
    bins = np.linspace(-end, end, _BINS + 1)
    counts, _ = np.histogram(errors, bins)
    # Shares of all errors, those beyond the frame included.
    axes.stairs(counts / len(errors) / (bins[1] - bins[0]), bins, fill=True, color=MODEL, label="errors")
    deviation = factor / _NORMAL_FACTOR
    normal = np.exp(-0.5 * (bins / deviation) ** 2) / (deviation * np.sqrt(2 * np.pi))
    axes.plot(bins, normal, ":", color=RIVAL, linewidth=1.8, label="a normal with the same 90 %")
    axes.axvline(-factor, color=BAD, linestyle="--", linewidth=1.5, label="ends of the interval (mean)")
    axes.axvline(factor, color=BAD, linestyle="--", linewidth=1.5)
    axes.set_xlim(-end, end)
    axes.set_ylim(0, 1.3 * max(axes.get_ylim()))
    legend(axes, place="upper left")
