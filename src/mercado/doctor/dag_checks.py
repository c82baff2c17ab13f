"""Airflow's DAGs: the log-in, import errors, what is paused, and how the last runs ended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mercado.doctor.findings import Finding, Severity, judged
from mercado.doctor.sessions import cluster_made_at
from mercado.doctor.target import Target
from mercado.errors import ConfigurationError, ServiceUnavailableError
from mercado.local.airflow_api import AirflowApi
from mercado.local.platform import REPOSITORY

DAG_FILES = REPOSITORY / "airflow" / "dags"
SLOW_PARSE_SECONDS = 2.0
DAY, WEEK = timedelta(hours=26), timedelta(days=8)
# How long after a success the next is due, by its schedule and two hours' or a day's grace; the others wait for events.
DUE = {
    "bitcoin_data_ingestion": DAY,
    "dane_sipsa_prices_ingestion": DAY,
    "prediction_monitoring": DAY,
    "platform_maintenance": WEEK,
}


@dataclass(frozen=True)
class Runs:
    """How a DAG ran.

    Attributes:
        latest: Its newest run as Airflow's API states it; ``None``: it never ran.
        succeeded_at: When a run last ended well, UTC; ``None``: never.
        failed_tasks: Those of the newest run.
        link: Of the newest run in Airflow's UI.
    """

    latest: Mapping[str, Any] | None
    succeeded_at: datetime | None
    failed_tasks: Sequence[str]
    link: str


def check(target: Target) -> Iterator[Finding]:
    """Yield what is found of Airflow's DAGs, as its administrator sees them."""
    try:
        airflow = target.airflow()
    except ConfigurationError as error:
        remedy = "Put the password that you changed in the UI into AIRFLOW_ADMIN_PASSWORD of the settings"
        yield Finding("airflow.log-in", Severity.FAULT, "log-in to Airflow", str(error), remedy)
        return
    except ServiceUnavailableError as error:
        remedy = f"{target.start}; {target.log('airflow-apiserver' if target.in_containers else 'airflow-api-server')}"
        said = f"no answer ({type(error.__cause__).__name__})"
        yield Finding("airflow.log-in", Severity.FAULT, "log-in to Airflow", said, remedy)
        return
    yield Finding("airflow.log-in", Severity.OK, "log-in to Airflow", target.platform.values["AIRFLOW_ADMIN_USER"])
    dags = {dag["dag_id"]: dag for dag in airflow.ask("GET", "/api/v2/dags?limit=100")["dags"]}
    yield import_finding(airflow.ask("GET", "/api/v2/importErrors")["import_errors"])
    expected = sorted(file.stem for file in DAG_FILES.glob("[!_]*.py"))
    yield listed_finding(expected, list(dags))
    yield paused_finding(dags.values())
    yield parse_finding(dags.values())
    made_at = cluster_made_at(target.platform)
    for dag_id in filter(dags.__contains__, expected):
        yield run_finding(dag_id, _runs(airflow, target, dag_id), now=target.now, made_at=made_at)


def import_finding(errors: Sequence[Mapping[str, Any]]) -> Finding:
    """Return whether every DAG file can be imported."""
    problems = [f"{each['filename']}: {each['stack_trace'].strip().splitlines()[-1]}" for each in errors]
    remedy = "Mend the file: Airflow's UI, Dags, Import Errors has the traceback"
    return judged("dags.import", "DAG files", problems, healthy="no import error", remedy=remedy)


def listed_finding(expected: Sequence[str], listed: Sequence[str]) -> Finding:
    """Return whether every DAG that the checkout has is known to Airflow."""
    problems = [f"{dag_id} is not listed" for dag_id in expected if dag_id not in listed]
    remedy = "See dags.import, then the dag-processor's log; an older image is built anew by make up"
    return judged("dags.listed", "DAGs", problems, healthy=f"{len(expected)} listed", remedy=remedy)


def paused_finding(dags: Any) -> Finding:
    """Return whether no DAG is paused."""
    problems = [f"{dag['dag_id']} is paused" for dag in dags if dag["is_paused"]]
    remedy = "Switch it on in Airflow's UI, Dags, the toggle in its row"
    return judged("dags.paused", "paused DAGs", problems, healthy="none", remedy=remedy, severity=Severity.WARNING)


def parse_finding(dags: Any, *, slow_seconds: float = SLOW_PARSE_SECONDS) -> Finding:
    """Return whether every DAG file is parsed quickly: a slow one costs that time twice a minute."""
    seconds = {dag["dag_id"]: dag["last_parse_duration"] or 0.0 for dag in dags}
    problems = [f"{dag_id} takes {spent:.1f} s" for dag_id, spent in seconds.items() if spent > slow_seconds]
    healthy = f"at most {max(seconds.values(), default=0):.1f} s"
    remedy = "Import heavy libraries inside the tasks, not at the top of the DAG file"
    return judged("dags.parse", "parsing", problems, healthy=healthy, remedy=remedy, severity=Severity.WARNING)


def run_finding(dag_id: str, runs: Runs, *, now: datetime, made_at: datetime) -> Finding:
    """Return whether a DAG's newest run ended well, and whether one did as lately as its schedule says.

    Args:
        dag_id: The DAG.
        runs: How it ran.
        now: UTC.
        made_at: When the platform was made: what was not due yet is not missed.
    """
    remedy = f"Trigger {dag_id} in Airflow's UI"
    if runs.latest is not None and runs.latest["state"] == "failed":
        failed = f"the run of {runs.latest['run_after']:.16} failed in {', '.join(runs.failed_tasks) or 'no task'}"
        return Finding("dags.run", Severity.WARNING, dag_id, failed, f"Read the failed task's log: {runs.link}")
    due = DUE.get(dag_id)
    since = runs.succeeded_at or made_at
    if due is not None and now - since > due:
        detail = f"last success {runs.succeeded_at:%Y-%m-%d %H:%M} UTC" if runs.succeeded_at else "never succeeded"
        return Finding("dags.run", Severity.WARNING, dag_id, f"{detail}; due every {_words(due)}", remedy)
    detail = f"last success {runs.succeeded_at:%Y-%m-%d %H:%M} UTC" if runs.succeeded_at else "no run yet"
    if runs.succeeded_at is None and due is not None:
        detail += f"; the first is due by {made_at + due:%Y-%m-%d %H:%M} UTC"
    return Finding("dags.run", Severity.OK, dag_id, detail)


def _words(due: timedelta) -> str:
    return "day" if due == DAY else "week"


def _runs(airflow: AirflowApi, target: Target, dag_id: str) -> Runs:
    path = f"/api/v2/dags/{dag_id}/dagRuns?order_by=-run_after&limit=1"
    newest = airflow.ask("GET", path)["dag_runs"]
    good = airflow.ask("GET", f"{path}&state=success")["dag_runs"]
    latest = newest[0] if newest else None
    failed: list[str] = []
    link = ""
    if latest is not None:
        run_id = latest["dag_run_id"]
        link = f"http://localhost:{target.platform.ports.airflow}/dags/{dag_id}/runs/{run_id}"
        if latest["state"] == "failed":
            failed = [task for task, state in airflow.tasks(dag_id, run_id).items() if state == "failed"]
    ended = datetime.fromisoformat(good[0]["end_date"]) if good and good[0]["end_date"] else None
    return Runs(latest, ended, failed, link)
