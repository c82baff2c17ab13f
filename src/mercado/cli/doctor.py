"""``mercado doctor``: examine a running platform, print what was found, and exit by the worst of it."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from mercado.cli.local import Project, RuntimeName, State
from mercado.cli.output import console


def doctor(
    state: State = None,
    runtime: Annotated[RuntimeName | None, typer.Option(help="What it runs on; default: whatever runs.")] = None,
    project: Project = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON in place of the table.")] = False,
) -> None:
    """Check a running platform and say what to do; exit code 0: all well, 1: a warning, 2: a fault or nothing runs."""
    from mercado.doctor.examination import examine_running

    result = examine_running(now=datetime.now(UTC), state=_folder(state), runtime=runtime, project=project)
    if as_json:
        sys.stdout.write(f"{result.as_json()}\n")
    else:
        console.print(result.as_table())
        console.print(result.closing_line(), markup=False)
    raise typer.Exit(result.worst.value)


def _folder(state: Path | None) -> Path | None:
    return state.resolve() if state else None
