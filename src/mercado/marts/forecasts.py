"""Stored forecasts with what came true of them, and what the monitoring found of the models that made them."""

from datetime import datetime
from typing import Final

import psycopg

from mercado.bitcoin.candles import CandleInterval
from mercado.marts.paging import ID, INSTANT, UNIQUE_ID, Listing, Page, read_page
from mercado.series import MAIN_SYMBOL

FORECASTS: Final = Listing(
    "forecasts",
    key={"as_of_utc": INSTANT, "prediction_id": UNIQUE_ID},
    filters={
        "symbol": "symbol = %(symbol)s",
        "interval": "interval = %(interval)s",
        "model_version": "model_version = %(model_version)s",
        "kind": "kind = %(kind)s",
        "since": "as_of_utc >= %(since)s",
        "until": "as_of_utc <= %(until)s",
    },
    descending=True,
)
LOOKS: Final = Listing(
    "monitoring",
    key={"monitoring_run_id": ID},
    filters={"symbol": "symbol = %(symbol)s", "interval": "interval = %(interval)s"},
    descending=True,
)


def read_forecasts(
    connection: psycopg.Connection,
    *,
    symbol: str = MAIN_SYMBOL,
    interval: CandleInterval = CandleInterval.ONE_HOUR,
    model_version: int | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 100,
    cursor: str | None = None,
) -> Page:
    """Return stored forecasts of a series, the newest first, with the outcome where the forecast candle has closed.

    An outcome counts only where the forecast was made from the stored candle; otherwise it is null.

    Args:
        connection: Open, owned by the caller.
        symbol: As Binance spells it.
        interval: Length of a candle.
        model_version: Of the registered model.
        kind: latest, given, as_of or replayed.
        since: First instant as of which was forecast; aware.
        until: Last one.
        limit: Most rows.
        cursor: Of the page before.
    """
    filters = {
        "symbol": symbol,
        "interval": interval.value,
        "model_version": model_version,
        "kind": kind,
        "since": since,
        "until": until,
    }
    return read_page(connection, FORECASTS, filters, limit=limit, cursor=cursor)


def read_monitoring(
    connection: psycopg.Connection,
    *,
    symbol: str | None = None,
    interval: CandleInterval | None = None,
    limit: int = 10,
    cursor: str | None = None,
) -> Page:
    """Return looks at champions, the newest first, each with the figures that it rests on."""
    return read_page(connection, LOOKS, {"symbol": symbol, "interval": interval}, limit=limit, cursor=cursor)
