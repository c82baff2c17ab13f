"""A look, kept: a run with its report in MLflow, rows in the warehouse."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Self

import psycopg

from mercado.bitcoin.mlflow_texts import (
    MONITORING_ABOUT,
    STEP_TAG,
    VERSION_TAG,
    airflow_link,
    series_name,
    series_tags,
)
from mercado.bitcoin.monitoring import words
from mercado.bitcoin.monitoring.finding import Finding
from mercado.bitcoin.monitoring.report import report_html
from mercado.bitcoin.monitoring.runs import record_finding
from mercado.registry import VERDICT_TAG
from mercado.tracking import TrackedRun

MONITORING_EXPERIMENT: Final = "bitcoin-forecaster-monitoring"
REPORT_FILE: Final = "report/monitoring.html"


@dataclass(frozen=True)
class Recorded:
    """A look that was kept.

    Attributes:
        monitoring_run_id: Its row in ``market_data.monitoring_runs``.
        verdict: What was found.
        retraining: What follows from it.
        reason: Why.
        report: Address of the report.
    """

    monitoring_run_id: int
    verdict: str
    retraining: str
    reason: str
    report: str

    @classmethod
    def of(cls, values: dict[str, Any]) -> Self:
        """Return what ``asdict`` made ``values`` from; what else is there is left aside."""
        return cls(**{field.name: values[field.name] for field in fields(cls)})


def record(
    connection: psycopg.Connection,
    tracking_uri: str,
    finding: Finding,
    *,
    started_by: str,
    ui_url: str,
    tags: Mapping[str, str] | None = None,
) -> Recorded:
    """Log a look and its report to MLflow, then store it; the rows come last, so that a stored look has its report.

    Args:
        connection: Open, owned by the caller.
        tracking_uri: The MLflow server.
        finding: The look.
        started_by: Who asked; an earlier look of the same is replaced.
        ui_url: MLflow's address for a person's browser.
        tags: Of the run, besides those that every look's has: who started it.

    Raises:
        ServiceUnavailableError: MLflow does not answer.
    """
    stated = _tags(finding) | {"started_by": started_by} | dict(tags or {})
    run = TrackedRun.start(
        tracking_uri,
        experiment=MONITORING_EXPERIMENT,
        name=_name(finding),
        note=words.headline(finding),
        about=MONITORING_ABOUT,
        tags=stated,
    )
    with run.step():
        run.log(params=_params(finding), metrics=_metrics(finding))
        run.log_text(report_html(finding), REPORT_FILE)
        report = ui_url + run.link(REPORT_FILE)
        reasons = " ".join(finding.verdict.reasons)
        said = f"{words.headline(finding)} {reasons}{airflow_link(stated)}"
        run.describe(f"[The report]({run.link(REPORT_FILE).removeprefix('/')}). {said}")
        number = record_finding(connection, finding, started_by=started_by, report=report)
        run.end()
    return Recorded(
        monitoring_run_id=number,
        verdict=finding.verdict.state.value,
        retraining=finding.decision.retraining.value,
        reason=finding.decision.reason,
        report=report,
    )


def _name(finding: Finding) -> str:
    series = finding.series
    watched = series_name(series.symbol, series.interval.value, series.horizon_bars)
    state = finding.verdict.state.value
    return f"watch {watched} {finding.looked_at:%Y-%m-%d %H:%M} · version {finding.version.version} · {state}"


def _tags(finding: Finding) -> dict[str, str]:
    series = finding.series
    return series_tags(series.symbol, series.interval.value, series.horizon_bars) | {
        STEP_TAG: "monitoring",
        VERSION_TAG: str(finding.version.version),
        VERDICT_TAG: finding.verdict.state.value,
        "retraining": finding.decision.retraining.value,
    }


def _params(finding: Finding) -> dict[str, str]:
    return {
        "symbol": finding.series.symbol,
        "interval": finding.series.interval.value,
        "horizon_bars": str(finding.series.horizon_bars),
        "model_version": str(finding.version.version),
        "verdict": finding.verdict.state.value,
        "retraining": finding.decision.retraining.value,
    }


def _metrics(finding: Finding) -> dict[str, float]:
    """Return what is known of the champion; what is unknown is no metric."""
    known: dict[str, float] = {}
    for each in finding.performances:
        if each.model_version == finding.version.version:
            prefix = f"{each.kind}.{each.days}_days"
            known[f"{prefix}.rows"] = each.row_count
            values = {name: figure.value for name, figure in each.figures().items()}
            known |= {f"{prefix}.{name}": value for name, value in values.items() if value is not None}
    for window in finding.windows:
        if window.is_known:
            known[f"drift.{window.days}_days.features_share"] = window.drifted_share
            known |= {f"psi.{window.days}_days.{each.feature}": each.psi or 0.0 for each in window.features}
    return known
