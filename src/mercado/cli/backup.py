"""``mercado backup`` and ``mercado restore``: of the platform that runs, of a named one, or from the environment."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mercado.cli.local import Project, RuntimeName, State, Yes
from mercado.cli.output import say

if TYPE_CHECKING:
    from mercado.local.running import Running
    from mercado.maintenance.backup import BackupSource
    from mercado.maintenance.backups import Backup

Runtime = Annotated[
    RuntimeName | None, typer.Option(help="Local processes, or Docker Compose; default: whichever runs.")
]
Target = Annotated[Path | None, typer.Option("--to", help="Folder for the backup; default: MERCADO_BACKUP_DIR.")]
Source = Annotated[Path, typer.Argument(help="The backup's folder, mercado-YYYYMMDDTHHMMSSZ.")]
RestoreRuntime = Annotated[RuntimeName, typer.Option(help="Local processes, or Docker Compose.")]


def backup(state: State = None, runtime: Runtime = None, project: Project = None, to: Target = None) -> None:
    """Back up the platform that runs: databases, models, keys; older backups beyond MERCADO_BACKUP_KEEP are deleted."""
    from mercado.local.platform import EXAMPLE

    if not EXAMPLE.exists():
        _back_up_from_environment(to)
        return
    running = _running(state, runtime, project)
    if running.project is None:
        _back_up_processes(running, to)
    else:
        _back_up_containers(running, to)


def restore(
    source: Source,
    yes: Yes = False,
    state: State = None,
    runtime: RestoreRuntime = RuntimeName.LOCAL,
    project: Project = None,
) -> None:
    """Put a backup in place of the stopped platform's databases and models, whatever they hold now."""
    from mercado.local.platform import EXAMPLE
    from mercado.maintenance.backups import Backup
    from mercado.maintenance.restore import require_same_kind

    chosen = Backup(source.resolve())
    in_checkout = EXAMPLE.exists()
    if in_checkout:
        require_same_kind(chosen, simulated=state is not None)
    if not yes:
        made = f"made by Mercado {chosen.mercado_version}"
        what = f"all databases and models of {_named(state, runtime)}" if in_checkout else "all databases and models"
        typer.confirm(f"Replace {what} by those of {source.name} ({made})?", abort=True)
    if not in_checkout:
        _restore_by_environment(chosen)
    elif runtime == RuntimeName.LOCAL:
        _restore_processes(chosen, state)
    else:
        _restore_containers(chosen, state, project)


def _named(state: Path | None, runtime: RuntimeName) -> str:
    """Return what a person calls the platform that is restored into."""
    if state:
        return f"the demo in {state}"
    return "the platform of `make local`" if runtime == RuntimeName.LOCAL else "the platform of `make up`"


def _running(state: Path | None, runtime: RuntimeName | None, project: str | None) -> "Running":
    from mercado.local.compose import PROJECT
    from mercado.local.platform import Platform
    from mercado.local.running import DOCKER, LOCAL, Running, the_running_platform

    if state is None:
        return the_running_platform(runtime=runtime.value if runtime else None, project=project)
    if runtime == RuntimeName.DOCKER:
        return Running(Platform.demo(state), DOCKER, project or PROJECT)
    return Running(Platform.demo(state), LOCAL, None)


def _back_up_from_environment(to: Path | None) -> None:
    from mercado.maintenance.backup import BackupSource
    from mercado.maintenance.settings import BackupSettings

    settings = BackupSettings.read()
    _back_up(BackupSource.from_settings(settings), to or settings.folder, keep=settings.keep)


def _back_up_processes(running: "Running", to: Path | None) -> None:
    from mercado.local.restoring import backup_source

    platform = running.platform
    _back_up(backup_source(platform), to or platform.backups, keep=platform.backups_kept)


def _back_up_containers(running: "Running", to: Path | None) -> None:
    from mercado.errors import ConfigurationError
    from mercado.local.compose import ComposeServices

    if to is not None:
        raise ConfigurationError("Containers write into MERCADO_BACKUP_DIR alone: set it in .env, or copy the backup.")
    services = ComposeServices(running.platform, running.project or "")
    say(services.execute(services.task_service, "mercado", "backup").rstrip())
    say(f"On this machine the folder is {running.platform.backups}.")


def _back_up(source: "BackupSource", folder: Path, *, keep: int) -> None:
    from mercado.maintenance.backup import back_up
    from mercado.maintenance.backups import delete_old_backups

    made = back_up(source, folder)
    say(f"Backed up to {made.path}: whoever can read it can read every password in Airflow's connections.")
    for old in delete_old_backups(folder, keep=keep):
        say(f"Deleted {old.path}: the newest {keep} are kept.")


def _restore_by_environment(chosen: "Backup") -> None:
    from mercado.maintenance.restore import RestoreTarget
    from mercado.maintenance.restore import restore as run
    from mercado.maintenance.settings import RestoreSettings

    run(chosen, RestoreTarget.from_settings(RestoreSettings.read()), say)


def _restore_processes(chosen: "Backup", state: Path | None) -> None:
    from mercado.local.platform import Platform
    from mercado.local.restoring import restore_processes
    from mercado.local.settings_files import write_demo_settings, write_local_settings

    if state:
        write_demo_settings(state)
    else:
        write_local_settings()
    platform = Platform.demo(state) if state else Platform.local()
    say(f"Restoring {chosen.path.name} into the platform '{platform.name}':")
    restore_processes(platform, chosen, say)
    start = f"mercado demo start --state {state}" if state else "make local"
    say(f"Restored. Start the platform: `{start}`.")


def _restore_containers(chosen: "Backup", state: Path | None, project: str | None) -> None:
    from mercado.local.compose import PROJECT, ComposeServices
    from mercado.local.platform import Platform
    from mercado.local.restoring import restore_containers
    from mercado.local.settings_files import write_demo_settings, write_local_settings

    if state:
        write_demo_settings(state)
        services = ComposeServices(Platform.demo(state), project or PROJECT)
    else:
        write_local_settings()
        platform = Platform.docker()
        services = ComposeServices(platform, project or platform.values.get("COMPOSE_PROJECT_NAME") or "mercado")
    say(f"Restoring {chosen.path.name} into the containers of {services.project}:")
    restore_containers(services, chosen, say)
    demo = f"mercado demo start --runtime docker --project {services.project} --state {state}"
    start = demo if state else "make up"
    say(f"Restored. Start the platform: `{start}`.")
