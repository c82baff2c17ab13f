"""What grows in the scaling benchmark: SIPSA's rows, candles, workbooks, and features, each at several sizes."""

import shutil
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import psycopg

from tests.benchmarks.measuring import Measured, measure
from tests.benchmarks.minutes_source import minutes_source
from tests.benchmarks.scaling_fit import Growth
from tests.benchmarks.servers import simulators, warehouse
from tests.benchmarks.stored_candles import END, MINUTE
from tests.commands import MERCADO

FACTORS = (1, 2, 4, 8, 16)
ROUNDS = 2
# The largest sizes: 768,000 prices, 480 workbooks, and all minutes of nine years.
SIPSA_ROWS = 48_000
WORKBOOKS = 30
CANDLE_DAYS = 205
EMPTY_SIPSA = "truncate sipsa_data.sipsa_prices, sipsa_data.sipsa_prices_revisions"
EMPTY_CANDLES = "truncate market_data.klines, market_data.kline_gaps"
Environment = dict[str, str]


class CandleGrowth(NamedTuple):
    """What candles take on their way through: into the warehouse, out to a file, and as features."""

    download: Growth
    export: Growth
    features: Growth


def sipsa() -> Growth:
    """Return what the load of one operation takes, into empty tables."""
    rows, runs = [], []
    for factor in FACTORS:
        count = SIPSA_ROWS * factor
        with warehouse() as environment, simulators("--sipsa-rows", str(count)) as address:
            environment["SIPSA_WSDL_URL"] = f"{address}/sipsaWS/SrvSipsaUpraBeanService?WSDL"
            command = [MERCADO, "sipsa", "ingest", "--operation", "promediosSipsaCiudad"]
            runs.append(tuple(_emptied(environment, EMPTY_SIPSA, command) for _ in range(ROUNDS)))
        rows.append(count)
    return Growth(tuple(rows), tuple(runs))


def workbooks() -> Growth:
    """Return what workbooks take that are dropped at once: loaded, with their rows counted, and archived."""
    rows, runs = [], []
    with tempfile.TemporaryDirectory() as name:
        for factor in FACTORS:
            folder = Path(name) / str(factor)
            folder.mkdir()
            command = [sys.executable, "-m", "tests.simulators.workbooks", str(folder)]
            subprocess.run([*command, f"--count={WORKBOOKS * factor}", "--seed=7"], check=True, capture_output=True)
            loaded = [_dropped(folder) for _ in range(ROUNDS)]
            rows.append(loaded[0][0])
            runs.append(tuple(measured for _, measured in loaded))
    return Growth(tuple(rows), tuple(runs))


def candles() -> CandleGrowth:
    """Return what minutes take: downloaded into an empty table, exported, and made into features."""
    rows, steps = [], [[], [], []]  # type: tuple[list[int], list[list[tuple[Measured, ...]]]]
    export = [sys.executable, "-m", "tests.benchmarks.candles_export"]
    with minutes_source() as source, warehouse() as environment, tempfile.TemporaryDirectory() as name:
        environment |= source.environment
        features = [MERCADO, "bitcoin", "features", f"--interval={MINUTE}", f"--to={name}/features.parquet"]
        for factor in FACTORS:
            start = (END - timedelta(days=CANDLE_DAYS * factor)).strftime("%Y-%m-%d")
            download = [MERCADO, "bitcoin", "download", f"--interval={MINUTE}", f"--start={start}", "--no-export"]
            steps[0].append(tuple(_emptied(environment, EMPTY_CANDLES, download) for _ in range(ROUNDS)))
            rows.append(_count(environment, "select count(*) from market_data.klines"))
            for runs, command in ((steps[1], export), (steps[2], features)):
                runs.append(tuple(measure(command, environment) for _ in range(ROUNDS)))
    return CandleGrowth(*(Growth(tuple(rows), tuple(runs)) for runs in steps))


def _emptied(environment: Environment, statement: str, command: list[str]) -> Measured:
    with psycopg.connect(environment["MERCADO_WAREHOUSE_URL"]) as connection:
        connection.execute(statement)
    return measure(command, environment)


def _dropped(workbooks: Path) -> tuple[int, Measured]:
    """Return the rows of workbooks that are dropped on a fresh platform, and what loading them took."""
    with warehouse() as environment:
        landing_zone = Path(environment["MERCADO_DATA_DIR"]) / "landing_zone"
        landing_zone.mkdir(parents=True)
        for file in workbooks.iterdir():
            shutil.copy(file, landing_zone)
        measured = measure([MERCADO, "landing", "ingest"], environment)
        return _count(environment, "select sum(rows_read) from sipsa_data.file_ingestion_log"), measured


def _count(environment: Environment, question: str) -> int:
    with psycopg.connect(environment["MERCADO_WAREHOUSE_URL"]) as connection:
        row = connection.execute(question).fetchone()
    return int(row[0]) if row else 0
