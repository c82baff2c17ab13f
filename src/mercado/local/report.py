"""What a platform prints: a prediction, the model behind it, what its monitoring found, and where to look."""

from collections.abc import Iterable, Mapping
from typing import Any

from mercado.bitcoin.report.text import comparison_table
from mercado.local.platform import Platform
from mercado.tracking import TrackedRun
from mercado.warehouse.connection import connect

LATEST_LOOK = """
    select model_version, verdict, array_to_string(reasons, ' '), retraining from market_data.monitoring_runs
    order by monitoring_run_id desc limit 1
"""


def prediction_lines(prediction: Mapping[str, Any]) -> list[str]:
    """Return the answer of ``GET /predict`` as lines for a person."""
    model, band = prediction["model"], prediction["price_interval"]
    return [
        f"{prediction['symbol']} {prediction['interval']}, as of {prediction['as_of_utc']}: {prediction['direction']}, "
        f"P(up) {prediction['probability_up']:.3f}",
        f"forecast {prediction['forecast_price']:,.2f} after {prediction['last_close']:,.2f}; "
        f"90 % interval {band['lower_price']:,.2f} to {band['upper_price']:,.2f}",
        f"model {model['name']} version {model['version']}, run {model['run_id']}",
        f"candles from {prediction['data_origin']}",
    ]


def metrics_table(tracking_uri: str, run_id: str) -> str:
    """Return the walk-forward's table of a training run."""
    return comparison_table(TrackedRun(tracking_uri, run_id, "").metrics())


def monitoring_line(platform: Platform) -> str:
    """Return what the latest look at a champion found, and what followed, in one line."""
    with connect(platform.database_url("warehouse"), application="mercado demo") as connection:
        row = connection.execute(LATEST_LOOK).fetchone()
    if row is None:
        return "nothing was looked at"
    version, verdict, reasons, retraining = row
    return f"version {version} is {verdict}, retraining {retraining.replace('_', ' ')}: {reasons}"


def addresses(platform: Platform) -> Iterable[tuple[str, str]]:
    """Return name and address of what a person opens."""
    ports = platform.ports
    return (
        ("Airflow", f"http://localhost:{ports.airflow}"),
        ("MLflow", f"http://localhost:{ports.mlflow}"),
        ("API", f"http://localhost:{ports.api}/docs"),
        ("PostgreSQL", f"127.0.0.1:{ports.postgres}, database {platform.values['POSTGRES_DB_WAREHOUSE']}"),
    )
