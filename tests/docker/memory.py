"""The peak of each container's memory while a demo runs, and ``docs/memory.md``, made from the recorded peaks."""

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent.parent.parent / "docs"
RECORD, PAGE = DOCS / "memory.json", DOCS / "memory.md"
UNITS = {"B": 1, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
MEGABYTE = 1_000_000
# The services that stay up.
KEPT_UP = {
    "airflow-apiserver",
    "airflow-dag-processor",
    "airflow-scheduler",
    "airflow-triggerer",
    "api",
    "mlflow",
    "postgres",
    "simulators",
}
AMOUNT = re.compile(r"([\d.]+)(B|KiB|MiB|GiB)")
HEAD = """# Memory

Written by `{command}` on {date}: the highest of the engine's samples, one a second, of each container's memory without
file cache (`docker stats`), from the first start to the end of the full demo, on 2 cores. `make test-docker` measures
again and fails when a service takes more than four fifths of its limit in `docker-compose.yml`, or half as much again
as is written here.

| service | peak, MB | limit, MB |
|---|---:|---:|
"""


@contextmanager
def sampled_peaks(project: str) -> Iterator[dict[str, float]]:
    """Yield the peaks in bytes by service, which grow while the block runs.

    Args:
        project: Compose's name, which the containers' names begin with.
    """
    peaks: dict[str, float] = {}
    command = ["docker", "stats", "--format", "{{.Name}} {{.MemUsage}}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as stats:
        thread = threading.Thread(target=_follow, args=(stats, project, peaks), daemon=True)
        thread.start()
        try:
            yield peaks
        finally:
            stats.terminate()
            thread.join()


def _follow(stats: "subprocess.Popen[str]", project: str, peaks: dict[str, float]) -> None:
    name = re.compile(rf"{re.escape(project)}-(\S+)-\d+ (.*)")
    for line in stats.stdout or ():
        found = name.search(line)
        if found and (amount := AMOUNT.match(found[2])):
            peaks[found[1]] = max(peaks.get(found[1], 0.0), float(amount[1]) * UNITS[amount[2]])


def write_record(record: dict[str, Any]) -> None:
    """Write the recorded peaks and their page."""
    RECORD.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(record), encoding="utf-8")


def recorded() -> dict[str, Any]:
    """Return the recorded peaks."""
    record: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8"))
    return record


def page(record: dict[str, Any]) -> str:
    """Return the page of a record."""
    services = sorted(record["services"].items())
    rows = [f"| `{name}` | {each['peak_mb']:,} | {each['limit_mb']:,} |\n" for name, each in services]
    together = sum(each["peak_mb"] for _, each in services)
    return HEAD.format(**record) + "".join(rows) + f"| all peaks together | {together:,} | |\n"
