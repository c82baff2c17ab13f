"""Workbooks: 250 dropped at once, ours against the plain way and the floor; memory with half of them."""

import shutil
import subprocess
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.benchmarks.measuring import Measured, measure
from tests.benchmarks.servers import warehouse
from tests.commands import MERCADO

PACKAGES = ("pandas", "psycopg", "python-calamine")
ALL = 250
FEW = 125
LEAST_RATIO = 5
# What the plain way needs beyond the project's own dependencies, in an environment that is thrown away.
RIVAL = ("pandas==3.1.1", "openpyxl==3.1.5", "xlrd==2.0.2", "python-calamine", "sqlalchemy", "psycopg2-binary")
BIN = Path(sys.executable).parent


def run() -> dict[str, Any]:
    """Measure and return the figures."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workbooks, few = _generate(folder / "all", ALL), _generate(folder / "few", FEW)
        rival = _rival(folder / "rival")
        with warehouse() as environment:
            ours_few = _dropped(environment, few)
        with warehouse() as environment:
            ours = _dropped(environment, workbooks)
            rows = _rows_read(environment)
            floor = measure([sys.executable, "-m", "tests.benchmarks.landing_floor", str(workbooks)], environment)
            script = str(Path(__file__).with_name("landing_plain.py"))
            command = [rival, script, environment["MERCADO_WAREHOUSE_URL"], str(workbooks)]
            plain = measure(command, environment)
            same_engine = measure([*command, "calamine"], environment)
    return {
        "what": f"{ALL} workbooks dropped at once, weekly and daily, {rows:,} rows, into PostgreSQL, merged, archived",
        "ours": asdict(ours) | {"seconds_per_file": round(ours.seconds / ALL, 3), "rows_per_second": _rate(rows, ours)},
        "plain": asdict(plain),
        "floor": asdict(floor),
        "ratio": {
            "plain / ours": round(plain.seconds / ours.seconds, 1),
            "ours / floor": round(ours.seconds / floor.seconds, 1),
        },
        "target": {"plain / ours": f">= {LEAST_RATIO}"},
        "also": {
            f"ours, {FEW} of them, for the memory": asdict(ours_few),
            "the plain way with calamine as pandas' engine": asdict(same_engine),
        },
    }


def _rate(rows: int, measured: Measured) -> int:
    return round(rows / measured.seconds)


def _generate(folder: Path, count: int) -> Path:
    folder.mkdir()
    command = [sys.executable, "-m", "tests.simulators.workbooks", str(folder), f"--count={count}", "--seed=7"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return folder


def _rival(folder: Path) -> str:
    """Return the interpreter of a fresh environment with what the plain way needs."""
    subprocess.run([BIN / "uv", "venv", "--quiet", "--python", sys.executable, folder], check=True)
    python = str(folder / "bin" / "python")
    subprocess.run([BIN / "uv", "pip", "install", "--quiet", "--python", python, *RIVAL], check=True)
    return python


def _dropped(environment: dict[str, str], workbooks: Path) -> Measured:
    """Measure the command on a landing folder that workbooks were dropped into."""
    landing_zone = Path(environment["MERCADO_DATA_DIR"]) / "landing_zone"
    landing_zone.mkdir(parents=True)
    for file in workbooks.iterdir():
        shutil.copy(file, landing_zone)
    return measure([MERCADO, "landing", "ingest"], environment)


def _rows_read(environment: dict[str, str]) -> int:
    import psycopg

    with psycopg.connect(environment["MERCADO_WAREHOUSE_URL"]) as connection:
        statuses = connection.execute(
            "select status, count(*), sum(rows_read) from sipsa_data.file_ingestion_log group by status"
        ).fetchall()
    ((status, files, rows),) = statuses
    if (status, files) != ("loaded", ALL):
        sys.exit(f"expected {ALL} workbooks loaded, got {statuses}")
    return int(rows)
