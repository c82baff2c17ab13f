"""What a look says in plain words, in the report, in a task's log and on the command line."""

from mercado.bitcoin.grid import instant
from mercado.bitcoin.monitoring.figures import Performance
from mercado.bitcoin.monitoring.finding import Finding
from mercado.bitcoin.monitoring.rules import MonitoringRules, State
from mercado.bitcoin.report.number_text import number, percent

_STATES = {
    State.HEALTHY: "Healthy: its input looks like its training, and its forecasts keep what they promise.",
    State.DRIFT: "Drift: its input no longer looks like its training.",
    State.DECAY: "Decay: its forecasts are worse than they promise.",
    State.UNKNOWN: "Unknown: nothing is wrong as far as is known, but not all is known.",
}


def headline(finding: Finding) -> str:
    """Return the verdict on the champion."""
    return f"Version {finding.version.version} of {finding.version.name}. {_STATES[finding.verdict.state]}"


def lines(finding: Finding) -> list[str]:
    """Return the whole look as lines for a terminal or a log."""
    return [
        f"{finding.series}: {headline(finding)}",
        *(f"  {reason}" for reason in finding.verdict.reasons),
        *(f"  {drift(finding, days)}" for days in sorted(window.days for window in finding.windows)),
        *(f"  {performance(each, finding.rules)}" for each in finding.performances),
        f"  Retraining {finding.decision.retraining.value}: {finding.decision.reason}",
    ]


def looked_at(finding: Finding) -> str:
    """Return up to which candle was looked, and since when nothing was learned from."""
    return (
        f"Candles that closed by {instant(finding.until_ms)} were looked at; the version learned from those that "
        f"opened before {instant(finding.trained_before_ms)}."
    )


def drift(finding: Finding, days: int) -> str:
    """Return how many features are beyond their limits in a window."""
    window = next(window for window in finding.windows if window.days == days)
    if not window.is_known:
        return f"Drift in {days} days: unknown, from {window.row_count} bars."
    worst = max(window.features, key=lambda feature: feature.excess or 0.0)
    return (
        f"Drift in {days} days: {len(window.drifted)} of {len(window.features)} features beyond their limits, the "
        f"farthest {worst.feature} with a PSI of {number(worst.psi, '.2f')} (limit {number(worst.limits.psi, '.2f')}); "
        f"{percent(window.missing_share)} of the bars missing (limit {percent(window.missing_limit)})."
    )


def performance(found: Performance, rules: MonitoringRules) -> str:
    """Return one line of figures, or that they are unknown and why."""
    where = f"Version {found.model_version}, {found.days} days, {found.kind}"
    if not found.is_known:
        return f"{where}: unknown, {found.row_count} forecasts can be judged and {rules.least_rows} are needed."
    hits, coverage = found.hit_rate, found.coverage
    return (
        f"{where}: {found.row_count} forecasts; hit rate {percent(hits.value)} ({percent(hits.low)} to "
        f"{percent(hits.high)}), promised {percent(found.promised_hit_rate.value)}; coverage {percent(coverage.value)} "
        f"({percent(coverage.low)} to {percent(coverage.high)}); MAE skill {percent(found.mae_skill.value, '+.2f')}; "
        f"log-loss {number(found.log_loss.value, '.5f')}, skill {percent(found.log_loss_skill.value, '+.2f')}."
    )


def unjudged(finding: Finding) -> str:
    """Return how many forecasts nobody judges, and why."""
    truths = finding.unjudged
    return (
        f"Of version {finding.version.version}'s forecasts in the longest window, {truths.without_truth} have no known "
        f"outcome, because the exchange lacks the candle or it is not stored, and {truths.from_other_candles} were "
        f"made from another close than the stored one: nobody judges those."
    )
