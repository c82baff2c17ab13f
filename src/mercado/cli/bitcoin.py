"""``mercado bitcoin``: candles and their forecaster."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from mercado.bitcoin.candles import CandleInterval
from mercado.cli.candle_features import features
from mercado.cli.output import console, say

app = typer.Typer(no_args_is_help=True, help="Bitcoin candles from Binance, and their forecaster.")
app.command()(features)

Symbol = Annotated[str, typer.Option(help="As Binance spells it.")]
Interval = Annotated[CandleInterval, typer.Option(help="Length of a candle.")]
Refits = Annotated[int | None, typer.Option(min=1, help="Refits of the walk-forward.")]
HoldoutBars = Annotated[int | None, typer.Option(min=500, help="Length of the untouched last block.")]
HorizonBars = Annotated[int | None, typer.Option(min=1, max=168, help="How many candles ahead is forecast; default 1.")]
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
    refits: Refits = None,
    holdout_bars: HoldoutBars = None,
    horizon_bars: HorizonBars = None,
    seed: Annotated[int | None, typer.Option(min=0, help="Seed of everything random.")] = None,
    study: Annotated[str | None, typer.Option(help="Earlier study to go on with, on its candles.")] = None,
) -> None:
    """Train on the stored candles, register the forecaster, and make it champion if the gate lets it."""
    from mercado.bitcoin.gate import GateRules
    from mercado.bitcoin.plan import training_plan
    from mercado.bitcoin.report.text import comparison_table
    from mercado.bitcoin.training import Trainer
    from mercado.bitcoin.training import train as run_training
    from mercado.settings import GateSettings, OptunaSettings, TrackingSettings, TrainingSettings, WarehouseSettings
    from mercado.tracking import TrackedRun
    from mercado.warehouse.connection import connect

    plan = training_plan(
        TrainingSettings.read(),
        interval,
        trials=trials,
        refits=refits,
        holdout_bars=holdout_bars,
        horizon_bars=horizon_bars,
        seed=seed,
    )
    tracking = TrackingSettings.read()
    rules = GateRules(**GateSettings.read().model_dump())
    with connect(WarehouseSettings.read().resolved_url(), application="mercado bitcoin train") as connection:
        trainer = Trainer(connection, tracking.resolved_uri(), OptunaSettings.read().resolved_url(), rules)
        job, registered, refusal = run_training(trainer, symbol, interval, plan, study=study, say=say)
    say(comparison_table(TrackedRun(tracking.resolved_uri(), job.run_id, job.experiment_id).metrics()))
    outcome = f"champion now: {registered.reason}" if refusal is None else f"not promoted: {refusal}"
    say(f"Version {registered.version} is {outcome}")
    say(
        f"Report: {tracking.ui_url()}/#/experiments/{job.experiment_id}/runs/{job.run_id}/artifacts/{registered.report}"
    )


@app.command()
def evaluate(
    symbol: Symbol = "BTCUSDT",
    interval: Interval = CandleInterval.ONE_HOUR,
    refits: Refits = None,
    holdout_bars: HoldoutBars = None,
    horizon_bars: HorizonBars = None,
) -> None:
    """Walk the default parameters forward through the last stored candles, beside every baseline; register nothing."""
    from mercado.bitcoin.certificate import certify
    from mercado.bitcoin.dataset import build_training_set
    from mercado.bitcoin.evaluation import walk_forward
    from mercado.bitcoin.gate import GateRules, judge
    from mercado.bitcoin.plan import BoosterParams, training_plan
    from mercado.bitcoin.report.text import comparison_table
    from mercado.bitcoin.store import read_candles
    from mercado.settings import GateSettings, TrainingSettings, WarehouseSettings
    from mercado.warehouse.connection import connect

    plan = training_plan(
        TrainingSettings.read(), interval, refits=refits, holdout_bars=holdout_bars, horizon_bars=horizon_bars
    )
    with connect(WarehouseSettings.read().resolved_url(), application="mercado bitcoin evaluate") as connection:
        candles = read_candles(connection, symbol, interval, end_ms=None)
    rows = build_training_set(candles, symbol=symbol, horizon_bars=plan.horizon_bars)
    evaluation = walk_forward(rows, BoosterParams(), plan=plan)
    say(comparison_table(evaluation.metrics()))
    verdict = judge(evaluation, certify(candles, seed=plan.seed), rules=GateRules(**GateSettings.read().model_dump()))
    for reason in verdict.reasons:
        say(f"  {'met' if reason.passed else 'NOT MET'}: {reason.sentence}")


@app.command()
def rebuild(
    run_id: Annotated[str, typer.Argument(help="A training's run in MLflow.")],
    to: Annotated[Path | None, typer.Option(help="NumPy file (.npz) to write it to, when it is equal.")] = None,
) -> None:
    """Rebuild the training set that a run logged from the stored candles, and say whether it is the same to the bit."""
    from mercado.bitcoin.rebuilding import logged_dataset, rebuild_exactly, save_rows
    from mercado.settings import TrackingSettings, WarehouseSettings
    from mercado.tracking import TrackedRun
    from mercado.warehouse.connection import connect

    logged = logged_dataset(TrackedRun(TrackingSettings.read().resolved_uri(), run_id, experiment_id=""))
    with connect(WarehouseSettings.read().resolved_url(), application="mercado bitcoin rebuild") as connection:
        rows = rebuild_exactly(connection, logged)
    say(f"Equal: {len(rows)} rows of {rows.symbol} {rows.interval}, sha256 {rows.digest}.")
    if to:
        save_rows(rows, to)
        say(f"Written to {to}")


@contextmanager
def _progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Yield a function of done and total that moves a bar; on something that is no terminal nothing is drawn."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
