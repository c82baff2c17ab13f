"""Looks at models as rows of the warehouse, and when a training was last started."""

from datetime import UTC, datetime
from typing import Any

import mlflow
import psycopg

from mercado.bitcoin.monitoring.drift import FeatureDrift, WindowDrift
from mercado.bitcoin.monitoring.finding import Finding, UnknownTruths, WatchedSeries
from mercado.bitcoin.monitoring.rules import Retraining, State
from mercado.bitcoin.monitoring.truth import PACKAGE
from mercado.bitcoin.predictions import utc
from mercado.bitcoin.training_job import EXPERIMENT
from mercado.registry import ModelVersion
from mercado.tracking import FAILED, mlflow_errors
from mercado.warehouse.connection import sql

FORGET = "delete from market_data.monitoring_runs where started_by = %s"
# Of the newest trainings, those that failed are passed over.
_TRAININGS_LOOKED_AT = 20


def record_finding(connection: psycopg.Connection, finding: Finding, *, started_by: str, report: str | None) -> int:
    """Store a look with its figures, in one transaction, in place of an earlier one of the same ``started_by``.

    Returns:
        Its id.
    """
    longest = finding.longest_window
    values = _of_series(finding.series, started_by, finding.looked_at) | {
        "model_version": finding.version.version,
        "run_id": finding.version.run_id,
        "candles_until_utc": utc(finding.until_ms),
        "missing_share": longest.missing_share if longest else None,
        "missing_share_limit": longest.missing_limit if longest else None,
        "verdict": finding.verdict.state.value,
        "reasons": list(finding.verdict.reasons),
        "retraining": finding.decision.retraining.value,
        "retraining_reason": finding.decision.reason,
        "report": report,
    }
    with connection.transaction(), connection.cursor() as cursor:
        run_id = _record_run(cursor, values)
        of_run = {"monitoring_run_id": run_id}
        cursor.executemany(sql(PACKAGE, "record_figure"), [row | of_run for row in _figures(finding)])
        cursor.executemany(sql(PACKAGE, "record_drift"), [row | of_run for row in _drifts(finding)])
    return run_id


def record_no_model(
    connection: psycopg.Connection, series: WatchedSeries, reason: str, *, started_by: str, now: datetime
) -> int:
    """Store that there was no champion to look at; return the look's id."""
    values = _of_series(series, started_by, now) | {
        "model_version": None,
        "run_id": None,
        "candles_until_utc": None,
        "missing_share": None,
        "missing_share_limit": None,
        "verdict": State.UNKNOWN.value,
        "reasons": [reason],
        "retraining": Retraining.NO_MODEL.value,
        "retraining_reason": "There is no champion, so there is nothing to watch.",
        "report": None,
    }
    with connection.transaction(), connection.cursor() as cursor:
        return _record_run(cursor, values)


def latest_retraining(connection: psycopg.Connection, series: WatchedSeries, *, started_by: str) -> datetime | None:
    """Return when another look last started a training of the series, or ``None``."""
    values = {"model_name": series.model_name, "started_by": started_by}
    row = connection.execute(sql(PACKAGE, "latest_retraining"), values).fetchone()
    return row[0] if row else None


def latest_training(tracking_uri: str, series: WatchedSeries) -> datetime | None:
    """Return when a training of the series last began that has not failed, by MLflow, or ``None``."""
    with mlflow_errors(tracking_uri):
        client = mlflow.MlflowClient(tracking_uri)
        experiment = client.get_experiment_by_name(EXPERIMENT)
        if experiment is None:
            return None
        runs = client.search_runs(
            [experiment.experiment_id],
            f"params.symbol = '{series.symbol}' and params.interval = '{series.interval.value}' "
            f"and params.horizon_bars = '{series.horizon_bars}'",
            max_results=_TRAININGS_LOOKED_AT,
            order_by=["attributes.start_time DESC"],
        )
    began = (run.info.start_time for run in runs if run.info.status != FAILED)
    newest = next(began, None)
    return None if newest is None else datetime.fromtimestamp(newest / 1000, UTC)


def unknown_truths(
    connection: psycopg.Connection, version: ModelVersion, *, start_ms: int, end_ms: int
) -> UnknownTruths:
    """Return how many forecasts of a version, whose candle closed in ``(start_ms, end_ms]``, nobody can judge."""
    values = {
        "model_name": version.name,
        "model_version": version.version,
        "run_id": version.run_id,
        "start_ms": start_ms,
        "end_ms": end_ms,
    }
    row = connection.execute(sql(PACKAGE, "unknown_truths"), values).fetchone()
    return UnknownTruths(*row) if row else UnknownTruths()


def _of_series(series: WatchedSeries, started_by: str, now: datetime) -> dict[str, Any]:
    return {
        "started_by": started_by,
        "monitored_at_utc": now,
        "symbol": series.symbol,
        "interval": series.interval.value,
        "horizon_bars": series.horizon_bars,
        "model_name": series.model_name,
    }


def _record_run(cursor: psycopg.Cursor, values: dict[str, Any]) -> int:
    cursor.execute(FORGET, (values["started_by"],))
    row = cursor.execute(sql(PACKAGE, "record_run"), values).fetchone()
    assert row is not None  # noqa: S101  `returning` always answers
    return int(row[0])


def _figures(finding: Finding) -> list[dict[str, Any]]:
    return [
        {
            "model_version": each.model_version,
            "window_days": each.days,
            "kind": each.kind,
            "figure": name,
            "row_count": each.row_count,
            **vars(figure),
        }
        for each in finding.performances
        for name, figure in each.figures().items()
    ]


def _drifts(finding: Finding) -> list[dict[str, Any]]:
    return [_drift(window, feature) for window in finding.windows for feature in window.features]


def _drift(window: WindowDrift, feature: FeatureDrift) -> dict[str, Any]:
    return {
        "window_days": window.days,
        "feature": feature.feature,
        "psi": feature.psi,
        "psi_limit": feature.limits.psi,
        "distance": feature.distance,
        "distance_limit": feature.limits.distance,
        "row_count": window.row_count,
        "drifted": feature.drifted,
    }
