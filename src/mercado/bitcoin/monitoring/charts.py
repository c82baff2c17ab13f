"""The charts of a look's report."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from statsmodels.stats.proportion import proportion_confint

from mercado.bitcoin.calibration import INTERVAL_COVERAGE
from mercado.bitcoin.monitoring.drift import WindowDrift
from mercado.bitcoin.monitoring.figures import KINDS, LIVE, JudgedForecasts, Performance
from mercado.bitcoin.monitoring.finding import Finding
from mercado.bitcoin.report.chart_style import (
    BAD,
    INK,
    MODEL,
    NAIVE,
    frame,
    in_percent,
    legend,
    note,
    sheet,
)

_BINS = 5
_INCHES_A_FEATURE = 0.22
_COLOURS = {LIVE: MODEL, "replayed": NAIVE}
_MARKS = {LIVE: "o", "replayed": "s"}


def drift_chart(finding: Finding) -> Figure:
    """Draw how far each feature is, as a share of its limit, in each window."""
    features = max((len(window.features) for window in finding.windows), default=0)
    figure = sheet(
        f"How far the input is from its training, {finding.series}", height_inches=1.5 + features * _INCHES_A_FEATURE
    )
    known = [window for window in finding.windows if window.is_known]
    if not known:
        axes = figure.subplots()
        frame(axes)
        note(axes, "Unknown")
        return figure
    for axes, window in zip(figure.subplots(1, len(known), sharey=True, squeeze=False)[0], known, strict=True):
        _excesses(axes, window)
    return figure


def _excesses(axes: Axes, window: WindowDrift) -> None:
    frame(axes, x="PSI, in limits", title=f"{window.days} days, {window.row_count} bars")
    places = np.arange(len(window.features))[::-1]
    excesses = [feature.excess or 0.0 for feature in window.features]
    hatches = ["//" if feature.drifted else "" for feature in window.features]
    colours = [BAD if feature.drifted else MODEL for feature in window.features]
    axes.barh(places, excesses, color=colours, hatch=hatches, edgecolor=INK, linewidth=0.4)
    axes.set_yticks(places, [feature.feature for feature in window.features])
    axes.axvline(1, color=INK, linewidth=1)


def skill_chart(finding: Finding) -> Figure:
    """Draw the champion's calibration in the longest window, and its interval's coverage by window."""
    figure = sheet(f"What came true of version {finding.version.version}'s forecasts")
    left, right = figure.subplots(1, 2)
    own = finding.forecasts.where(finding.forecasts.model_version == finding.version.version)
    _calibration(left, own, finding)
    of_champion = [each for each in finding.performances if each.model_version == finding.version.version]
    _coverage(right, [each for each in of_champion if each.is_known])
    return figure


def _calibration(axes: Axes, forecasts: JudgedForecasts, finding: Finding) -> None:
    frame(axes, x="Forecast P(up), %", y="Share that rose, %", title="Calibration")
    in_percent(axes.xaxis, axes.yaxis)
    drawn = False
    for kind in KINDS:
        rows = forecasts.where(forecasts.live == (kind == LIVE))
        independent = len(rows) / finding.series.horizon_bars
        if independent >= finding.rules.least_rows:
            _calibration_of(axes, rows, kind, horizon_bars=finding.series.horizon_bars)
            drawn = True
    if drawn:
        axes.axline((0.5, 0.5), slope=1, color=INK, linewidth=1)
        legend(axes, place="upper left")
    else:
        note(axes, "Unknown: too few forecasts")


def _calibration_of(axes: Axes, rows: JudgedForecasts, kind: str, *, horizon_bars: int) -> None:
    order = np.array_split(np.argsort(rows.probability_up, kind="stable"), _BINS)
    stated = [float(rows.probability_up[part].mean()) for part in order]
    rose = [float((rows.target[part] > 0).mean()) for part in order]
    ends = [
        proportion_confint(share * len(part) / horizon_bars, len(part) / horizon_bars, alpha=0.05, method="wilson")
        for share, part in zip(rose, order, strict=True)
    ]
    errors = [[share - low for share, (low, _) in zip(rose, ends, strict=True)]]
    errors += [[high - share for share, (_, high) in zip(rose, ends, strict=True)]]
    axes.errorbar(stated, rose, yerr=np.abs(errors), fmt=_MARKS[kind], color=_COLOURS[kind], capsize=3, label=kind)


def _coverage(axes: Axes, found: Sequence[Performance]) -> None:
    frame(axes, x="Window, days", y="Closes inside, %", title="Coverage of the 90 % interval")
    in_percent(axes.yaxis)
    if not found:
        note(axes, "Unknown: too few forecasts")
        return
    days = sorted({each.days for each in found})
    for kind in KINDS:
        of_kind = [each for each in found if each.kind == kind]
        if of_kind:
            shift = -0.1 if kind == LIVE else 0.1
            values = np.array([each.coverage.value for each in of_kind], dtype=np.float64)
            low = np.array([each.coverage.low for each in of_kind], dtype=np.float64)
            high = np.array([each.coverage.high for each in of_kind], dtype=np.float64)
            axes.errorbar(
                [days.index(each.days) + shift for each in of_kind],
                values,
                yerr=[values - low, high - values],
                fmt=_MARKS[kind],
                color=_COLOURS[kind],
                capsize=3,
                label=kind,
            )
    axes.axhline(INTERVAL_COVERAGE, color=INK, linewidth=1)
    axes.set_xticks(range(len(days)), [str(each) for each in days])
    axes.set_xlim(-0.5, len(days) - 0.5)
    legend(axes)
