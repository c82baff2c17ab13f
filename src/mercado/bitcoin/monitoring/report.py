"""The report of a look: one page that needs nothing but itself, in the dress of the training's report."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.resources import files
from typing import Final

from jinja2 import Environment, StrictUndefined
from matplotlib.figure import Figure

from mercado.bitcoin.monitoring import words
from mercado.bitcoin.monitoring.charts import drift_chart, skill_chart
from mercado.bitcoin.monitoring.drift import FeatureDrift, WindowDrift
from mercado.bitcoin.monitoring.figures import Figure as Value
from mercado.bitcoin.monitoring.figures import Performance
from mercado.bitcoin.monitoring.finding import Finding
from mercado.bitcoin.monitoring.reference import LEFT_OUT
from mercado.bitcoin.monitoring.rules import State
from mercado.bitcoin.report.chart_style import data_address, title_of
from mercado.bitcoin.report.number_text import number, percent
from mercado.bitcoin.report.page import Chart, Section
from mercado.bitcoin.report.tables import Table, facts

UNKNOWN: Final = "unknown"
_CAPTIONS: Final[Mapping[str, str]] = {
    "drift": "The bar of a feature beyond a limit is hatched. The line is the limit of the PSI: the farthest that "
    "windows of the training's own history were, and a tenth more.",
    "skill": "Left: fifths of the forecasts by P(up), with 95 % intervals; on the line they would be what they say. "
    "Right: the line is the 90 % that the interval promises.",
}


@dataclass(frozen=True)
class _Refusal:
    sentence: str


def report_html(finding: Finding) -> str:
    """Return the page; whatever its texts contain is shown as text."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = files("mercado.bitcoin.report").joinpath("templates/training_report.html").read_text(encoding="utf-8")
    figures = {"drift": drift_chart(finding), "skill": skill_chart(finding)}
    return environment.from_string(page).render(
        title=f"{finding.series}: version {finding.version.version} as of {finding.looked_at:%Y-%m-%d %H:%M} UTC",
        promoted=finding.verdict.state is State.HEALTHY,
        decision=words.headline(finding),
        refusals=[_Refusal(reason) for reason in finding.verdict.reasons],
        against_naive=f"Retraining {finding.decision.retraining.value.replace('_', ' ')}. {finding.decision.reason}",
        points=[words.looked_at(finding), words.unjudged(finding)],
        sections=_sections(finding),
        charts={name: _chart(name, figure) for name, figure in figures.items()},
    )


def _chart(name: str, figure: Figure) -> Chart:
    return Chart(name, data_address(figure), title_of(figure), _CAPTIONS[name])


def _sections(finding: Finding) -> tuple[Section, ...]:
    text = "What is forecast is judged live and replayed apart: replayed forecasts were computed afterwards."
    return (
        Section("forecasts", "Forecasts", (_performances(finding),), ("skill",), text=text),
        Section(
            "drift",
            "Drift",
            (),
            ("drift",),
            tuple(_drift(window) for window in finding.windows),
            text=" ".join(words.drift(finding, window.days) for window in finding.windows) or "Unknown.",
        ),
        Section("left-out", "Not compared", (facts("Features that are not compared, and why", LEFT_OUT),)),
        Section("rules", "Rules", (facts("Thresholds", asdict(finding.rules)),)),
        Section("model", "Model", (facts("What was looked at", _of_model(finding)),)),
    )


def _performances(finding: Finding) -> Table:
    return Table(
        "By version, window and kind, with 95 % intervals; skill of the mean absolute error against no change, of the "
        "log-loss against the share of rises in training",
        (
            "Version, days, kind",
            "Forecasts",
            "Hit rate",
            "Promised",
            "Coverage",
            "Width, bps",
            "MAE skill",
            "Log-loss",
            "Log-loss skill",
        ),
        tuple(_row(each) for each in finding.performances),
    )


def _row(found: Performance) -> tuple[str, ...]:
    width = found.mean_width.value
    return (
        f"{found.model_version}, {found.days}, {found.kind}",
        str(found.row_count),
        _with_interval(found.hit_rate),
        _known(percent(found.promised_hit_rate.value), found.promised_hit_rate),
        _with_interval(found.coverage),
        _known(number(None if width is None else width * 1e4, ".0f"), found.mean_width),
        _known(percent(found.mae_skill.value, "+.2f"), found.mae_skill),
        _known(number(found.log_loss.value, ".5f"), found.log_loss),
        _known(percent(found.log_loss_skill.value, "+.2f"), found.log_loss_skill),
    )


def _with_interval(share: Value) -> str:
    return _known(f"{percent(share.value)} ({percent(share.low)} to {percent(share.high)})", share)


def _known(text: str, figure: Value) -> str:
    return UNKNOWN if figure.value is None else text


def _drift(window: WindowDrift) -> Table:
    return Table(
        f"Features in the last {window.days} days, {window.row_count} bars; PSI in nats, Kolmogorov-Smirnov's distance",
        ("Feature", "PSI", "Limit", "Distance", "Limit", "Within its limits"),
        tuple(_drift_row(feature) for feature in window.features),
    )


def _drift_row(feature: FeatureDrift) -> tuple[str, ...]:
    within = UNKNOWN if feature.drifted is None else "no" if feature.drifted else "yes"
    return (
        feature.feature,
        UNKNOWN if feature.psi is None else number(feature.psi, ".3f"),
        number(feature.limits.psi, ".3f"),
        UNKNOWN if feature.distance is None else number(feature.distance, ".3f"),
        number(feature.limits.distance, ".3f"),
        within,
    )


def _of_model(finding: Finding) -> dict[str, str]:
    return {
        "model": finding.version.name,
        "version": str(finding.version.version),
        "run that trained it": finding.version.run_id,
        "looked at": f"{finding.looked_at:%Y-%m-%d %H:%M:%S} UTC",
    }
