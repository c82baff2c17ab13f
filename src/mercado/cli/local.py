"""``mercado local`` and ``mercado demo``: the platform on this machine, as processes or in containers."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mercado.cli.output import console, say
from mercado.environment import MOST_REPLICAS, MOST_WORKERS

if TYPE_CHECKING:
    from mercado.local.compose import ComposeServices
    from mercado.local.runtime import LocalProcesses

local_app = typer.Typer(no_args_is_help=True, help="The platform as local processes, with real sources.")
demo_app = typer.Typer(no_args_is_help=True, help="The same with simulated sources, driven to a served prediction.")


class RuntimeName(StrEnum):
    """What a demo runs on."""

    LOCAL = "local"
    DOCKER = "docker"


State = Annotated[
    Path | None, typer.Option(help="Folder of this demo's own state; default: .demo or .demo-docker in the checkout.")
]
Runtime = Annotated[RuntimeName, typer.Option(help="Local processes, or Docker Compose.")]
Project = Annotated[str | None, typer.Option(help="Compose's name for the demo on Docker; default: mercado-demo.")]
Workers = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=MOST_WORKERS,
        help="In containers: workers that run Airflow's tasks; 0: the scheduler does. Kept until changed.",
    ),
]
Replicas = Annotated[
    int | None,
    typer.Option(
        "--api-replicas",
        min=1,
        max=MOST_REPLICAS,
        help="In containers: APIs behind a proxy; 1: no proxy. Kept until changed.",
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@local_app.command("up")
def local_up() -> None:
    """Start everything and return when all is healthy; writes .env with fresh secrets when there is none."""
    from mercado.local.places import addresses
    from mercado.local.platform import Platform
    from mercado.local.runtime import LocalProcesses
    from mercado.local.settings_files import write_local_settings

    write_local_settings()
    platform = Platform.local()
    say("Starting the platform with real sources:")
    LocalProcesses(platform).up(say)
    for name, address in addresses(platform):
        say(f"  {name:<12} {address}")
    say(
        f"Log in to Airflow as {platform.values['AIRFLOW_ADMIN_USER']}; the password is AIRFLOW_ADMIN_PASSWORD in .env."
    )


@local_app.command("down")
def local_down() -> None:
    """Stop everything; data stays."""
    _local().down(say)


@local_app.command("status")
def local_status() -> None:
    """Print the state and the memory of each program."""
    for line in _local().status_lines():
        say(line)


@local_app.command("destroy")
def local_destroy(yes: Yes = False) -> None:
    """Stop everything and delete its databases, logs and models; the folder data/ stays."""
    if not yes:
        typer.confirm("Delete the databases, logs and models under .local?", abort=True)
    _local().destroy()


@demo_app.command("up")
def demo_up(
    state: State = None,
    runtime: Runtime = RuntimeName.LOCAL,
    project: Project = None,
    workers: Workers = None,
    replicas: Replicas = None,
) -> None:
    """Start everything on simulated sources, run the DAGs to a served prediction, print what happened."""
    from mercado.local.demo import run
    from mercado.local.narration import Narrator
    from mercado.local.settings_files import write_demo_settings
    from mercado.local.stages import STAGE_COUNT

    write_demo_settings(_state(state, runtime))
    _scale(state, runtime, workers, replicas)
    run(_demo(state, runtime, project), Narrator(console, stage_count=STAGE_COUNT))


@demo_app.command("tour")
def demo_tour(state: State = None, runtime: Runtime = RuntimeName.LOCAL, project: Project = None) -> None:
    """List the five things worth seeing in a running demo, with the address or the command of each."""
    from mercado.local.tour import lines
    from mercado.local.tour_facts import collect

    demo = _demo(state, runtime, project)
    _require_running(demo, _state(state, runtime))
    for line in lines(collect(demo.platform)):
        say(line)


@demo_app.command("start")
def demo_start(
    state: State = None,
    runtime: Runtime = RuntimeName.LOCAL,
    project: Project = None,
    workers: Workers = None,
    replicas: Replicas = None,
) -> None:
    """Start the services of a demo that was made before, and run nothing."""
    _scale(state, runtime, workers, replicas)
    _demo(state, runtime, project).up(say)


@demo_app.command("down")
def demo_down(state: State = None, runtime: Runtime = RuntimeName.LOCAL, project: Project = None) -> None:
    """Stop the demo; its data stays until `mercado demo destroy`."""
    _demo(state, runtime, project).down(say)


@demo_app.command("status")
def demo_status(state: State = None, runtime: Runtime = RuntimeName.LOCAL, project: Project = None) -> None:
    """Print the state of each service of the demo, and for local processes the memory."""
    for line in _demo(state, runtime, project).status_lines():
        say(line)


@demo_app.command("destroy")
def demo_destroy(
    yes: Yes = False, state: State = None, runtime: Runtime = RuntimeName.LOCAL, project: Project = None
) -> None:
    """Stop the demo and delete everything of it."""
    if not yes:
        typer.confirm(f"Delete everything of the demo in {_state(state, runtime)}?", abort=True)
    _demo(state, runtime, project).destroy()


def _require_running(demo: "LocalProcesses | ComposeServices", state: Path) -> None:
    from mercado.errors import ServiceUnavailableError

    if not demo.running:
        raise ServiceUnavailableError(
            f"The demo in {state} does not run: `make demo{demo.make_options}` starts it, in two to four minutes."
        )


def _local() -> "LocalProcesses":
    from mercado.local.platform import Platform
    from mercado.local.runtime import LocalProcesses

    return LocalProcesses(Platform.local())


def _demo(state: Path | None, runtime: RuntimeName, project: str | None) -> "LocalProcesses | ComposeServices":
    from mercado.local.compose import PROJECT, ComposeServices
    from mercado.local.platform import Platform
    from mercado.local.runtime import LocalProcesses

    platform = Platform.demo(_state(state, runtime))
    return LocalProcesses(platform) if runtime == RuntimeName.LOCAL else ComposeServices(platform, project or PROJECT)


def _scale(state: Path | None, runtime: RuntimeName, workers: int | None, replicas: int | None) -> None:
    from mercado.local.settings_files import write_demo_scale

    if workers is None and replicas is None:
        return
    if runtime == RuntimeName.LOCAL:
        raise typer.BadParameter("Several workers or APIs run in containers only: add --runtime docker.")
    write_demo_scale(_state(state, runtime), workers=workers, replicas=replicas)


def _state(state: Path | None, runtime: RuntimeName) -> Path:
    """Return the demo's folder; each runtime has its own in the checkout."""
    from mercado.local.platform import DEMO

    return state or (DEMO if runtime == RuntimeName.LOCAL else DEMO.with_name(".demo-docker"))
