"""What the local platform prints: a prediction, the model behind it, and the state of its programs."""

from collections.abc import Iterator, Mapping
from typing import Any

from mercado.bitcoin.report import comparison_table
from mercado.local.memory import proportional_set_bytes
from mercado.local.supervision import Supervisor
from mercado.tracking import TrackedRun

MEGABYTE = 1_000_000


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


def status_lines(supervisor: Supervisor) -> Iterator[str]:
    """Yield a line per program, with its state and its memory (PSS, children included), and the sum."""
    if not supervisor.running:
        yield "Nothing runs."
        return
    memory = {name: proportional_set_bytes(pid) for name, pid in supervisor.pids().items()}
    for name, state in supervisor.states().items():
        yield f"  {name:<24} {state:<10} {memory.get(name, 0) / MEGABYTE:>7,.0f} MB"
    together = proportional_set_bytes(supervisor.pid)
    yield f"  {'all, with supervisor':<24} {'':<10} {together / MEGABYTE:>7,.0f} MB"
