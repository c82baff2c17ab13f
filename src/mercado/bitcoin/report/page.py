"""The report of a training: one page for whoever must decide whether the model is served.

It needs nothing but itself: no network, no script, no other file. Its images are SVGs inside it, small because no chart
draws more points than a screen shows, so that it stays below 1.5 MB however many bars were walked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files

from jinja2 import Environment, StrictUndefined
from matplotlib.figure import Figure

from mercado.bitcoin.certificate import LeakCertificate
from mercado.bitcoin.comparison import LEAST_ROWS, Comparison
from mercado.bitcoin.evaluation import Evaluation
from mercado.bitcoin.gate import Verdict
from mercado.bitcoin.plan import BoosterParams, TrainingPlan
from mercado.bitcoin.report import tables, words
from mercado.bitcoin.report.captions import captions
from mercado.bitcoin.report.chart_style import data_address, png, title_of
from mercado.bitcoin.report.charts import (
    TrialResult,
    calibration,
    champion_against_challenger,
    costs,
    feature_importance,
    skill_over_time,
    study_history,
)
from mercado.bitcoin.report.interval_charts import coverage_by_month, residuals
from mercado.bitcoin.report.tables import Table

__all__ = ["ReportContent", "TrialResult", "charts", "png", "report_html"]


@dataclass(frozen=True)
class ReportContent:
    """What a report tells.

    Attributes:
        title: Of the page, such as the model's name and version.
        training_set_facts: What was learned from: symbol, interval, horizon, rows, range, gaps, digest.
        plan: Of the training.
        params: Of the direction booster.
        evaluation: On the untouched block.
        verdict: Of the gate.
        certificate: Of the features.
        comparison: With the champion; ``None`` when there is none that could be walked.
        importance: Share of the direction booster's gain, by feature.
        trials: Of the study.
    """

    title: str
    training_set_facts: Mapping[str, str]
    plan: TrainingPlan
    params: BoosterParams
    evaluation: Evaluation
    verdict: Verdict
    certificate: LeakCertificate
    comparison: Comparison | None
    importance: Mapping[str, float]
    trials: Sequence[TrialResult]


@dataclass(frozen=True)
class Chart:
    """A chart on the page.

    Attributes:
        name: As `charts` calls it.
        image: An address that holds it.
        alt: What it shows, in its own title's words.
        caption: How to read it.
    """

    name: str
    image: str
    alt: str
    caption: str


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Attributes:
        anchor: Where the table of contents leads.
        title: Of the part.
        tables: Shown first.
        charts: Names; those that were not drawn are left out.
        folded: Tables that open on a click.
        text: Before all of them.
    """

    anchor: str
    title: str
    tables: tuple[Table, ...] = ()
    charts: tuple[str, ...] = ()
    folded: tuple[Table, ...] = ()
    text: str = ""


def charts(content: ReportContent) -> dict[str, Figure]:
    """Draw the charts, by name; ``champion_against_challenger`` only where both were walked through enough rows."""
    evaluation, horizon_bars = content.evaluation, content.plan.horizon_bars
    drawn = {
        "skill_over_time": skill_over_time(evaluation),
        "calibration": calibration(evaluation, horizon_bars=horizon_bars),
        "coverage_by_month": coverage_by_month(evaluation, horizon_bars=horizon_bars),
        "residuals": residuals(evaluation),
        "costs": costs(evaluation, horizon_bars=horizon_bars),
        "feature_importance": feature_importance(content.importance),
        "study_history": study_history(content.trials),
    }
    comparison = content.comparison
    if comparison is not None and len(comparison.open_time_ms) >= LEAST_ROWS:
        drawn["champion_against_challenger"] = champion_against_challenger(comparison)
    return drawn


def report_html(content: ReportContent, figures: Mapping[str, Figure]) -> str:
    """Return the page.

    Args:
        content: What it tells; whatever its texts contain is shown as text.
        figures: Of `charts`.
    """
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    page = files("mercado.bitcoin.report").joinpath("templates/training_report.html").read_text(encoding="utf-8")
    return environment.from_string(page).render(
        title=content.title,
        promoted=content.verdict.promote,
        decision=words.decision(content.verdict, content.evaluation),
        refusals=content.verdict.refusals,
        against_naive=words.against_naive(content.evaluation),
        points=words.points(
            content.evaluation, content.comparison, content.certificate, horizon_bars=content.plan.horizon_bars
        ),
        sections=_sections(content),
        charts=_charts(content, figures),
    )


def _charts(content: ReportContent, figures: Mapping[str, Figure]) -> dict[str, Chart]:
    told = captions(content.evaluation, content.comparison, content.trials, horizon_bars=content.plan.horizon_bars)
    return {name: Chart(name, data_address(figure), title_of(figure), told[name]) for name, figure in figures.items()}


def _sections(content: ReportContent) -> tuple[Section, ...]:
    evaluation, comparison = content.evaluation, content.comparison
    months = tables.months(evaluation)
    champion = (tables.champion(comparison),) if comparison else ()
    certificate = content.certificate
    return (
        Section("rules", "Rules of the gate", (tables.rules(content.verdict),)),
        Section(
            "direction", "Direction", (tables.directions(evaluation),), ("skill_over_time", "calibration"), (months,)
        ),
        Section("returns", "Expected return", (tables.returns(evaluation),)),
        Section("interval", "Interval", (tables.intervals(evaluation),), ("coverage_by_month", "residuals")),
        Section("trading", "Costs", (tables.outcomes(evaluation),), ("costs",), text=words.NO_PROMISE),
        Section(
            "champion", "Champion", champion, ("champion_against_challenger",), text=words.against_champion(comparison)
        ),
        Section("features", "Features", (), ("feature_importance",)),
        Section("study", "Study", (), ("study_history",), (tables.trials(content.trials),)),
        Section("certificate", "Leak certificate", (tables.certificate(certificate),), text=certificate.sentence),
        Section("data", "Data", (tables.facts("Training set", content.training_set_facts),)),
        Section(
            "plan",
            "Plan and parameters",
            (tables.record("Plan", content.plan), tables.record("Direction booster", content.params)),
        ),
    )
