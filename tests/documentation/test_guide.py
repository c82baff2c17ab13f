"""The guide "add your own", followed from its first line to its last in the clone whose demo runs."""

import os
import signal
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from mercado.local.access import ask_api
from mercado.local.airflow_api import AirflowApi
from mercado.local.platform import Platform
from mercado.local.waiting import wait_until
from tests.documentation.clone import Clone
from tests.documentation.pages import Command
from tests.documentation.registry import Run
from tests.documentation.shapes import missing_lines
from tests.documentation.steps import Query, WriteFile, steps
from tests.ports import free_port

pytestmark = pytest.mark.timeout(1200)
PAGE = "docs/guides/add-your-own.md"
DAG = "exchange_rates_ingestion"
# The guide's own server; another program may have its port on this machine.
PORT = "8077"


@pytest.fixture(scope="module")
def followed(clone: Clone) -> Iterator[Clone]:
    """Yield the clone after every step; where the guide says *Trigger*, which is before its query, that is done."""
    port = str(free_port())
    for step in steps(PAGE):
        if isinstance(step, WriteFile):
            file = clone.folder / step.path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(step.text.replace(PORT, port), encoding="utf-8")
        elif isinstance(step, Query):
            run_twice(clone)
            assert len(clone.ask(step.text)) == 4
        else:
            type_step(clone, step, port)
    yield clone
    stop_servers(clone)


def type_step(clone: Clone, step: Command, port: str) -> None:
    """Type a command; it ends well and prints what the guide shows."""
    finished = clone.type(Run(step.text.replace(PORT, port), seconds=600))
    assert finished.returncode == 0, f"{step.text}\n{finished.stdout}\n{finished.stderr}"
    if step.output:
        assert missing_lines(step.output, finished.stdout) == [], finished.stdout


def airflow_of(demo: Platform) -> AirflowApi:
    user, password = demo.values["AIRFLOW_ADMIN_USER"], demo.values["AIRFLOW_ADMIN_PASSWORD"]
    return AirflowApi(f"http://127.0.0.1:{demo.ports.airflow}", user=user, password=password)


def run_twice(clone: Clone) -> None:
    """Trigger the new DAG as its button does, twice."""
    airflow = airflow_of(clone.demo)
    wait_until(lambda: DAG in airflow.dag_ids(), seconds=120, problem=lambda: f"no DAG: {airflow.import_errors()}")
    for _ in range(2):
        assert airflow.watch(DAG, airflow.trigger(DAG, {}), seconds=240) == "success"


def stop_servers(clone: Clone) -> None:
    """End what the guide left running: its file server, told by its working folder."""
    listing = subprocess.run(["pgrep", "-f", "http.server"], capture_output=True, text=True, check=False).stdout
    for number in listing.split():
        if os.path.realpath(f"/proc/{number}/cwd") == str(clone.folder.resolve()):
            os.kill(int(number), signal.SIGTERM)


def test_the_dag_is_listed_and_no_file_has_an_import_error(followed: Clone) -> None:
    airflow = airflow_of(followed.demo)
    assert DAG in airflow.dag_ids()
    assert airflow.import_errors() == []


def test_the_second_run_inserted_nothing(followed: Clone) -> None:
    loads: list[Any] = followed.ask(
        "select status, rows_inserted, rows_updated, rows_unchanged from ops.loads "
        "where source = 'exchange_rates' order by load_id"
    )
    assert loads == [("succeeded", 4, 0, 0), ("succeeded", 0, 0, 4)]


def test_the_api_serves_the_model_and_forecasts_with_it(followed: Clone) -> None:
    def served() -> bool:
        return ask_api(followed.demo, "/predict").ok

    wait_until(served, seconds=60, problem=lambda: ask_api(followed.demo, "/health/ready").text)
    assert ask_api(followed.demo, "/predict").json()["model"]["name"] == "bitcoin-stumps"
