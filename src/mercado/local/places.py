"""Where a person sees what a platform did: addresses of its pages, and its folders."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import quote

from mercado.local.platform import REPOSITORY, Platform

REPORT: Final = "report/report.html"


def addresses(platform: Platform) -> Iterable[tuple[str, str]]:
    """Return name and address of what a person opens."""
    return (
        ("Web page", page(platform)),
        ("Airflow", airflow(platform)),
        ("MLflow", mlflow(platform)),
        ("API", f"http://localhost:{platform.ports.api}/docs"),
        ("PostgreSQL", f"127.0.0.1:{platform.ports.postgres}, database {platform.values['POSTGRES_DB_WAREHOUSE']}"),
    )


def page(platform: Platform, view: str = "") -> str:
    """Return the address of the web page, or of one of its views: forecast, prices, health."""
    return f"http://localhost:{platform.ports.api}/" + (f"#/{view}" if view else "")


def airflow(platform: Platform) -> str:
    """Return Airflow's address."""
    return f"http://localhost:{platform.ports.airflow}"


def dag_page(platform: Platform, dag_id: str) -> str:
    """Return where Airflow shows a DAG."""
    return f"{airflow(platform)}/dags/{dag_id}"


def run_page(platform: Platform, dag_id: str, run_id: str) -> str:
    """Return where Airflow shows a run of a DAG."""
    return f"{dag_page(platform, dag_id)}/runs/{quote(run_id, safe=':+')}"


def mlflow(platform: Platform) -> str:
    """Return MLflow's address."""
    return f"http://localhost:{platform.ports.mlflow}"


def version_page(platform: Platform, model: str, version: int) -> str:
    """Return where MLflow shows a version of a model."""
    return f"{mlflow(platform)}/#/models/{model}/versions/{version}"


def training_page(platform: Platform, *, experiment_id: str, run_id: str, artifact: str = "") -> str:
    """Return where MLflow shows a training's run, or one of its artifacts."""
    run = f"{mlflow(platform)}/#/experiments/{experiment_id}/runs/{run_id}"
    return f"{run}/artifacts/{artifact}" if artifact else run


def comparison_page(platform: Platform, *, experiment_id: str, run_ids: Iterable[str]) -> str:
    """Return where MLflow shows runs of one experiment side by side."""
    runs, experiments = quote(json.dumps(list(run_ids))), quote(json.dumps([experiment_id]))
    return f"{mlflow(platform)}/#/compare-runs?runs={runs}&experiments={experiments}"


def readable(path: Path) -> str:
    """Return a path as a person in the checkout types it."""
    return str(path.relative_to(REPOSITORY)) if path.is_relative_to(REPOSITORY) else str(path)
