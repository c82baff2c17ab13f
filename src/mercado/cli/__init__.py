"""The command line ``mercado``: the functions that the DAGs call, for people, tests and benchmarks.

Errors are one clear line on standard error with exit code 1, or 2 for a wrong option or argument; ``--debug`` shows the
traceback instead.
"""

import errno
import os
import sys
from typing import Annotated, NoReturn

import typer

from mercado import __version__
from mercado.cli import (
    backup,
    bitcoin,
    candle_show,
    doctor,
    landing,
    local,
    maintenance,
    model,
    monitoring,
    prices,
    sipsa,
)
from mercado.cli.output import fail, say, show_any_text
from mercado.errors import MercadoError

# MLflow's own patience is seven retries over four minutes; a person waits for the line that says it is down.
MLFLOW_PATIENCE = {"MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2", "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "1"}
# Its bars would stand among the errors; and it tells its makers nothing.
MLFLOW_QUIET = {"MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false", "MLFLOW_DISABLE_TELEMETRY": "true"}

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, help="Market prices, from source to forecast.")
bitcoin.app.command()(monitoring.monitor)
bitcoin.app.command()(candle_show.show)
app.add_typer(bitcoin.app, name="bitcoin")
app.add_typer(sipsa.app, name="sipsa")
app.add_typer(landing.app, name="landing")
app.add_typer(prices.app, name="prices")
app.add_typer(model.app, name="model")
app.add_typer(maintenance.app, name="maintenance")
app.add_typer(local.local_app, name="local")
app.add_typer(local.demo_app, name="demo")
app.command()(doctor.doctor)
app.command()(backup.backup)
app.command()(backup.restore)


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


def main() -> None:
    """Run the command line."""
    for name, value in (MLFLOW_PATIENCE | MLFLOW_QUIET).items():
        os.environ.setdefault(name, value)
    show_any_text()
    try:
        sys.exit(app(standalone_mode=False))
    except typer.TyperException as error:
        _refuse_usage(error)
    except typer.Abort:
        sys.exit("Stopped; nothing was done.")
    except MercadoError as error:
        fail(error)
    except OSError as error:
        _fail_by_system(error)


def _refuse_usage(error: typer.TyperException) -> NoReturn:
    context = getattr(error, "ctx", None)
    if not error.format_message():
        sys.exit(error.exit_code)  # A group without a command: its help was printed.
    hint = f" See `{context.command_path} --help`." if context else ""
    fail(error, f"{error.format_message().rstrip('.')}.{hint}", status=error.exit_code)


def _fail_by_system(error: OSError) -> NoReturn:
    place = f" ({error.filename})" if error.filename else ""
    if error.errno == errno.ENOSPC:
        fail(error, f"The disk is full{place}: free some space and run again.")
    fail(error, f"{error.strerror or error}{place}.")
