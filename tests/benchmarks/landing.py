"""Workbooks: 250 dropped at once; of some of them, ours against the plain way and the floor."""

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

ALL = 250
COMPARED = 20
LEAST_RATIO = 5
# What the plain way needs beyond the project's own dependencies, in an environment that is thrown away.
RIVAL = ("pandas==3.1.1", "openpyxl==3.1.5", "xlrd==2.0.2", "python-calamine", "sqlalchemy", "psycopg2-binary")
BIN = Path(sys.executable).parent


def run() -> dict[str, Any]:
    """Measure and return the figures; the plain way is measured on fewer workbooks, it takes the longest."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        workbooks = _generate(folder / "all", ALL)
        some = folder / "some"
        some.mkdir()
        for file in sorted(workbooks.iterdir())[:: ALL // COMPARED][:COMPARED]:
            shutil.copy(file, some)
        rival = _rival(folder / "rival")
        with warehouse() as environment:
            url = environment["MERCADO_WAREHOUSE_URL"]
            ours = _dropped(environment, some)
            floor = measure([sys.executable, "-m", "tests.benchmarks.landing_floor", str(some)], environment)
            script = str(Path(__file__).with_name("landing_plain.py"))
            plain = measure([rival, script, url, str(some)], environment)
            same_engine = measure([rival, script, url, str(some), "calamine"], environment)
        with warehouse() as environment:
            everything = _dropped(environment, workbooks)
            rows = _rows_read(environment)
    return {
        "what": f"{COMPARED} workbooks, weekly and daily, into PostgreSQL, merged, with ledger and archive",
        "ours": asdict(ours),
        "plain": asdict(plain),
        "floor": asdict(floor),
        "ratio": {
            "plain / ours": round(plain.seconds / ours.seconds, 1),
            "ours / floor": round(ours.seconds / floor.seconds, 1),
        },
        "target": {"plain / ours": f">= {LEAST_RATIO}"},
        "also": {
            "the plain way with calamine as pandas' engine": asdict(same_engine),
            f"ours, {ALL} workbooks dropped at once ({everything.seconds / ALL:.2f} s a file, {rows:,} rows, "
            f"{rows / everything.seconds:,.0f} rows a second)": asdict(everything),
        },
    }


def _generate(folder: Path, count: int) -> Path:
    folder.mkdir()
    command = [sys.executable, "-m", "tests.simulators.workbooks", str(folder), f"--count={count}", "--seed=7"]
    subprocess.run(command, check=True)
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
