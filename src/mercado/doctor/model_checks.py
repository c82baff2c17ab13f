"""The served model: the registry's champion, ready, its monitoring and its prediction log."""

import re
from collections.abc import Iterator
from typing import Any

import requests

from mercado.doctor.findings import Finding, Severity, judged
from mercado.doctor.mlflow_checks import credentials
from mercado.doctor.sessions import connect_briefly
from mercado.doctor.target import Target
from mercado.registry import CHAMPION

ALIAS = "/api/2.0/mlflow/registered-models/alias"
LOST = re.compile(r'^mercado_api_predictions_dropped_total\{reason="([^"]+)"\} ([0-9.e+]+)$', re.MULTILINE)
LATEST_VERDICT = """
    select model_version, verdict, array_to_string(reasons, ' '), report from market_data.monitoring_runs
    where model_name = %s order by monitoring_run_id desc limit 1
"""
NO_REMEDY_NEEDED = ("healthy", "unknown")


def check(target: Target) -> Iterator[Finding]:
    """Yield what is found of the served model."""
    champion = _champion(target)
    train = "Trigger bitcoin_training_pipeline in Airflow; mercado model list tells why none was promoted"
    problems = [] if champion else ["no version has the alias champion"]
    yield judged("model.champion", "champion", problems, healthy=f"version {champion}", remedy=train)
    headers = {"X-API-Key": key} if (key := target.platform.values.get("MERCADO_API_KEY")) else {}
    try:
        ready = target.get("api", "/health/ready", headers=headers)
        yield ready_finding(ready.status_code, ready.json(), champion, remedy=f"{train}; {target.log('api')}")
        yield lost_finding(target.get("api", "/metrics", headers=headers).text, remedy=target.log("api"))
    except requests.RequestException as error:
        yield Finding(
            "model.served",
            Severity.FAULT,
            "served model",
            f"no answer from the API ({type(error).__name__})",
            f"{target.start}; {target.log('api')}",
        )
    yield _monitoring_finding(target)


def _champion(target: Target) -> int | None:
    name = target.platform.values["MERCADO_API_MODEL"]
    answer = target.get("mlflow", ALIAS, params={"name": name, "alias": CHAMPION}, auth=credentials(target))
    return int(answer.json()["model_version"]["version"]) if answer.ok else None


def ready_finding(status: int, answer: dict[str, Any], champion: int | None, *, remedy: str) -> Finding:
    """Return whether the API serves the champion, and says of itself that nothing is wrong.

    Args:
        status: HTTP status of ``GET /health/ready``.
        answer: Its JSON.
        champion: The version that MLflow's registry names.
        remedy: What to do.
    """
    if status != requests.codes.ok:
        said = str(answer.get("detail", f"HTTP {status}"))
        return Finding("model.served", Severity.FAULT, "served model", said, remedy)
    version = answer["model"]["version"]
    problems = [] if version == champion else [f"version {version} is served, but the champion is {champion or 'none'}"]
    if failure := answer.get("pending_failure"):
        problems.append(f"version {failure['version']} cannot be served: {failure['reason']}")
    problems += [str(answer[name]) for name in ("notice", "warehouse") if answer.get(name)]
    return judged(
        "model.served",
        "served model",
        problems,
        healthy=f"version {version}, the champion; its golden answers were right",
        remedy=remedy,
        severity=Severity.FAULT if version != champion else Severity.WARNING,
    )


def lost_finding(metrics: str, *, remedy: str) -> Finding:
    """Return whether every prediction was stored that should be, by the API's own count since its start.

    Args:
        metrics: What ``GET /metrics`` answers.
        remedy: How its log is read.
    """
    problems = [f"{float(count):,.0f} not stored: {reason}" for reason, count in LOST.findall(metrics) if float(count)]
    return judged(
        "model.prediction-log",
        "prediction log",
        problems,
        healthy="nothing lost",
        remedy=f"See to the warehouse (make doctor), then {remedy}; the count begins anew when the API starts",
        severity=Severity.WARNING,
    )


def _monitoring_finding(target: Target) -> Finding:
    with connect_briefly(target.platform.database_url("warehouse")) as connection:
        row = connection.execute(LATEST_VERDICT, (target.platform.values["MERCADO_API_MODEL"],)).fetchone()
    if row is None:
        return Finding(
            "model.monitoring", Severity.OK, "monitoring", "no look at it yet: prediction_monitoring is daily"
        )
    version, verdict, reasons, report = row
    problems = [] if verdict in NO_REMEDY_NEEDED else [f"version {version}: {verdict}: {reasons}"]
    remedy = f"Read the report ({report}); bitcoin_training_pipeline trains anew"
    return judged(
        "model.monitoring",
        "monitoring",
        problems,
        healthy=f"version {version}: {verdict}",
        remedy=remedy,
        severity=Severity.WARNING,
    )
