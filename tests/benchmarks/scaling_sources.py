"""What grows in the scaling benchmark: SIPSA's rows, candles, workbooks, and features, each at several sizes."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import psycopg
import requests

from tests.benchmarks.measuring import Measured, measure
from tests.benchmarks.scaling_fit import Growth
from tests.benchmarks.servers import simulators, warehouse
from tests.commands import MERCADO

FACTORS = (1, 2, 4, 8, 16)
ROUNDS = 2
SIPSA_ROWS = 24_000
WORKBOOKS = 15
# Whole days of minutes: two archive months are the smallest size.
CANDLE_DAYS = 61
NOW = datetime(2026, 1, 7, tzinfo=UTC)
EMPTY_SIPSA = "truncate sipsa_data.sipsa_prices, sipsa_data.sipsa_prices_revisions"
EMPTY_CANDLES = "truncate market_data.klines, market_data.kline_gaps"
SYMBOL, MINUTE = "BTCUSDT", "1m"
Environment = dict[str, str]
Run = Callable[[int], tuple[int, Measured]]


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
    with _minutes() as address, warehouse() as environment, tempfile.TemporaryDirectory() as name:
        environment |= {"BINANCE_BASE_URL": address, "BINANCE_ARCHIVE_URL": f"{address}/archive"}
        for factor in FACTORS:
            start = (NOW - timedelta(days=CANDLE_DAYS * factor)).strftime("%Y-%m-%d")
            asked = ["--symbol", SYMBOL, "--interval", MINUTE]
            download = [MERCADO, "bitcoin", "download", *asked, "--start", start, "--no-export"]
            export = [MERCADO, "bitcoin", "download", *asked, "--start", start]
            features = [MERCADO, "bitcoin", "features", *asked, "--to", f"{name}/features.parquet"]
            steps[0].append(tuple(_emptied(environment, EMPTY_CANDLES, download) for _ in range(ROUNDS)))
            rows.append(_count(environment, "select count(*) from market_data.klines"))
            for runs, command in ((steps[1], export), (steps[2], features)):
                runs.append(tuple(measure(command, environment) for _ in range(ROUNDS)))
    return CandleGrowth(*(Growth(tuple(rows), tuple(runs)) for runs in steps))


@contextmanager
def _minutes() -> Iterator[str]:
    """Yield the address of a simulator whose archive files of minutes are made already: it is not what is measured."""
    with simulators("--interval", MINUTE, "--now", NOW.isoformat(), "--archive-kept-mb", "400") as address:
        day = (NOW - timedelta(days=CANDLE_DAYS * FACTORS[-1])).replace(day=1)
        while day < NOW:
            name = f"{SYMBOL}-{MINUTE}-{day:%Y-%m}"
            requests.get(f"{address}/archive/data/spot/monthly/klines/{SYMBOL}/{MINUTE}/{name}.zip", timeout=120)
            day = (day + timedelta(days=32)).replace(day=1)
        yield address


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
