"""``mercado maintenance``: what `platform_maintenance` does about old files and rows, without Airflow."""

from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import typer

from mercado.cli.output import say
from mercado.maintenance.retention import Step

app = typer.Typer(no_args_is_help=True, help="Let go of what is old.")


# Without it Typer would make the only command of the group the group itself.
@app.callback()
def maintenance() -> None:
    """Let go of what is old."""


@app.command()
def clean(
    only: Annotated[list[Step] | None, typer.Option(help="What to look at, repeatable; default: everything.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be removed.")] = False,
) -> None:
    """Remove what is older than MERCADO_RETENTION_… allows; prints how many of each, and how many bytes.

    A step that fails holds up none of the others; then the exit code is 1.
    """
    from mercado.errors import MercadoError
    from mercado.maintenance.retention import Cleaner
    from mercado.settings import WarehouseSettings
    from mercado.warehouse.connection import connect

    url = WarehouseSettings.read().resolved_url()
    cleaner = Cleaner(partial(connect, url, application="mercado maintenance"), datetime.now(UTC), dry_run)
    failed = False
    for step in only or list(Step):
        try:
            removed = cleaner.clean(step)
        except MercadoError as error:
            failed = True
            typer.echo(f"Error: {step}: {error}", err=True)
        else:
            say(f"{step}: {removed.sentence(dry_run=dry_run) if removed else 'kept for ever'}")
    if failed:
        raise typer.Exit(1)
