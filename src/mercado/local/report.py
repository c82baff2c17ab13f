"""What the demo prints of a prediction and of the model behind it."""

from collections.abc import Mapping
from typing import Any

from mercado.bitcoin.report import comparison_table
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
