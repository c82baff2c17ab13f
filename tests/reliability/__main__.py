"""``python -m tests.reliability``: run the table of faults on a demo in containers, and write docs/reliability.md."""

import fcntl
import hashlib
import json
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from mercado.local.platform import REPOSITORY
from tests.reliability.cells import CELLS, Cell
from tests.reliability.page import write_page
from tests.reliability.running import run_cell, undisturbed
from tests.reliability.stack import Stack, stack_in
from tests.reliability.watching import wait_until_idle

FOLDER = REPOSITORY / ".faults"
MADE = "made"
# What the platform in containers is made of; results of other code are not kept.
MADE_OF = ("src", "airflow", "fastapi_app", "mlflow_custom", "postgres_init", "docker-compose.yml", "tests/simulators")
DATA_MEGABYTES = 200


def say(text: str) -> None:
    """Print a line at once."""
    typer.echo(f"{datetime.now(UTC):%H:%M:%S} {text}")


def main(
    only: Annotated[str, typer.Option(help="Run the cells whose name has this regular expression, again.")] = "",
    stack_number: Annotated[int, typer.Option("--stack", min=1, help="Which of several stacks this is.")] = 1,
    stacks: Annotated[int, typer.Option(min=1, help="How many stacks share the cells, each with its own process.")] = 1,
) -> None:
    """Run every cell that is not recorded for this code yet; exit 1 when one is red."""
    started = time.monotonic()
    folder = FOLDER / f"stack-{stack_number}"
    stack = stack_in(folder, f"mercado-faults-{stack_number}")
    progress = _Progress(FOLDER / "progress.json", _code())
    with _small_disk(stack):
        try:
            stack.up(made=(folder / MADE).exists())
            (folder / MADE).touch()
            say(f"the demo is up after {time.monotonic() - started:.0f} s")
            for cell in CELLS if only else CELLS[stack_number - 1 :: stacks]:
                if re.search(only, cell.name) if only else not progress.has(cell.name):
                    _run(stack, cell, progress)
        finally:
            stack.demo.run("destroy", "--yes")
            (folder / MADE).unlink(missing_ok=True)
    if progress.complete:
        write_page(progress.record())
    raise typer.Exit(0 if all(cell["green"] for cell in progress.cells.values()) else 1)


def _run(stack: Stack, cell: Cell, progress: "_Progress") -> None:
    wait_until_idle(stack)
    basis = f"{cell.drill.dag_id} {cell.drill.basis(stack)}".strip()
    if basis not in progress.expected:
        progress.expected[basis] = undisturbed(stack, cell.drill)
        say(f"{basis} undisturbed: {progress.expected[basis]}")
    began = time.monotonic()
    outcome = run_cell(stack, cell, progress.expected[basis])
    progress.keep(cell.name, outcome.as_json())
    say(f"{'green' if outcome.green else 'RED  '} {cell.name} ({time.monotonic() - began:.0f} s) {outcome.as_json()}")


class _Progress:
    """What has been recorded, kept after each cell in a file that the processes of several stacks share."""

    def __init__(self, file: Path, code: str) -> None:
        self._file, self._code = file, code
        # What an undisturbed run makes, by the DAG and what it works on; a fresh stack has other candles.
        self.expected: dict[str, dict[str, str]] = {}

    @property
    def cells(self) -> dict[str, Any]:
        """Return every cell's latest outcome by name."""
        stored: dict[str, Any] = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        return stored

    @property
    def complete(self) -> bool:
        """Return whether every cell has been run, if not all with this code: the page says with which."""
        return {cell.name for cell in CELLS} <= set(self.cells)

    def has(self, name: str) -> bool:
        """Return whether a cell has been run with this code."""
        return self.cells.get(name, {}).get("code") == self._code

    def keep(self, name: str, outcome: dict[str, Any]) -> None:
        """Write a cell's outcome down at once."""
        day = datetime.now(UTC).date().isoformat()
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            cells = self.cells | {name: outcome | {"code": self._code, "date": day}}
            self._file.write_text(json.dumps(cells, indent=1), encoding="utf-8")

    def record(self) -> dict[str, Any]:
        """Return what is published: every cell in the table's order."""
        cells = self.cells
        return {"command": "python -m tests.reliability", "cells": [cells[cell.name] for cell in CELLS]}


def _code() -> str:
    """Return a digest of the code that the containers are made of."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *MADE_OF],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    digest = hashlib.sha256()
    for name in listed:
        digest.update(name.encode() + (REPOSITORY / name).read_bytes())
    return digest.hexdigest()[:12]


@contextmanager
def _small_disk(stack: Stack) -> Iterator[None]:
    """Put the data folder on a small file system of its own, which a fault can fill."""
    data = stack.demo.state / "data"
    data.mkdir(parents=True, exist_ok=True)
    _mount("-t", "tmpfs", "-o", f"size={DATA_MEGABYTES}m", "tmpfs", str(data))
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(data)], check=True)
        with suppress(OSError):  # of a demo that stays, they hold something
            data.rmdir()
            data.parent.rmdir()


def _mount(*arguments: str) -> None:
    subprocess.run(["mount", *arguments], check=True)


if __name__ == "__main__":
    typer.run(main)
