"""Health of each service by its HTTP endpoint, and what its running processes are configured with."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

import requests

from mercado.doctor.environments import Component, components
from mercado.doctor.findings import Finding, Severity, judged
from mercado.doctor.target import Target
from mercado.local.programs import AIRFLOW_COMPONENTS

# One value on every component, or log-ins, logs and connections fail.
SHARED_SECRETS = ("AIRFLOW__CORE__FERNET_KEY", "AIRFLOW__API_AUTH__JWT_SECRET", "AIRFLOW__API__SECRET_KEY")
EXECUTORS = ("LocalExecutor", "CeleryExecutor")
MOST_WORKERS = 8
HEALTH_KEYS = {"api-server": "metadatabase", "dag-processor": "dag_processor"}


def check(target: Target) -> Iterator[Finding]:
    """Yield the health of each service, then what is found of their configuration."""
    yield from _airflow_health(target)
    yield _answers(target, "mlflow", "/health")
    yield _answers(target, "api", "/health/live")
    if target.platform.simulated:
        yield _answers(target, "simulators", "/api/v3/ping")
    found = components(target)
    airflow = [each for each in found if each.is_airflow]
    yield shared_secrets_finding(airflow, restart=target.restart)
    yield running_settings_finding(airflow, target.platform.values, restart=target.restart)
    yield airflow_settings_finding(airflow, remedy=f"Mend the setting where it comes from, then {target.restart}")
    yield mlflow_settings_finding([each for each in found if each.name == "mlflow"], remedy=target.restart)


def _airflow_health(target: Target) -> Iterator[Finding]:
    try:
        states = target.get("airflow", "/api/v2/monitor/health").json()
        trouble = ""
    except requests.RequestException as error:
        states, trouble = {}, f"no answer from the api-server ({type(error).__name__})"
    for component in AIRFLOW_COMPONENTS:
        said = states.get(HEALTH_KEYS.get(component, component)) or {}
        problems = [] if said.get("status") == "healthy" else [trouble or f"not healthy: no heartbeat lately ({said})"]
        service = "airflow-apiserver" if target.in_containers and component == "api-server" else f"airflow-{component}"
        remedy = f"{target.start}; {target.log(service)}"
        yield judged(f"health.airflow-{component}", service, problems, healthy="healthy", remedy=remedy)


def _answers(target: Target, service: str, path: str) -> Finding:
    try:
        answer = target.get(service, path)
        problems = [] if answer.ok else [f"{path} answers {answer.status_code}"]
    except requests.RequestException as error:
        problems = [f"no answer ({type(error).__name__})"]
    remedy = f"{target.start}; {target.log(service)}"
    return judged(f"health.{service}", service, problems, healthy="healthy", remedy=remedy)


def shared_secrets_finding(airflow: Sequence[Component], *, restart: str) -> Finding:
    """Return whether the secrets that every component of Airflow must share are the same on all."""
    problems = []
    for name in SHARED_SECRETS:
        owners: dict[str, list[str]] = {}
        for component in airflow:
            owners.setdefault(_digest(component.environment.get(name, "")), []).append(component.name)
        if len(owners) > 1:
            problems.append(f"{name} differs: {' / '.join(', '.join(names) for names in owners.values())}")
        problems += [f"{each.name} has no {name}" for each in airflow if not each.environment.get(name)]
    healthy = f"{len(SHARED_SECRETS)} secrets, the same on {len(airflow)} components"
    return judged("secrets.shared", "Airflow's secrets", problems, healthy=healthy, remedy=restart)


def running_settings_finding(airflow: Sequence[Component], values: Mapping[str, str], *, restart: str) -> Finding:
    """Return whether the processes still run with the secrets that the settings file states now."""
    outdated = {
        name
        for name in SHARED_SECRETS
        for component in airflow
        if _digest(component.environment.get(name, "")) != _digest(values.get(name, ""))
    }
    problems = [f"{name} in the settings is another than the one that Airflow runs with" for name in sorted(outdated)]
    remedy = f"Put the earlier value back, or take the new one up: {restart}"
    return judged("secrets.running", "settings in use", problems, healthy="as the settings say", remedy=remedy)


def airflow_settings_finding(airflow: Sequence[Component], *, remedy: str) -> Finding:
    """Return whether each component of Airflow has the configuration without which it fails or wastes memory."""
    problems = [f"{each.name}: {problem}" for each in airflow for problem in _airflow_problems(each.environment)]
    healthy = "auth manager, executor, workers, execution API and examples as they should be"
    if not airflow:
        problems = ["no component of Airflow runs"]
    return judged("airflow.settings", "Airflow's settings", problems, healthy=healthy, remedy=remedy)


def _airflow_problems(environment: Mapping[str, str]) -> Iterator[str]:
    if "fab" not in environment.get("AIRFLOW__CORE__AUTH_MANAGER", "").lower():
        yield "AIRFLOW__CORE__AUTH_MANAGER is not FAB's: passwords would lie in a plain file"
    if environment.get("AIRFLOW__CORE__EXECUTOR") not in EXECUTORS:
        yield f"AIRFLOW__CORE__EXECUTOR is none of {', '.join(EXECUTORS)}"
    workers = environment.get("AIRFLOW__CORE__PARALLELISM", "32")
    forks = environment.get("AIRFLOW__CORE__EXECUTOR") == "LocalExecutor"
    if forks and not (workers.isdigit() and 1 <= int(workers) <= MOST_WORKERS):
        yield f"AIRFLOW__CORE__PARALLELISM is {workers}: each worker takes 134 MB, so 1 to {MOST_WORKERS}"
    if environment.get("AIRFLOW__CORE__LOAD_EXAMPLES", "True").lower() != "false":
        yield "AIRFLOW__CORE__LOAD_EXAMPLES is not False"
    api = urlsplit(environment.get("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", ""))
    if not api.hostname or not api.path.startswith("/execution"):
        yield "AIRFLOW__CORE__EXECUTION_API_SERVER_URL is not http://HOST:PORT/execution/: tasks cannot report"
    if not environment.get("AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "").startswith("postgresql+psycopg2://"):
        yield "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN does not begin with postgresql+psycopg2://"


def mlflow_settings_finding(mlflow: Sequence[Component], *, remedy: str) -> Finding:
    """Return whether MLflow runs with few workers and without its job engine."""
    if not mlflow:
        return Finding("mlflow.settings", Severity.FAULT, "MLflow's settings", "MLflow does not run", remedy)
    (component,) = mlflow
    problems = []
    if component.environment.get("MLFLOW_SERVER_ENABLE_JOB_EXECUTION", "true").lower() != "false":
        problems.append("MLFLOW_SERVER_ENABLE_JOB_EXECUTION is not false: the job engine takes half a gigabyte")
    command = list(component.command)
    workers = command[command.index("--workers") + 1] if "--workers" in command[:-1] else "4"
    if not (workers.isdigit() and 1 <= int(workers) <= 2):
        problems.append(f"--workers is {workers}: 1 or 2 are enough")
    healthy = f"{workers} worker, no job engine"
    return judged(
        "mlflow.settings", "MLflow's settings", problems, healthy=healthy, remedy=remedy, severity=Severity.WARNING
    )


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
