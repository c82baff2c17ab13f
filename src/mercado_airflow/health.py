"""Whether an Airflow component is healthy, as the api-server sees it: ``python -m mercado_airflow.health scheduler``.

A container's health check: it imports nothing but the standard library, where ``airflow jobs check`` takes a second of
CPU each time. The components are ``metadatabase``, ``scheduler``, ``dag_processor`` and ``triggerer``.
"""

import json
import os
import sys
from urllib.parse import urlsplit
from urllib.request import ProxyHandler, build_opener

TIMEOUT_SECONDS = 4


def is_healthy(component: str, api_server: str) -> bool:
    """Return whether the api-server at an address says that a component is healthy."""
    opener = build_opener(ProxyHandler({}))
    with opener.open(f"{api_server}/api/v2/monitor/health", timeout=TIMEOUT_SECONDS) as answer:
        return bool(json.load(answer)[component]["status"] == "healthy")


def main() -> None:
    """Exit with 0 when the component named on the command line is healthy, else with 1."""
    stated = urlsplit(os.environ["AIRFLOW__CORE__EXECUTION_API_SERVER_URL"])
    try:
        healthy = is_healthy(sys.argv[1], f"{stated.scheme}://{stated.netloc}")
    except OSError as error:
        sys.exit(f"The api-server does not answer: {error}")
    sys.exit(None if healthy else f"{sys.argv[1]} is not healthy")


if __name__ == "__main__":
    main()
