"""``mercado landing``: DANE's price workbooks in the landing folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from mercado.cli.output import console, say
from mercado.landing.export import ExportFormat

if TYPE_CHECKING:
    from mercado.landing.document import Document
    from mercado.landing.ingest import FileOutcome

app = typer.Typer(no_args_is_help=True, help="DANE's price workbooks: look into them, load them, load them again.")

PATIENCE_SECONDS = 60.0
FIRST_ROWS = 5


@app.command()
def ingest(
    files: Annotated[list[Path] | None, typer.Argument(help="Workbooks; default: all in the landing folder.")] = None,
) -> None:
    """Load workbooks; those in the landing folder are archived, or explained in quarantine.

    Files still being written are waited for, up to a minute. Exit code 1 when a file was refused or is still being
    written.
    """
    from mercado.landing.ingest import Folders, Status, configured_reader, ingest_files
    from mercado.landing.landing_zone import Candidate, wait_until_settled
    from mercado.landing.read_ahead import ReadAhead
    from mercado.settings import DataSettings, WarehouseSettings
    from mercado.warehouse.connection import connect

    data, read = DataSettings.read(), configured_reader()
    unsettled: list[str] = []
    paths = list(files or [])

    def places(candidates: list[Candidate]) -> list[Path]:
        return [data.landing_zone / each.name for each in candidates]

    with ReadAhead(read) as ahead:
        if not files:
            settled, unsettled = wait_until_settled(
                data.landing_zone, patience_seconds=PATIENCE_SECONDS, on_look=lambda seen: ahead.expect(places(seen))
            )
            paths = places(settled)
        with connect(WarehouseSettings.read().resolved_url(), application="mercado landing ingest") as connection:
            outcomes = ingest_files(connection, paths, Folders.of(data), read=read, ahead=ahead, on_outcome=_tell)
    for name in unsettled:
        say(f"{name}: still being written after {PATIENCE_SECONDS:.0f} s, left for later")
    if not paths and not unsettled:
        say(f"Nothing to do: no file in {data.landing_zone}.")
    if unsettled or any(outcome.status in (Status.REFUSED, Status.WAITING) for outcome in outcomes):
        raise typer.Exit(1)


@app.command()
def inspect(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="A workbook, anywhere.")],
    to: Annotated[ExportFormat | None, typer.Option(help="Write the long rows beside it, one file per table.")] = None,
) -> None:
    """Show a workbook's layout, dates, counts, first rows and every problem; no database is touched."""
    from mercado.errors import RejectedFileError
    from mercado.landing.export import export_rows
    from mercado.landing.ingest import configured_reader

    try:
        document = configured_reader()(file.read_bytes(), file.name)
    except RejectedFileError as error:
        for problem in error.problems:
            say(f"  {problem}")
        raise
    _show(document)
    if to:
        for written in export_rows(document, file.with_suffix(""), to):
            say(f"Written: {written}")


@app.command()
def replay(
    content: Annotated[str, typer.Argument(help="Digest (or its beginning) of a known file, or a file's path.")],
) -> None:
    """Load an archived or quarantined workbook again, after the reader or the tables of names were mended."""
    from mercado.landing.ingest import Folders, Status, configured_reader
    from mercado.landing.ingest import replay as run
    from mercado.settings import DataSettings, WarehouseSettings
    from mercado.warehouse.connection import connect

    folders = Folders.of(DataSettings.read())
    with connect(WarehouseSettings.read().resolved_url(), application="mercado landing replay") as connection:
        outcome = run(connection, content, folders, read=configured_reader())
    _tell(outcome)
    if outcome.status is Status.REFUSED:
        raise typer.Exit(1)


def _tell(outcome: "FileOutcome") -> None:
    where = f"; now {outcome.kept_at}" if outcome.kept_at else ""
    if outcome.error or outcome.status == "gone":
        say(f"{outcome.name}: {outcome.status}: {outcome.error or 'it is not there'}{where}")
        return
    counts = outcome.counts
    say(
        f"{outcome.name}: {outcome.status}, {outcome.layout or 'no layout'} of {outcome.report_date or 'no date'}: "
        f"{counts.inserted} inserted, {counts.updated} updated, {counts.unchanged} unchanged, "
        f"{outcome.rejected} rejected{where}"
    )
    for note in outcome.notes:
        say(f"    {note}")
    if outcome.unmapped:
        say(f"    {len(outcome.unmapped)} unmapped names: `mercado sipsa unmapped`")


def _show(document: "Document") -> None:
    until = f" to {document.last_day}" if document.last_day != document.report_date else ""
    say(f"Layout {document.layout}, {document.report_date}{until}")
    for table, rows in document.rows.items():
        shown = Table(title=f"{table.name}: {document.read[table]} read, {len(rows)} to load", title_justify="left")
        for column in table.columns:
            shown.add_column(column, overflow="fold")
        for row in rows[:FIRST_ROWS]:
            shown.add_row(*("" if value is None else str(value) for value in row))
        console.print(shown)
    for note in document.notes:
        say(f"Note: {note}")
    for problem in document.rejected:
        say(f"Left out: {problem}")
    say(f"{len(document.rejected)} cells or rows would be left out.")
