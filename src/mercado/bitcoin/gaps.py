"""The gap ledger: which candles are missing, and whether the exchange or we lack them."""

from dataclasses import dataclass
from datetime import datetime

import psycopg

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.kline_rows import candle_block
from mercado.bitcoin.rest import BinanceRest
from mercado.bitcoin.store import PACKAGE, StagedAnswer, length, merge_answers
from mercado.warehouse.connection import sql

CONFIRMATIONS_ENOUGH = 3
# What nobody has asked the exchange about since it was found.
OWN_HOLE = "own_hole"


@dataclass(frozen=True)
class Gap:
    """Consecutive missing candles, first and last missing open time included."""

    first_missing: datetime
    last_missing: datetime
    missing_count: int
    kind: str

    @property
    def start_ms(self) -> int:
        """Return the first missing open time in ms."""
        return round(self.first_missing.timestamp() * 1000)

    def end_ms(self, interval: CandleInterval) -> int:
        """Return the instant, in ms, at which the last missing candle ends."""
        return round(self.last_missing.timestamp() * 1000) + interval.milliseconds


def refresh_gaps(
    connection: psycopg.Connection, symbol: str, interval: CandleInterval, *, end_ms: int, load_id: int
) -> None:
    """Bring the ledger in line with the stored candles and with ``end_ms``, by which the last one could be closed."""
    end_ms -= end_ms % interval.milliseconds
    values = {
        "symbol": symbol,
        "interval": interval.value,
        "length": length(interval),
        "end_ms": end_ms,
        "load_id": load_id,
    }
    connection.execute(sql(PACKAGE, "refresh_gaps"), values)


def confirm_gaps(
    connection: psycopg.Connection, rest: BinanceRest, symbol: str, interval: CandleInterval, *, load_id: int
) -> int:
    """Ask the exchange again for each gap not yet confirmed often enough; store what it has; return candles found.

    Where it has none, the gap becomes an ``exchange_outage`` with one confirmation more. Binance repaired its history
    before, so a gap is asked about in several loads, `CONFIRMATIONS_ENOUGH` in all.
    """
    found = 0
    for gap in read_gaps(connection, symbol, interval, below_confirmations=CONFIRMATIONS_ENOUGH):
        start_ms, end_ms = gap.start_ms, gap.end_ms(interval)
        for page in rest.pages(symbol, interval, start_ms=start_ms, end_ms=end_ms):
            block = candle_block(page.rows, interval=interval, start_ms=start_ms, end_ms=end_ms, where=page.answer.url)
            batch = [StagedAnswer(block, page.answer)]
            merge_answers(connection, batch, symbol=symbol, interval=interval, load_id=load_id)
            found += block.row_count
        _confirm(connection, symbol, interval, gap)
    return found


def read_gaps(
    connection: psycopg.Connection,
    symbol: str,
    interval: CandleInterval,
    *,
    below_confirmations: int | None = None,
) -> list[Gap]:
    """Return the ledger of a series, oldest first; on request only inner gaps with fewer confirmations."""
    rows = connection.execute(
        "select first_missing_open_time_utc, last_missing_open_time_utc, missing_count, kind "
        "from market_data.kline_gaps where (symbol, interval) = (%(symbol)s, %(interval)s) "
        "and (%(below)s::int is null or (kind <> 'not_yet_published' and confirmation_count < %(below)s)) "
        "order by first_missing_open_time_utc",
        {"symbol": symbol, "interval": interval.value, "below": below_confirmations},
    )
    return [Gap(*row) for row in rows]


def _confirm(connection: psycopg.Connection, symbol: str, interval: CandleInterval, gap: Gap) -> None:
    connection.execute(
        "update market_data.kline_gaps set kind = 'exchange_outage', confirmation_count = confirmation_count + 1, "
        "confirmed_at_utc = clock_timestamp() "
        "where (symbol, interval, first_missing_open_time_utc) = (%s, %s, %s)",
        (symbol, interval.value, gap.first_missing),
    )
