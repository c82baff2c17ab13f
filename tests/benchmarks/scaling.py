"""How costs grow: 1 to 16 times the rows, one and two workers on a study, one and two replicas of the API."""

import sys
from typing import Any

from tests.benchmarks import scaling_sources, scaling_workers
from tests.benchmarks.scaling_sources import FACTORS, ROUNDS

PACKAGES = ("numpy", "psycopg", "pyarrow", "python-calamine", "optuna", "xgboost-cpu", "fastapi")
# Linear, but for the noise of a shared machine; and memory that sixteen times the rows hardly raise.
TARGETS = {"exponent": "<= 1.05", "memory": "<= 1.5"}


def run() -> dict[str, Any]:
    """Measure and return the figures."""
    growths = {}
    _say("SIPSA")
    growths["SIPSA"] = scaling_sources.sipsa()
    _say("candles")
    made = scaling_sources.candles()
    growths |= {"candles, download": made.download, "candles, export": made.export, "features": made.features}
    _say("workbooks")
    growths["workbooks"] = scaling_sources.workbooks()
    _say("workers, replicas")
    recorded = {name: growth.record for name, growth in growths.items()}
    return {
        "what": f"1 to {FACTORS[-1]} times the rows, {ROUNDS} runs at each size, their median",
        "ours": {f"{name}: {figure}": each[figure] for name, each in recorded.items() for figure in TARGETS},
        "target": {f"{name}: {figure}": target for name in recorded for figure, target in TARGETS.items()},
        "growth": recorded,
        "workers": scaling_workers.workers(),
        "replicas": scaling_workers.replicas(),
    }


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
