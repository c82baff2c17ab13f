"""``mercado doctor``: what a running platform looks like from outside, and what to do about what is wrong."""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import psycopg
import requests
from rich.table import Table

from mercado.cli.output import console
from mercado.errors import MercadoError, StaleDataError
from mercado.local.health import health_checks
from mercado.local.platform import DEMO, Platform
from mercado.local.ports import port_answers
from mercado.local.supervision import Supervisor
from mercado.sipsa.contract import OPERATIONS
from mercado.sipsa.ingest import require_fresh
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import require_current_schema

PACKAGES = ("apache-airflow", "mlflow", "optuna", "TA-Lib", "xgboost-cpu", "psycopg", "python-binance", "fastapi")
TIMEOUT_SECONDS = 5


@dataclass(frozen=True)
class Finding:
    """One thing that was checked.

    Attributes:
        subject: What.
        healthy: Whether it is as it should be.
        detail: What was seen.
        remedy: What to do when it is not.
    """

    subject: str
    healthy: bool
    detail: str
    remedy: str = ""


def examine(state: Path | None) -> int:
    """Print a table of findings; return 0 when all is well, else 1.

    Args:
        state: Folder of the demo to look at; ``None``: the checkout's demo when it runs, else the local platform.
    """
    platform = Platform.demo(state) if state else _running_platform()
    findings = [*_versions(), *_ports(platform), *_warehouse(platform), *_services(platform), _champion(platform)]
    table = Table(title=f"Platform '{platform.name}'", title_justify="left")
    for column in ("", "what", "seen", "what to do"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        mark = "[green]ok[/green]" if finding.healthy else "[red]FAULT[/red]"
        table.add_row(mark, finding.subject, finding.detail, "" if finding.healthy else finding.remedy)
    console.print(table)
    return 0 if all(finding.healthy for finding in findings) else 1


def _running_platform() -> Platform:
    demo = Platform.demo(DEMO)
    return demo if Supervisor(demo).running else Platform.local()


def _versions() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    yield Finding("Python", supported, python, "Use Python 3.11 to 3.13: make PYTHON=… setup")
    for package in PACKAGES:
        try:
            yield Finding(package, True, version(package))
        except PackageNotFoundError:
            yield Finding(package, False, "not installed", "make setup")


def _ports(platform: Platform) -> Iterator[Finding]:
    for variable, port in platform.ports.needed(simulated=platform.simulated).items():
        answers = port_answers(port)
        yield Finding(
            variable, answers, f"{port} {'answers' if answers else 'nothing listens'}", f"make {platform.name}"
        )


def _warehouse(platform: Platform) -> Iterator[Finding]:
    try:
        with connect(platform.database_url("warehouse"), application="mercado doctor") as connection:
            require_current_schema(connection)
            yield Finding("warehouse schema", True, "current")
            yield from _freshness(connection)
    except MercadoError as error:
        yield Finding("warehouse", False, str(error), f"make {platform.name}, which migrates it")


def _freshness(connection: psycopg.Connection) -> Iterator[Finding]:
    remedy = "Run the DAG dane_sipsa_prices_ingestion; `mercado sipsa contract` asks the service itself."
    for operation in OPERATIONS:
        try:
            yield Finding(operation.name, True, f"last day {require_fresh(connection, operation)}")
        except StaleDataError as error:
            yield Finding(operation.name, False, str(error), remedy)


def _services(platform: Platform) -> Iterator[Finding]:
    for name, check in health_checks(platform).items():
        healthy, log = check(), platform.logs / f"{name}.log"
        yield Finding(name, healthy, "healthy" if healthy else "not healthy", f"read {log}; make {platform.name}")


def _champion(platform: Platform) -> Finding:
    address = f"http://127.0.0.1:{platform.ports.api}/health/ready"
    remedy = "Run the DAG bitcoin_training_pipeline, or `mercado bitcoin train`."
    try:
        answer = requests.get(address, timeout=TIMEOUT_SECONDS)
        return Finding("served model", answer.ok, "champion loaded" if answer.ok else _detail(answer), remedy)
    except requests.RequestException as error:
        return Finding("served model", False, f"no answer from the API ({type(error).__name__})", remedy)


def _detail(answer: requests.Response) -> str:
    """Return what an answer of the API says is wrong; another program's answer is cited as it is."""
    try:
        return str(answer.json()["detail"])
    except (requests.JSONDecodeError, KeyError, TypeError):
        return f"not the API's answer: HTTP {answer.status_code} {answer.text[:80]!r}"
