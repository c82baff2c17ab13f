"""Whether each service of a local platform is healthy, by its own HTTP health endpoint."""

from collections.abc import Callable
from functools import partial
from typing import Any

import requests

from mercado.local.platform import Platform
from mercado.local.programs import AIRFLOW_COMPONENTS

REQUEST_TIMEOUT_SECONDS = 5


def health_checks(platform: Platform) -> dict[str, Callable[[], bool]]:
    """Return for each service a function that tells whether it is healthy now."""
    ports = platform.ports
    checks: dict[str, Callable[[], bool]] = {
        "mlflow": lambda: _answers(f"http://127.0.0.1:{ports.mlflow}/health"),
        "api": lambda: _answers(f"http://127.0.0.1:{ports.api}/health/live"),
    }
    for component in AIRFLOW_COMPONENTS:
        checks[f"airflow-{component}"] = partial(_airflow_healthy, ports.airflow, component)
    if platform.simulated:
        checks["simulators"] = lambda: _answers(f"http://127.0.0.1:{ports.simulators}/api/v3/ping")
    return checks


def _answers(url: str) -> bool:
    try:
        return requests.get(url, timeout=REQUEST_TIMEOUT_SECONDS).ok
    except requests.RequestException:
        return False


def _airflow_healthy(port: int, component: str) -> bool:
    try:
        answer = requests.get(f"http://127.0.0.1:{port}/api/v2/monitor/health", timeout=REQUEST_TIMEOUT_SECONDS)
        states: dict[str, Any] = answer.json() if answer.ok else {}
    except requests.RequestException:
        return False
    key = {"api-server": "metadatabase", "dag-processor": "dag_processor"}.get(component, component)
    return (states.get(key) or {}).get("status") == "healthy"
