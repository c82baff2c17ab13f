"""The command line of the simulators: ``python -m tests.simulators``, from the repository root."""

import logging
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.application import build_application
from tests.simulators.clock import parse_instant
from tests.simulators.drifting import Drift
from tests.simulators.generated import Profile
from tests.simulators.options import ARCHIVE_KEPT_MB, FIRST_BTCUSDT_CANDLE, SYMBOLS, SimulatorOptions
from tests.simulators.serving import make_server
from tests.simulators.sipsa.options import SipsaOptions
from tests.simulators.sipsa.service import SERVICE_PATH
from tests.simulators.weights import WEIGHT_LIMIT


def _instant(text: str) -> datetime:
    try:
        return parse_instant(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8900,
    profile: Annotated[
        Profile,
        typer.Option(
            help="Generated candles: a planted one-bar reversal (about 55 % of signs), a weak one, or nothing."
        ),
    ] = Profile.REVERSAL,
    seed: Annotated[int, typer.Option(min=0, help="Seed of the generated candles.")] = 7,
    genesis: Annotated[
        datetime | None,
        typer.Option(
            parser=_instant,
            metavar="INSTANT",
            help="First generated candle, ISO 8601 with zone.",
            show_default=f"{FIRST_BTCUSDT_CANDLE:%Y-%m-%dT%H:%M:%SZ}",
        ),
    ] = None,
    drift: Annotated[
        Drift | None, typer.Option(help="Let the generated market become another one: wilder, or by other rules.")
    ] = None,
    drift_from: Annotated[
        datetime | None,
        typer.Option(parser=_instant, metavar="INSTANT", help="When it does, ISO 8601 with zone; needed with --drift."),
    ] = None,
    interval: Annotated[
        CandleInterval, typer.Option(help="Length of the candles; multiples of it are served too.")
    ] = CandleInterval.ONE_HOUR,
    symbol: Annotated[
        list[str], typer.Option(help="Symbol on offer; may be stated again. Of a replay there is the first one only.")
    ] = list(SYMBOLS),  # noqa: B006 - typer copies it
    replay: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="Serve this CSV (open_time in ms,open,high,low,close,volume) instead; its clock stands still shortly "
            "after the last candle.",
        ),
    ] = None,
    now: Annotated[
        datetime | None,
        typer.Option(
            parser=_instant,
            metavar="INSTANT",
            help="Let the clock stand still here until POST /_simulator/now; without it generated candles follow the "
            "real clock.",
        ),
    ] = None,
    weight_limit: Annotated[int, typer.Option(min=1, help="Request weight allowed in a minute.")] = WEIGHT_LIMIT,
    archive_kept_mb: Annotated[
        int, typer.Option(min=1, help="Memory for archive files that have been made, in MiB.")
    ] = ARCHIVE_KEPT_MB,
    sipsa_rows: Annotated[
        int, typer.Option(min=0, help="Rows of each SIPSA operation's answer at the start.")
    ] = 20_000,
    sipsa_seed: Annotated[int, typer.Option(min=0, help="Seed of SIPSA's prices.")] = 7,
    sipsa_today: Annotated[
        date | None,
        typer.Option(
            parser=_day,
            metavar="DAY",
            help="SIPSA's calendar day until POST /_simulator/sipsa/window; otherwise the clock's, in Bogota.",
        ),
    ] = None,
    sipsa_address: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="Address that SIPSA's WSDL states; without it port 80 of the host that was asked, as the real one.",
        ),
    ] = None,
) -> None:
    """Serve simulated Binance candles (REST under /api/v3, archive under /archive) and DANE's SIPSA (SOAP)."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    options = SimulatorOptions(
        profile=profile,
        seed=seed,
        genesis=genesis or FIRST_BTCUSDT_CANDLE,
        drift=drift,
        drift_from=drift_from,
        interval=interval,
        symbols=tuple(symbol),
        replay=replay,
        now=now,
        weight_limit=weight_limit,
        archive_kept_mb=archive_kept_mb,
        sipsa=SipsaOptions(rows=sipsa_rows, seed=sipsa_seed, today=sipsa_today, address=sipsa_address),
    )
    try:
        application = build_application(options)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error
    typer.echo(
        f"Simulated {', '.join(symbol)} {interval.value}: http://{host}:{port}, archive at http://{host}:{port}/archive"
    )
    typer.echo(f"Simulated SIPSA: http://{host}:{port}{SERVICE_PATH}?WSDL")
    server = make_server(application, host=host, port=port, timeout_graceful_shutdown=5)
    server.run()
    if not server.started:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(serve)
