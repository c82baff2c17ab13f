"""``mercado bitcoin monitor``: what `prediction_monitoring` does, without Airflow."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import uuid4

import typer

from mercado.bitcoin.candles import CandleInterval
from mercado.cli import bitcoin
from mercado.cli.output import say


def monitor(
    symbol: bitcoin.Symbol = "BTCUSDT",
    interval: bitcoin.Interval = CandleInterval.ONE_HOUR,
    horizon_bars: bitcoin.HorizonBars = None,
    window_days: Annotated[
        list[int] | None, typer.Option(min=1, help="Windows in which forecasts are judged; default 7, 30 and 90.")
    ] = None,
    only_look: Annotated[
        bool, typer.Option("--only-look", help="Keep no record of the look, and start no training.")
    ] = False,
) -> None:
    """Join the truth to the predictions, judge the champion's forecasts and its input, and train if that is due."""
    from mercado.bitcoin.monitoring.finding import WatchedSeries
    from mercado.bitcoin.monitoring.monitor import WINDOWS_DAYS, Monitor
    from mercado.bitcoin.monitoring.record import record
    from mercado.bitcoin.monitoring.rules import MonitoringRules, Retraining
    from mercado.bitcoin.monitoring.words import lines
    from mercado.settings import MonitoringSettings, TrackingSettings, TrainingSettings, WarehouseSettings
    from mercado.warehouse.connection import connect

    tracking, key = TrackingSettings.read(), f"mercado bitcoin monitor {uuid4()}"
    series = WatchedSeries(symbol, interval, horizon_bars or TrainingSettings.read().horizon_bars)
    rules = MonitoringRules(**MonitoringSettings.read().model_dump())
    windows = tuple(sorted(set(window_days or WINDOWS_DAYS)))
    with connect(WarehouseSettings.read().resolved_url(), application="mercado bitcoin monitor") as connection:
        watch = Monitor(connection, tracking.resolved_uri(), series, rules, windows)
        counts = watch.join()
        say(f"{counts.inserted} outcomes are new, {counts.updated} were revised; {watch.replay()} forecasts replayed.")
        finding = watch.look(started_by=key, now=datetime.now(UTC))
        for line in lines(finding):
            say(line)
        if only_look:
            return
        kept = record(connection, watch.tracking_uri, finding, started_by=key, ui_url=tracking.ui_url())
    say(f"Report: {kept.report}")
    if finding.decision.retraining is Retraining.STARTED:
        bitcoin.train(symbol=symbol, interval=interval, horizon_bars=series.horizon_bars)
