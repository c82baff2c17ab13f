"""Nine years of minutes: the simulators' archive into PostgreSQL, out again as CSV and as features."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import psycopg

from tests.benchmarks.measuring import Measured, measure
from tests.benchmarks.minutes_source import minutes_source
from tests.benchmarks.servers import warehouse
from tests.benchmarks.stored_candles import MINUTE
from tests.commands import MERCADO

PACKAGES = ("numpy", "pandas", "psycopg", "pyarrow")
LONGEST_SECONDS = 60
LONGEST_EXPORT_SECONDS = 20
LARGEST_MB = 400
# The plain way takes minutes: it gets one month in ten.
PLAIN_EVERY = 10
PYTHON = [sys.executable, "-m"]


def run() -> dict[str, Any]:
    """Measure and return the figures; targets are those of ours alone."""
    with warehouse() as environment, minutes_source() as source:
        environment |= source.environment
        months = source.months
        floor = measure([*PYTHON, "tests.benchmarks.candles_floor", *months], environment)
        plain = measure([*PYTHON, "tests.benchmarks.candles_plain", *months[::PLAIN_EVERY]], environment)
        plain_rows = _count(environment, "plain_candles")
        ours, export, features = _ours(environment)
        again = measure([MERCADO, "bitcoin", "download", f"--interval={MINUTE}", "--no-export"], environment)
        rows = _count(environment, "market_data.klines")
    plain_cost = plain.seconds / plain_rows
    return {
        "what": f"{rows:,} candles of a minute from the archive into PostgreSQL, and exported as CSV (the plain way: "
        f"{plain_rows:,} of them)",
        "ours": asdict(ours) | _named("export", export) | _named("features", features),
        "plain": asdict(plain),
        "floor": asdict(floor),
        "ratio": {
            "plain / ours, by candle": round(plain_cost / ((ours.seconds + export.seconds) / rows), 1),
            "ours without export / floor": round(ours.seconds / floor.seconds, 1),
        },
        "target": {
            "seconds": f"< {LONGEST_SECONDS}",
            "peak_mb": f"< {LARGEST_MB}",
            "export_seconds": f"< {LONGEST_EXPORT_SECONDS}",
            "export_peak_mb": f"< {LARGEST_MB}",
            "features_peak_mb": f"< {LARGEST_MB}",
        },
        "also": {
            "the export": asdict(export),
            "all features into a Parquet file": asdict(features),
            "an identical download again": asdict(again),
        },
    }


def _ours(environment: dict[str, str]) -> tuple[Measured, Measured, Measured]:
    """Measure download, export and features."""
    download = measure([MERCADO, "bitcoin", "download", f"--interval={MINUTE}", "--no-export"], environment)
    export = measure([*PYTHON, "tests.benchmarks.candles_export"], environment)
    file = Path(environment["MERCADO_DATA_DIR"]) / "features.parquet"
    return (
        download,
        export,
        measure([MERCADO, "bitcoin", "features", f"--interval={MINUTE}", f"--to={file}"], environment),
    )


def _count(environment: dict[str, str], table: str) -> int:
    with psycopg.connect(environment["MERCADO_WAREHOUSE_URL"]) as connection:
        row = connection.execute(psycopg.sql.SQL(f"select count(*) from {table}")).fetchone()
    return int(row[0]) if row else 0


def _named(what: str, measured: Measured) -> dict[str, float]:
    return {f"{what}_{name}": value for name, value in asdict(measured).items()}
