"""What a platform prints: a prediction, the model behind it, where to look and how to log in."""

from collections.abc import Mapping
from typing import Any

from mercado.bitcoin.report.text import comparison_table
from mercado.environment import MLFLOW_ADMIN
from mercado.local.places import addresses, readable
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


def prediction_summary(prediction: Mapping[str, Any]) -> str:
    """Return the answer of ``GET /predict`` in a line."""
    band = prediction["price_interval"]
    return (
        f"version {prediction['model']['version']} says {prediction['direction']}, P(up) "
        f"{prediction['probability_up']:.3f}: {prediction['forecast_price']:,.2f}, 90 % between "
        f"{band['lower_price']:,.2f} and {band['upper_price']:,.2f}"
    )


def login_lines(platform: Platform) -> list[str]:
    """Return how a person logs in, without any secret."""
    file = readable(platform.settings_file)
    administrator = platform.values["AIRFLOW_ADMIN_USER"]
    lines = [f"Log in to Airflow as {administrator}; the password is AIRFLOW_ADMIN_PASSWORD in {file}"]
    if platform.authenticates:
        lines.append(f"Log in to MLflow as {MLFLOW_ADMIN}; the password is MLFLOW_ADMIN_PASSWORD in {file}")
        lines.append(f"Page and API ask for the key that is MERCADO_API_KEY in {file}")
    return lines


def closing_lines(platform: Platform, *, make_options: str, seconds: float) -> list[str]:
    """Return where everything is, how to log in, and what to do next.

    Args:
        platform: What runs.
        make_options: What its `make` commands end with.
        seconds: How long the demo took.
    """
    return [
        *(f"  {name:<12} {address}" for name, address in addresses(platform)),
        *(f"  {line}" for line in login_lines(platform)),
        "",
        f"Done in {seconds:.0f} s. The services stay up until `make demo-down{make_options}`.",
        f"Next: make demo-tour{make_options}",
    ]
