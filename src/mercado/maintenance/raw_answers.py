"""The list of raw answers and archived workbooks in a backup: not their bytes, but what tells if they are there."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mercado.maintenance.backups import sha256_of

LISTED_FOLDERS: Final = ("raw", "archive")


def write_raw_answers(data: Path, file: Path) -> int:
    """Write path, bytes and sha256 of each file under ``raw`` and ``archive``, one JSON object a line; return how many.

    Hidden files are drafts and not listed, nor is a file that goes away meanwhile.
    """
    count = 0
    with file.open("w", encoding="utf-8") as lines:
        for path in _listed(data):
            try:
                entry = {"path": str(path.relative_to(data)), "bytes": path.stat().st_size, "sha256": sha256_of(path)}
            except FileNotFoundError:
                continue
            lines.write(json.dumps(entry, ensure_ascii=False) + "\n")
            count += 1
    return count


def raw_answer_problems(data: Path, listed: Path) -> list[str]:
    """Return a line for each listed file that is missing or has other bytes in the folder ``data``."""
    problems = []
    for line in listed.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        file = data / entry["path"]
        if not file.is_file():
            problems.append(f"{entry['path']} is missing")
        elif file.stat().st_size != entry["bytes"] or sha256_of(file) != entry["sha256"]:
            problems.append(f"{entry['path']} differs")
    return problems


def _listed(data: Path) -> Iterator[Path]:
    for name in LISTED_FOLDERS:
        for path in sorted((data / name).rglob("*")):
            if path.is_file() and not path.name.startswith("."):
                yield path
