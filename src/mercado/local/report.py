"""What a platform prints: a prediction, the model behind it, and where to look."""

from collections.abc import Iterable, Mapping
from typing import Any

from mercado.bitcoin.report.text import comparison_table
from mercado.local.platform import Platform
from mercado.tracking import TrackedRun


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


def addresses(platform: Platform) -> Iterable[tuple[str, str]]:
    """Return name and address of what a person opens."""
    ports = platform.ports
    return (
        ("Airflow", f"http://localhost:{ports.airflow}"),
        ("MLflow", f"http://localhost:{ports.mlflow}"),
        ("API", f"http://localhost:{ports.api}/docs"),
        ("PostgreSQL", f"127.0.0.1:{ports.postgres}, database {platform.values['POSTGRES_DB_WAREHOUSE']}"),
    )
