"""``mercado model``: versions in the registry."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from mercado.cli.output import say

app = typer.Typer(no_args_is_help=True, help="Versions of the forecaster in the registry.")

Model = Annotated[str | None, typer.Option(help="Registered model; default: the main series'.")]


@app.command("list")
def list_versions(model: Model = None) -> None:
    """Print every version with its verdict, newest first."""
    from mercado.registry import FORECASTER_MODEL, REASON_TAG, VERDICT_TAG, Registry
    from mercado.settings import TrackingSettings

    versions = Registry(TrackingSettings.read().resolved_uri(), model or FORECASTER_MODEL).versions()
    for version in versions:
        created = datetime.fromtimestamp(version.created_at_ms / 1000, UTC).strftime("%Y-%m-%d %H:%M")
        verdict, reason = version.tags.get(VERDICT_TAG, "not judged"), version.tags.get(REASON_TAG, "")
        say(f"  {version.version:>4}  {created}  {', '.join(version.aliases) or '-':<10}  {verdict}: {reason}")
    if not versions:
        say("No version yet: `mercado bitcoin train`, or the DAG bitcoin_training_pipeline.")


@app.command()
def rollback(model: Model = None) -> None:
    """Make the version champion again that was it before the present one; the API follows within seconds."""
    from mercado.registry import FORECASTER_MODEL, Registry
    from mercado.settings import TrackingSettings

    registry = Registry(TrackingSettings.read().resolved_uri(), model or FORECASTER_MODEL)
    say(f"{registry.name} version {registry.rollback().version} is champion again.")


@app.command()
def promote(version: Annotated[int, typer.Argument(min=1, help="Number of the version.")], model: Model = None) -> None:
    """Make a version the champion, whatever the gate said, if it holds a leak certificate; the API follows at once."""
    from mercado.registry import FORECASTER_MODEL, Registry
    from mercado.settings import TrackingSettings

    registry = Registry(TrackingSettings.read().resolved_uri(), model or FORECASTER_MODEL)
    registry.promote(version)
    say(f"{registry.name} version {version} is champion now.")
