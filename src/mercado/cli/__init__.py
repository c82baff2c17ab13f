"""The command line ``mercado``: the functions that the DAGs call, for people, tests and benchmarks.

Errors are one clear line on standard error with exit code 1; ``--debug`` shows the traceback instead.
"""

import errno
from typing import Annotated

import typer

from mercado import __version__
from mercado.cli import bitcoin, local, model
from mercado.cli.output import fail, say
from mercado.errors import MercadoError

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Market prices, from source to forecast.")
app.add_typer(bitcoin.app, name="bitcoin")
app.add_typer(model.app, name="model")
app.add_typer(local.local_app, name="local")
app.add_typer(local.demo_app, name="demo")


def _show_version(wanted: bool) -> None:
    if wanted:
        say(f"mercado {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
    version: Annotated[bool, typer.Option("--version", callback=_show_version, is_eager=True)] = False,
) -> None:
    """Market prices, from source to forecast."""


@app.command()
def migrate() -> None:
    """Bring the warehouse's schema to this version; safe to run again."""
    from mercado.settings import WarehouseSettings
    from mercado.warehouse.schema import migrate as run

    say(f"The warehouse's schema is at revision {run(WarehouseSettings.read().resolved_url())}.")


@app.command()
def doctor(state: local.State = None) -> None:
    """Check a running platform: versions, ports, schema, each service's health; exit code 1 when something is wrong."""
    from mercado.cli.doctor import examine

    raise typer.Exit(examine(state))


def main() -> None:
    """Run the command line."""
    try:
        app()
    except MercadoError as error:
        fail(error)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        fail(f"The disk is full ({error.filename or 'no file named'}): free some space and run again.")
