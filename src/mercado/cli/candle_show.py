"""``mercado bitcoin show``: the newest candles, their gaps, the newest forecast, and how good forecasts have been."""

from typing import Annotated

import typer

from mercado.bitcoin.candles import CandleInterval
from mercado.cli import bitcoin
from mercado.cli.output import console, say
from mercado.tables import print_table

CANDLES = 12
# A week of hourly candles.
COURSE_CANDLES = 168
GAPS = 10_000


def show(
    symbol: bitcoin.Symbol = "BTCUSDT",
    interval: bitcoin.Interval = CandleInterval.ONE_HOUR,
    candles: Annotated[int, typer.Option(min=1, max=1000, help="How many candles are listed.")] = CANDLES,
) -> None:
    """Show the newest candles and their gaps, the newest forecast, how good forecasts have been, and the champion."""
    from mercado.cli import candle_tables as tables
    from mercado.errors import NotEnoughDataError
    from mercado.marts.candles import read_candle_rows, read_gaps
    from mercado.marts.forecasts import read_forecasts, read_monitoring
    from mercado.settings import WarehouseSettings
    from mercado.warehouse.connection import connect
    from mercado.warehouse.schema import require_current_schema

    with connect(WarehouseSettings.read().resolved_url(), application="mercado bitcoin show") as connection:
        require_current_schema(connection)
        limit = max(candles, COURSE_CANDLES)
        rows = read_candle_rows(connection, symbol=symbol, interval=interval, limit=limit).rows
        gaps = read_gaps(connection, symbol=symbol, interval=interval, limit=GAPS).rows
        forecasts = read_forecasts(connection, symbol=symbol, interval=interval, limit=1).rows
        looks = read_monitoring(connection, symbol=symbol, interval=interval, limit=1).rows
    if not rows:
        raise NotEnoughDataError(
            f"No candle of {symbol} {interval} is stored: run `mercado bitcoin download --symbol {symbol} --interval "
            f"{interval}`, or the DAG bitcoin_data_ingestion."
        )
    say(f"{symbol} {interval}")
    print_table(console, tables.candles_table(rows[:candles]))
    forecast_lines = tables.forecast_lines(forecasts[0]) if forecasts else ["Forecast: none is stored yet."]
    for line in (
        *tables.course_lines(rows, interval, ascii_only=console.options.ascii_only),
        *tables.gap_lines(gaps),
        *forecast_lines,
        *(tables.skill_lines(looks[0]) if looks else ["Looked at: not yet; see `mercado bitcoin monitor`."]),
        _champion_line(symbol, interval),
    ):
        say(line)


def _champion_line(symbol: str, interval: CandleInterval) -> str:
    """Return which version is served; when MLflow does not answer, that it is not known, and why."""
    from mercado.errors import MercadoError
    from mercado.registry import Registry, champion_since, model_name
    from mercado.settings import TrackingSettings, TrainingSettings

    try:
        name = model_name(symbol, interval, TrainingSettings.read().horizon_bars)
        registry = Registry(TrackingSettings.read().resolved_uri(), name)
        champion = registry.champion()
        if champion is None:
            return f"Champion: none. {registry.why_no_champion()}"
    except MercadoError as error:
        return f"Champion: unknown. {error}"
    return f"Champion: version {champion.version} of {name}, since {champion_since(champion):%Y-%m-%d %H:%M}."
