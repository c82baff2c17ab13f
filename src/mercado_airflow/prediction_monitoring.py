"""The tasks of ``prediction_monitoring``: each opens its resources, makes one step, and names its result.

The DAG's file imports this module, and is parsed every half minute: what is heavy is imported when a task runs.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from mercado.series import Series
from mercado_airflow import links
from mercado_airflow.assets import LOOKS, OUTCOMES, PREDICTIONS, wrote
from mercado_airflow.notes import note, plain

if TYPE_CHECKING:
    from mercado.bitcoin.monitoring.monitor import Monitor

log = logging.getLogger(__name__)
DAG_ID = "prediction_monitoring"
TRAINING = "bitcoin_training_pipeline"


def join_truth(series: str, params: dict[str, Any] | None = None) -> dict[str, int]:
    """Write down what came true of every prediction whose candle has closed; return how many outcomes are new."""
    with _monitor("join truth", series, params or {}) as monitor:
        counts = monitor.join()
    log.info("%d outcomes are new, %d were revised", counts.inserted, counts.updated)
    wrote(OUTCOMES, **asdict(counts))
    note(f"**{counts.inserted:,} outcomes** are new in `{OUTCOMES.name}`; {counts.updated:,} follow a revised candle.")
    return asdict(counts)


def replay(series: str, params: dict[str, Any] | None = None, run_id: str | None = None) -> int:
    """Store what the champion would have forecast where nobody asked it; be skipped when there is no champion."""
    from datetime import UTC, datetime

    from airflow.sdk.exceptions import AirflowSkipException

    from mercado.bitcoin.monitoring.runs import record_no_model
    from mercado.errors import ModelNotReadyError

    with _monitor("replay", series, params or {}) as monitor:
        try:
            count = monitor.replay()
        except ModelNotReadyError as error:
            key = _started_by(run_id, series)
            record_no_model(monitor.connection, monitor.series, str(error), started_by=key, now=datetime.now(UTC))
            raise AirflowSkipException(f"There is nothing to watch. {error}") from error
    log.info("%d forecasts replayed", count)
    wrote(PREDICTIONS, inserted=count)
    note(f"**{count:,} forecasts** that nobody had asked for are in `{PREDICTIONS.name}`, replayed by the champion.")
    return count


def judge(series: str, params: dict[str, Any] | None = None, run_id: str | None = None) -> dict[str, Any]:
    """Measure drift and skill, decide, write the report; return verdict, decision and where the report is."""
    from datetime import UTC, datetime

    from mercado.bitcoin.monitoring.record import record
    from mercado.bitcoin.monitoring.words import headline, lines
    from mercado.settings import TrackingSettings

    key = _started_by(run_id, series)
    with _monitor("judge", series, params or {}) as monitor:
        finding = monitor.look(started_by=key, now=datetime.now(UTC))
        ui_url = TrackingSettings.read().ui_url()
        tags = links.dag_run_tags(DAG_ID, run_id or "")
        kept = record(monitor.connection, monitor.tracking_uri, finding, started_by=key, ui_url=ui_url, tags=tags)
    for line in lines(finding):
        log.log(logging.WARNING if finding.verdict.alarms else logging.INFO, "%s", line)
    log.info("Report: %s", kept.report)
    wrote(LOOKS, monitoring_run_id=kept.monitoring_run_id, verdict=kept.verdict, retraining=kept.retraining)
    note(
        f"**{plain(headline(finding))}** {plain(' '.join(finding.verdict.reasons))}",
        f"Retraining {kept.retraining.replace('_', ' ')}: {plain(kept.reason)}",
        f"[The report]({kept.report}) · look {kept.monitoring_run_id} in `{LOOKS.name}`",
    )
    return asdict(kept)


def decide(series: str, judged: dict[str, Any], params: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the Params of the training that is to be started; be skipped when none is."""
    from airflow.sdk.exceptions import AirflowSkipException

    from mercado.bitcoin.monitoring.rules import Retraining

    if judged["retraining"] != Retraining.STARTED:
        raise AirflowSkipException(f"Retraining {judged['retraining'].replace('_', ' ')}: {judged['reason']}")
    log.info("Retraining of %s starts: %s", series, judged["reason"])
    named = Series.of(series)
    return {
        "symbol": named.symbol,
        "interval": named.interval.value,
        "horizon_bars": params["horizon_bars"] if params else None,
    }


def _started_by(run_id: str | None, series: str) -> str:
    return f"airflow {DAG_ID} {run_id} {series}"


@contextmanager
def _monitor(step: str, series: str, params: dict[str, Any]) -> Iterator["Monitor"]:
    from mercado.bitcoin.monitoring.finding import WatchedSeries
    from mercado.bitcoin.monitoring.monitor import Monitor
    from mercado.bitcoin.monitoring.rules import MonitoringRules
    from mercado.settings import MonitoringSettings, TrackingSettings, TrainingSettings
    from mercado_airflow.warehouse import warehouse_connection

    horizon_bars = params["horizon_bars"] or TrainingSettings.read().horizon_bars
    named = Series.of(series)
    watched = WatchedSeries(named.symbol, named.interval, horizon_bars)
    rules = MonitoringRules(**MonitoringSettings.read().model_dump())
    windows_days = tuple(sorted(set(params["windows_days"])))
    with warehouse_connection(f"prediction monitoring {step}") as connection:
        yield Monitor(connection, TrackingSettings.read().resolved_uri(), watched, rules, windows_days)
