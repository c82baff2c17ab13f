"""Where the links in tasks' notes lead: the platform's page, its API and MLflow, as a person's browser reaches them."""

from urllib.parse import quote, urlencode

from mercado.settings import BrowserSettings, TrackingSettings


def rejected_rows(**wanted: str | int) -> str:
    """Return a Markdown link to rows that were left out, such as those of ``load_id=12``."""
    return f"[rejected rows]({_api('quality/rejected-rows', **wanted)})"


def loads(source: str) -> str:
    """Return a Markdown link to the loads of a source, the newest first."""
    return f"[all loads]({_api('loads', source=source)})"


def candles(symbol: str, interval: str) -> str:
    """Return a Markdown link to the newest candles of a series."""
    return f"[newest candles]({_api('candles', symbol=symbol, interval=interval)})"


def data_health() -> str:
    """Return a Markdown link to the page's view of the data's health."""
    return f"[data health]({BrowserSettings.read().api_url}/#/health)"


def forecast() -> str:
    """Return a Markdown link to the page, which begins with the forecast."""
    return f"[the forecast]({BrowserSettings.read().api_url}/)"


def mlflow_run(experiment_id: str, run_id: str) -> str:
    """Return a Markdown link to a run in MLflow."""
    return f"[MLflow run]({TrackingSettings.read().ui_url()}/#/experiments/{experiment_id}/runs/{run_id})"


def mlflow_version(model: str, version: int) -> str:
    """Return a Markdown link to a registered version in MLflow."""
    return f"[version {version}]({TrackingSettings.read().ui_url()}/#/models/{model}/versions/{version})"


def dag_run_tags(dag_id: str, run_id: str) -> dict[str, str]:
    """Return the tags by which a run in MLflow names the DAG's run that made it, and where it is."""
    from mercado.bitcoin.mlflow_texts import DAG_RUN_TAG, DAG_RUN_URL_TAG

    address = f"{BrowserSettings.read().airflow_url}/dags/{dag_id}/runs/{quote(run_id, safe='')}"
    return {DAG_RUN_TAG: f"{dag_id} {run_id}", DAG_RUN_URL_TAG: address}


def _api(path: str, **query: str | int) -> str:
    return f"{BrowserSettings.read().api_url}/{path}?{urlencode(query)}"
