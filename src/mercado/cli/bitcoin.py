"""``mercado bitcoin``: candles and their forecaster."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from mercado.bitcoin.candles import CandleInterval
from mercado.cli.output import console, say

app = typer.Typer(no_args_is_help=True, help="Bitcoin candles from Binance, and their forecaster.")

Symbol = Annotated[str, typer.Option(help="As Binance spells it.")]
Interval = Annotated[CandleInterval, typer.Option(help="Length of a candle.")]
Instant = Annotated[
    datetime | None,
    typer.Option(help="UTC; default: BINANCE_HISTORY_START, or the oldest.", formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
]


@app.command()
def download(
    symbol: Symbol = "BTCUSDT",
    interval: Interval = CandleInterval.ONE_HOUR,
    start: Instant = None,
    refetch: Annotated[
        bool, typer.Option("--refetch", help="Ask for stored candles too and update revised ones.")
    ] = False,
    export: Annotated[bool, typer.Option(help="Write the CSV file as well.")] = True,
) -> None:
    """Download closed candles into the warehouse and export them to CSV; resumes where the last run ended."""
    from mercado.bitcoin.archive import BinanceArchive
    from mercado.bitcoin.download import Downloader
    from mercado.bitcoin.export import export_candles
    from mercado.bitcoin.rest import BinanceRest
    from mercado.settings import BinanceSettings, DataSettings, WarehouseSettings
    from mercado.warehouse.connection import connect

    binance = BinanceSettings.read()
    archive = BinanceArchive(binance) if binance.archive_url else None
    start_ms = round(start.replace(tzinfo=UTC).timestamp() * 1000) if start else binance.history_start_ms
    with connect(WarehouseSettings.read().resolved_url(), application="mercado bitcoin download") as connection:
        with _progress_bar(f"{symbol} {interval}") as advance:
            loader = Downloader(connection, BinanceRest(binance), archive, symbol, interval, advance)
            report = loader.download(start_ms=start_ms, refetch=refetch)
        counts = report.counts
        say(
            f"{symbol} {interval} from {report.origin}: {counts.inserted} inserted, {counts.updated} updated, "
            f"{counts.unchanged} unchanged; {report.stored_count} stored, {report.gap_count} gaps "
            f"({report.missing_count} candles missing). Load {report.load_id}."
        )
        if export:
            say(f"Exported to {export_candles(connection, symbol, interval, DataSettings.read().bitcoin)}")


@app.command()
def train(
    symbol: Symbol = "BTCUSDT",
    interval: Interval = CandleInterval.ONE_HOUR,
    trials: Annotated[
        int | None, typer.Option(min=1, help="Trials of the study; default MERCADO_TRAINING_TRIALS.")
    ] = None,
    refits: Annotated[int | None, typer.Option(min=1, help="Refits of the walk-forward.")] = None,
    holdout_bars: Annotated[int | None, typer.Option(min=500, help="Length of the untouched last block.")] = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of everything random.")] = None,
) -> None:
    """Train on the stored candles, register the forecaster, and make it champion if the gate lets it."""
    from mercado.bitcoin.plan import training_plan
    from mercado.bitcoin.report import comparison_table
    from mercado.bitcoin.training import Trainer
    from mercado.settings import OptunaSettings, TrackingSettings, TrainingSettings, WarehouseSettings
    from mercado.tracking import TrackedRun
    from mercado.warehouse.connection import connect

    plan = training_plan(TrainingSettings.read(), trials=trials, refits=refits, holdout_bars=holdout_bars, seed=seed)
    tracking_uri = TrackingSettings.read().resolved_uri()
    with connect(WarehouseSettings.read().resolved_url(), application="mercado bitcoin train") as connection:
        trainer = Trainer(connection, tracking_uri, OptunaSettings.read().resolved_url())
        job = trainer.start(symbol, interval, plan)
        say(f"Run {job.run_id}: {job.plan}")
        registered = trainer.register(job, trainer.tune(job, say=say), say=say)
        trainer.promote(job, registered)
    say(comparison_table(TrackedRun(tracking_uri, job.run_id, job.experiment_id).metrics()))
    outcome = "champion now" if registered.promote else "not promoted"
    say(f"Version {registered.version} is {outcome}: {registered.reason}")


@contextmanager
def _progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function of done and total that moves a bar; on something that is no terminal nothing is drawn."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
