"""SIPSA: 383,545 city prices into PostgreSQL, ours against the plain way and the floor; memory at 700,000 rows."""

import sys
from dataclasses import asdict
from statistics import median
from typing import Any

from tests.benchmarks.measuring import Measured, measure
from tests.benchmarks.servers import simulators, warehouse
from tests.commands import MERCADO

PACKAGES = ("lxml", "pandas", "psycopg", "zeep")
CITY_ROWS = 383_545
MARKET_ROWS = 700_000
ROUNDS = 3
LEAST_RATIO = 8
LARGEST_MB = 250
WSDL = "/sipsaWS/SrvSipsaUpraBeanService?WSDL"


def run() -> dict[str, Any]:
    """Measure and return the figures; the plain way is measured once, it takes the longest."""
    with warehouse() as environment, simulators("--sipsa-rows", str(CITY_ROWS)) as address:
        url = address + WSDL
        environment |= {"SIPSA_WSDL_URL": url}
        python = [sys.executable, "-m"]
        ours = [_fresh(environment, "promediosSipsaCiudad") for _ in range(ROUNDS)]
        again = measure([MERCADO, "sipsa", "ingest", "--operation", "promediosSipsaCiudad"], environment)
        floor = [measure([*python, "tests.benchmarks.sipsa_floor", url], environment) for _ in range(ROUNDS)]
        plain = measure([*python, "tests.benchmarks.sipsa_plain", url], environment)
    with warehouse() as environment, simulators("--sipsa-rows", str(MARKET_ROWS)) as address:
        environment |= {"SIPSA_WSDL_URL": address + WSDL}
        largest = measure([MERCADO, "sipsa", "ingest", "--operation", "promediosSipsaParcial"], environment)
    seconds, floor_seconds = (median(each.seconds for each in side) for side in (ours, floor))
    return {
        "what": f"{CITY_ROWS:,} rows of promediosSipsaCiudad into PostgreSQL, merged",
        "ours": {"seconds": seconds, "peak_mb": max(each.peak_mb for each in ours), "runs": _all(ours)},
        "plain": asdict(plain),
        "floor": {"seconds": floor_seconds, "peak_mb": max(each.peak_mb for each in floor), "runs": _all(floor)},
        "ratio": {
            "plain / ours": round(plain.seconds / seconds, 1),
            "ours / floor": round(seconds / floor_seconds, 1),
        },
        "target": {"plain / ours": f">= {LEAST_RATIO}", "peak_mb": f"< {LARGEST_MB}"},
        "also": {
            "an identical run again": asdict(again),
            f"{MARKET_ROWS:,} rows of promediosSipsaParcial": asdict(largest),
        },
    }


def _fresh(environment: dict[str, str], operation: str) -> Measured:
    """Measure an ingestion into empty tables."""
    measure([sys.executable, "-m", "tests.benchmarks.emptied"], environment)
    return measure([MERCADO, "sipsa", "ingest", "--operation", operation], environment)


def _all(runs: list[Measured]) -> list[float]:
    return [each.seconds for each in runs]
