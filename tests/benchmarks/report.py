"""``docs/benchmarks.md``, made from the JSON files of ``docs/benchmarks``; a test compares."""

import json
from pathlib import Path
from typing import Any

from tests.benchmarks.reading_page import reading_section
from tests.benchmarks.scaling_chart import scaling_svg
from tests.benchmarks.scaling_page import scaling_section
from tests.benchmarks.serving_page import serving_section
from tests.benchmarks.targets import unmet
from tests.benchmarks.training_page import training_section

DOCS = Path(__file__).parent.parent.parent / "docs"
FOLDER, PAGE = DOCS / "benchmarks", DOCS / "benchmarks.md"
SIDES = ("ours", "plain", "floor")
SECTIONS = {
    "reading": reading_section,
    "scaling": scaling_section,
    "serving": serving_section,
    "training": training_section,
}
HEAD = """# Benchmarks

Made by `make bench` from the files in `benchmarks/`: both sides in one run, on 2 shared cores; read the ratios, not the
seconds. "Floor" is the least that any program must do with the same data.

| benchmark | ours | plain way | floor | ratios | target | date |
|---|---|---|---|---|---|---|
"""


def recorded() -> dict[str, dict[str, Any]]:
    """Return the recorded figures by the benchmarks' names, those that compare with a floor first."""
    files = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in sorted(FOLDER.glob("*.json"))}
    return dict(sorted(files.items(), key=lambda item: not _compares(item[1])))


def report() -> str:
    """Return the page."""
    every = recorded()
    compared = [figures for figures in every.values() if _compares(figures)]
    sections = [SECTIONS[name](figures) for name, figures in every.items() if name in SECTIONS]
    return HEAD + "".join([*map(comparison_row, compared), *map(_also, compared), *sections])


def write_report() -> None:
    """Write the page, and the plot that it shows."""
    PAGE.write_text(report(), encoding="utf-8")
    if scaling := recorded().get("scaling"):
        (FOLDER / "scaling.svg").write_bytes(scaling_svg(scaling))


def _compares(figures: dict[str, Any]) -> bool:
    return set(figures) >= set(SIDES)


def comparison_row(figures: dict[str, Any]) -> str:
    """Return a comparison's row of the table."""
    sides = [_cost(figures[side]) for side in SIDES]
    ratios = ", ".join(f"{name} {value}" for name, value in figures["ratio"].items())
    missed = unmet(figures)
    targets = ", ".join(
        f"{name} {target}{' (**not met**)' if name in missed else ''}" for name, target in figures["target"].items()
    )
    cells = [f"{figures['what']} (`{figures['command']}`)", *sides, ratios, targets, figures["date"]]
    return f"| {' | '.join(cells)} |\n"


def _also(figures: dict[str, Any]) -> str:
    also = figures.get("also", {})
    lines = "".join(f"- {what}: {_cost(cost)}\n" for what, cost in also.items())
    return f"\nAlso measured by `{figures['command']}`:\n\n{lines}" if also else ""


def _cost(measured: dict[str, Any]) -> str:
    units = {"seconds": "{} s", "milliseconds": "{} ms", "peak_mb": "{:.0f} MB"}
    return ", ".join(text.format(measured[unit]) for unit, text in units.items() if unit in measured)
