"""``mercado local`` and ``mercado demo``: the platform as local processes."""

from pathlib import Path
from typing import Annotated

import typer

from mercado.cli.output import say

local_app = typer.Typer(no_args_is_help=True, help="The platform as local processes, with real sources.")
demo_app = typer.Typer(no_args_is_help=True, help="The same with simulated sources, driven to a served prediction.")

State = Annotated[Path | None, typer.Option(help="Folder of this demo's own state; default: .demo in the checkout.")]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@local_app.command("up")
def local_up() -> None:
    """Start everything and return when all is healthy; writes .env with fresh secrets when there is none."""
    from mercado.local.platform import Platform, write_local_settings
    from mercado.local.runtime import addresses, up

    write_local_settings()
    platform = Platform.local()
    say("Starting the platform with real sources:")
    up(platform, say)
    for name, address in addresses(platform):
        say(f"  {name:<12} {address}")
    say(
        f"Log in to Airflow as {platform.values['AIRFLOW_ADMIN_USER']}; the password is AIRFLOW_ADMIN_PASSWORD in .env."
    )


@local_app.command("down")
def local_down() -> None:
    """Stop everything; data stays."""
    from mercado.local.platform import Platform
    from mercado.local.runtime import down

    down(Platform.local(), say)


@local_app.command("status")
def local_status() -> None:
    """Print the state and the memory of each program."""
    from mercado.local.platform import Platform
    from mercado.local.report import status_lines
    from mercado.local.supervision import Supervisor

    for line in status_lines(Supervisor(Platform.local())):
        say(line)


@local_app.command("destroy")
def local_destroy(yes: Yes = False) -> None:
    """Stop everything and delete its databases, logs and models; the folder data/ stays."""
    from mercado.local.platform import Platform
    from mercado.local.runtime import destroy

    if not yes:
        typer.confirm("Delete the databases, logs and models under .local?", abort=True)
    destroy(Platform.local())


@demo_app.command("up")
def demo_up(state: State = None) -> None:
    """Start everything on simulated sources, run the DAGs to a served prediction, print what happened."""
    from mercado.local.demo import run
    from mercado.local.platform import Platform, write_demo_settings

    write_demo_settings(state)
    run(Platform.demo(state), say)


@demo_app.command("down")
def demo_down(state: State = None) -> None:
    """Stop the demo; its data stays until `mercado demo destroy`."""
    from mercado.local.platform import Platform
    from mercado.local.runtime import down

    down(Platform.demo(state), say)


@demo_app.command("status")
def demo_status(state: State = None) -> None:
    """Print the state and the memory of each program of the demo."""
    from mercado.local.platform import Platform
    from mercado.local.report import status_lines
    from mercado.local.supervision import Supervisor

    for line in status_lines(Supervisor(Platform.demo(state))):
        say(line)


@demo_app.command("destroy")
def demo_destroy(yes: Yes = False, state: State = None) -> None:
    """Stop the demo and delete everything of it."""
    from mercado.local.platform import Platform
    from mercado.local.runtime import destroy

    if not yes:
        typer.confirm(f"Delete everything of the demo under {state or '.demo'}?", abort=True)
    destroy(Platform.demo(state))
