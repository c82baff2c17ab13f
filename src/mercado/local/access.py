"""How this machine's own programs get past a platform's authentication: the API's key, and the log-in to MLflow."""

from typing import Any

import requests

from mercado.local.platform import Platform
from mercado.settings import log_in_to_mlflow

REQUEST_TIMEOUT_SECONDS = 30
KEY_HEADER = "X-API-Key"


def log_in(platform: Platform) -> None:
    """Let MLflow's client of this process log in to the platform's server, if that asks for it."""
    if platform.authenticates:
        log_in_to_mlflow(platform.values["MLFLOW_ADMIN_PASSWORD"])


def api_headers(platform: Platform) -> dict[str, str]:
    """Return the headers with which the platform's API answers."""
    key = platform.values["MERCADO_API_KEY"]
    return {KEY_HEADER: key} if key else {}


def ask_api(platform: Platform, path: str, **arguments: Any) -> requests.Response:
    """Return what the platform's API answers to ``GET path``.

    Raises:
        requests.RequestException: It does not answer within 30 s.
    """
    address = f"http://127.0.0.1:{platform.ports.api}{path}"
    return requests.get(address, headers=api_headers(platform), timeout=REQUEST_TIMEOUT_SECONDS, **arguments)
