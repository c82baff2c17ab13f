"""What must be the same after everything was lost and a backup restored, whatever the platform runs on."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import requests
from pydantic import SecretStr

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.store import read_candles
from mercado.errors import ConfigurationError
from mercado.local.waiting import wait_until
from mercado.maintenance.backups import DATABASES
from mercado.maintenance.snapshots import row_counts
from mercado.settings import postgres_url
from mercado.warehouse.connection import connect
from tests.demo import Airflow, Demo

COLUMNS = ("open_time_ms", "open", "high", "low", "close", "volume")
VARIABLE = "sipsa_retry_delay_minutes"
# What a running Airflow writes by itself, and MLflow and the API when they are asked.
MOVES = ("asset_", "callback", "dag", "deadline", "job", "log", "serialized_dag", "session", "task_", "trigger", "ab_")
REQUEST_SECONDS = 30


@dataclass(frozen=True)
class Seen:
    """What a platform answers and holds.

    Attributes:
        prediction: The answer to fixed candles, every number as it was sent.
        model: The version and run that are served.
        rows: Rows by database and table, of those tables that do not move by themselves.
    """

    prediction: Any
    model: tuple[Any, ...]
    rows: dict[str, int]


def fixed_candles(demo: Demo) -> dict[str, Any]:
    """Return a request that asks for the forecast after the demo's newest candles, whatever comes later."""
    with connect(demo.platform.database_url("warehouse")) as connection:
        series = read_candles(connection, "BTCUSDT", CandleInterval.ONE_HOUR, last=1000)
    candles = {name: getattr(series, name).tolist() for name in COLUMNS}
    return {"symbol": "BTCUSDT", "interval": "1h", "candles": candles}


def seen(demo: Demo, request: dict[str, Any]) -> Seen:
    """Return what a demo answers and holds; it may need a moment until it serves the champion."""
    wait_until(lambda: demo.api("/health/ready").ok, seconds=60, problem=lambda: demo.api("/health/ready").text)
    answer = requests.post(f"http://127.0.0.1:{demo.platform.ports.api}/predict", json=request, timeout=REQUEST_SECONDS)
    assert answer.status_code == 200, answer.text
    served = demo.api("/model").json()
    return Seen(answer.json(), (served["version"], served["run_id"]), dict(_rows(demo)))


def log_in(demo: Demo, password: str) -> Airflow:
    """Return a session of the administrator, who must be let in with ``password``."""
    platform = demo.platform
    user = platform.values["AIRFLOW_ADMIN_USER"]
    return Airflow(f"http://127.0.0.1:{platform.ports.airflow}", user=user, password=password)


def log_in_is_refused(demo: Demo, password: str) -> bool:
    """Return whether the administrator is turned away with ``password``."""
    try:
        log_in(demo, password)
    except ConfigurationError:
        return True
    return False


def _rows(demo: Demo) -> Iterator[tuple[str, int]]:
    platform = demo.platform
    for role in DATABASES:
        url = postgres_url(
            user="backup_reader",
            password=SecretStr(platform.values["BACKUP_READER_PASSWORD"]),
            port=platform.ports.postgres,
            database=platform.database_names[role],
        )
        with connect(url) as connection:
            for table, count in row_counts(connection).items():
                if role != "airflow" or not table.removeprefix("public.").startswith(MOVES):
                    yield f"{role} {table}", count
