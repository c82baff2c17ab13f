"""MLflow: who it lets in, by which names, and whether artifacts go through it."""

from collections.abc import Iterator, Sequence

import requests

from mercado.doctor.findings import Finding, judged
from mercado.doctor.target import Target
from mercado.environment import MLFLOW_ADMIN, WORKERS_ADDRESS

EXPERIMENTS = "/api/2.0/mlflow/experiments/search?max_results=100"
PROXIED = "mlflow-artifacts:"
FORBIDDEN, UNAUTHORISED = 403, 401


def check(target: Target) -> Iterator[Finding]:
    """Yield what is found of the tracking server."""
    yield hosts_finding(target)
    yield log_in_finding(target)
    answer = target.get("mlflow", EXPERIMENTS, auth=credentials(target))
    if answer.ok:
        yield artifacts_finding([each["artifact_location"] for each in answer.json().get("experiments", [])])
    else:
        problems = [f"the experiments cannot be read: HTTP {answer.status_code}"]
        remedy = f"{target.start}; {target.log('mlflow')}"
        yield judged("mlflow.artifacts", "artifacts", problems, healthy="", remedy=remedy)


def credentials(target: Target) -> tuple[str, str] | None:
    """Return user and password for MLflow, or ``None`` when it asks for none."""
    if not target.platform.authenticates:
        return None
    return MLFLOW_ADMIN, target.platform.values["MLFLOW_ADMIN_PASSWORD"]


def log_in_finding(target: Target) -> Finding:
    """Return whether MLflow lets in who has the settings' password, and with MERCADO_AUTH=on nobody else."""
    problems = []
    if target.get("mlflow", EXPERIMENTS, auth=credentials(target)).status_code == UNAUTHORISED:
        problems.append("the log-in of the settings is refused")
    closed = target.platform.authenticates
    if closed and target.get("mlflow", EXPERIMENTS).status_code != UNAUTHORISED:
        problems.append("MERCADO_AUTH is on, and everybody is let in")
    reached_by = target.platform.values[WORKERS_ADDRESS] or "this machine"
    healthy = "with its password alone" if closed else f"open to {reached_by} (MERCADO_AUTH=off)"
    remedy = f"Set MERCADO_AUTH and MLFLOW_ADMIN_PASSWORD as they were when MLflow started, then {target.restart}"
    return judged("mlflow.log-in", "log-in to MLflow", problems, healthy=healthy, remedy=remedy)


def hosts_finding(target: Target) -> Finding:
    """Return whether MLflow takes requests under every name that a client calls it by; its health check takes any."""
    port = target.platform.ports.mlflow
    names = [f"localhost:{port}", f"127.0.0.1:{port}", *(["mlflow:5000"] if target.in_containers else [])]
    refused = []
    for name in names:
        try:
            answer = target.get("mlflow", EXPERIMENTS, headers={"Host": name}, auth=credentials(target))
        except requests.RequestException as error:
            refused.append(f"no answer to {name} ({type(error).__name__})")
            continue
        if answer.status_code == FORBIDDEN:
            refused.append(f"{name} is refused with {FORBIDDEN}")
    remedy = f"Name it in MLFLOW_SERVER_ALLOWED_HOSTS of MLflow (exact, with port, or with a *): {target.restart}"
    return judged("mlflow.hosts", "MLflow's clients", refused, healthy=", ".join(names), remedy=remedy)


def artifacts_finding(locations: Sequence[str]) -> Finding:
    """Return whether every experiment keeps its artifacts behind the server, so that clients need only HTTP."""
    problems = [f"an experiment writes to {each}" for each in locations if not each.startswith(PROXIED)]
    remedy = "Start MLflow with --artifacts-destination and make a new experiment: an experiment keeps its place"
    return judged(
        "mlflow.artifacts", "artifacts", problems, healthy=f"{len(locations)} experiments, by the server", remedy=remedy
    )
