"""``docs/reliability.md``, made from ``docs/reliability.json``; a test compares."""

import json
from pathlib import Path
from typing import Any

from tests.reliability.cells import EXPLAINED

DOCS = Path(__file__).parent.parent.parent / "docs"
RECORD, PAGE = DOCS / "reliability.json", DOCS / "reliability.md"
HEAD = """# Under faults

Made by `{command}` ({dates}; code {codes}) on 2 shared cores; not typed. The whole platform ran in containers. In
each row a DAG was started on emptied tables, the fault came while the named task ran, nobody helped, and afterwards
every row of every table that the DAG writes was compared with an undisturbed run: nothing lost, nothing twice.
*Healthy* and *data there* are seconds after the end of the fault. *Said* is what Airflow's UI says of the tries that
failed ("-": no task noticed).

{green} of {all} are green.

| | fault | during | task | healthy | data there | rows equal | said |
|---|---|---|---|---:|---:|---|---|
"""


def page(record: dict[str, Any]) -> str:
    """Return the page of a record."""
    cells = record["cells"]
    dates, codes = (", ".join(sorted({cell[name] for cell in cells})) for name in ("date", "code"))
    head = HEAD.format(
        command=record["command"], dates=dates, codes=codes, green=sum(cell["green"] for cell in cells), all=len(cells)
    )
    return head + "".join(map(_row, cells)) + _red(cells)


def write_page(record: dict[str, Any]) -> None:
    """Write record and page."""
    RECORD.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(record), encoding="utf-8")


def _row(cell: dict[str, Any]) -> str:
    mark = "green" if cell["green"] else "**red**"
    equal = "yes" if not cell["differences"] and not cell["problem"] else "**no**"
    said = "; ".join(dict.fromkeys(text or "**nothing**" for text in cell["said"])) or "-"
    seconds = (f"{cell[name]:.0f} s" for name in ("healthy_seconds", "recovered_seconds"))
    parts = (mark, cell["fault"], f"`{cell['dag_id']}`", cell["task"] or "before it", *seconds, equal, _cell_text(said))
    return f"| {' | '.join(parts)} |\n"


def _red(cells: list[dict[str, Any]]) -> str:
    red = [cell for cell in cells if not cell["green"]]
    if not red:
        return ""
    return f"\n## What is red, and why\n\n{''.join(map(_explained, red))}"


def _explained(cell: dict[str, Any]) -> str:
    found = _cell_text("; ".join(filter(None, [cell["problem"], *cell["differences"]])))
    return f"- **{cell['fault']}, {cell['dag_id']}**: {found}. {EXPLAINED.get(cell['name'], '')}\n"


def _cell_text(text: str) -> str:
    return text.replace("|", "/").replace("<", "‹").replace(">", "›")
