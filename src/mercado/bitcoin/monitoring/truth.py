"""The truth, joined to the predictions once their candles have closed."""

from dataclasses import dataclass
from typing import Final

import psycopg

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.store import length
from mercado.warehouse.connection import sql

PACKAGE: Final = "mercado.bitcoin.monitoring"


@dataclass(frozen=True)
class JoinCounts:
    """How many outcomes a join wrote: new ones, and ones whose candle was revised."""

    inserted: int
    updated: int


def join_truth(connection: psycopg.Connection, symbol: str, interval: CandleInterval) -> JoinCounts:
    """Write down what came true of every prediction of a series whose candle is stored by now.

    Joining again changes nothing, but for candles that were revised since. A prediction whose candle the exchange lacks
    has no outcome, and one that was made from another close than the stored one is marked, so that nobody judges it.

    Args:
        connection: Open, owned by the caller.
        symbol: Such as ``BTCUSDT``.
        interval: Of the candles.
    """
    values = {"symbol": symbol, "interval": interval.value, "length": length(interval)}
    row = connection.execute(sql(PACKAGE, "join_truth"), values).fetchone()
    return JoinCounts(*row) if row else JoinCounts(0, 0)
