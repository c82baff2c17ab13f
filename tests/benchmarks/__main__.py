"""``python -m tests.benchmarks``: run every benchmark, write its JSON, and the page of them all."""

import json
import platform
import sys
from datetime import UTC, datetime
from importlib.metadata import version

from tests.benchmarks import candles, features, landing, reading, scaling, serving, sipsa, training
from tests.benchmarks.report import FOLDER, write_report

BENCHMARKS = {
    "candles": candles,
    "features": features,
    "landing": landing,
    "reading": reading,
    "scaling": scaling,
    "serving": serving,
    "sipsa": sipsa,
    "training": training,
}

if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in sys.argv[1:] or BENCHMARKS:
        benchmark = BENCHMARKS[name]
        versions = {
            "python": platform.python_version(),
            **{package: version(package) for package in benchmark.PACKAGES},
        }
        figures = benchmark.run() | {
            "command": f"make bench BENCH={name}",
            "date": datetime.now(UTC).date().isoformat(),
            "versions": {"python": platform.python_version(), **versions},
        }
        text = json.dumps(figures, indent=2)
        sys.stdout.write(f"{name}: {text}\n")
        (FOLDER / f"{name}.json").write_text(f"{text}\n", encoding="utf-8")
    write_report()
