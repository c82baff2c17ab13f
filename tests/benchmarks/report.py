"""``docs/benchmarks.md``, made from the JSON files of ``docs/benchmarks``; a test compares."""

import json
from pathlib import Path
from typing import Any

DOCS = Path(__file__).parent.parent.parent / "docs"
FOLDER, PAGE = DOCS / "benchmarks", DOCS / "benchmarks.md"
HEAD = """# Benchmarks

Made by `make bench` from the files in `benchmarks/`: both sides in one run, on 2 shared cores; read the ratios, not the
seconds. "Floor" is the least that any program must do with the same bytes.

| benchmark | ours | plain way | floor | ratios | target | date |
|---|---|---|---|---|---|---|
"""


def report() -> str:
    """Return the page."""
    files = sorted(FOLDER.glob("*.json"))
    recorded = [json.loads(file.read_text(encoding="utf-8")) for file in files]
    return HEAD + "".join(map(_row, recorded)) + "".join(map(_also, recorded))


def write_report() -> None:
    """Write the page."""
    PAGE.write_text(report(), encoding="utf-8")


def _row(figures: dict[str, Any]) -> str:
    sides = [_cost(figures[side]) for side in ("ours", "plain", "floor")]
    ratios = ", ".join(f"{name} {value}" for name, value in figures["ratio"].items())
    targets = ", ".join(f"{name} {value}" for name, value in figures["target"].items())
    cells = [f"{figures['what']} (`{figures['command']}`)", *sides, ratios, targets, figures["date"]]
    return f"| {' | '.join(cells)} |\n"


def _also(figures: dict[str, Any]) -> str:
    also = figures.get("also", {})
    lines = "".join(f"- {what}: {_cost(cost)}\n" for what, cost in also.items())
    return f"\nAlso measured by `{figures['command']}`:\n\n{lines}" if also else ""


def _cost(measured: dict[str, Any]) -> str:
    return f"{measured['seconds']} s, {measured['peak_mb']:.0f} MB"
