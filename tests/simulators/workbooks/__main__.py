"""Write workbooks into a folder: ``python -m tests.simulators.workbooks FOLDER``, from the repository root."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from tests.simulators.clock import to_milliseconds
from tests.simulators.sipsa.options import bogota_day
from tests.simulators.workbooks import foreign
from tests.simulators.workbooks.demo import demo_workbooks


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def write(
    folder: Annotated[Path, typer.Argument(file_okay=False, help="Where to; made where it is missing.")],
    *,
    count: Annotated[int, typer.Option(min=0, help="How many workbooks, weekly and daily ones in turn.")] = 6,
    seed: Annotated[int, typer.Option(min=0, help="Seed of their prices.")] = 7,
    until: Annotated[
        date | None,
        typer.Option(parser=_day, metavar="DAY", help="The newest end by this day; without it by today, in Bogota."),
    ] = None,
    with_foreign: Annotated[
        bool, typer.Option("--foreign", help="And one that is no price workbook, which must be refused.")
    ] = False,
) -> None:
    """Write made-up workbooks of wholesale prices as DANE publishes them, under such names."""
    workbooks = demo_workbooks(until or bogota_day(to_milliseconds(datetime.now(UTC))), count=count, seed=seed)
    if with_foreign:
        workbooks[foreign.FILE_NAME] = foreign.foreign_workbook()
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in workbooks.items():
        # Elsewhere first: whoever watches the folder never sees half a file.
        part = folder / f".{name}.part"
        part.write_bytes(content)
        part.replace(folder / name)
        typer.echo(f"{name}  {len(content):,} bytes")


if __name__ == "__main__":
    typer.run(write)
