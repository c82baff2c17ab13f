"""Nine years of generated candles, stored as a download stores them."""

from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg

from mercado.bitcoin.archive import Month
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.kline_text import text_block
from mercado.bitcoin.store import StagedAnswer, merge_answers
from mercado.warehouse.loads import RawAnswer, recorded_load
from tests.simulators.options import SimulatorOptions
from tests.simulators.rendering import archive_csv

SYMBOL = "BTCUSDT"
MINUTE, HOUR = CandleInterval.ONE_MINUTE, CandleInterval.ONE_HOUR
# Nine years after Binance's first candle; half an hour later, so that no candle is under way that anybody waits for.
END = datetime(2026, 8, 17, 4, 30, tzinfo=UTC)


def store_generated_candles(connection: psycopg.Connection, symbol: str, interval: CandleInterval, *, seed: int) -> int:
    """Store a generated series until `END` as a download would, month by month, and return how many candles it has."""
    scope = f"{symbol} {interval}"
    inserted = 0
    with recorded_load(connection, source="binance", scope=scope, origin=f"generated; seed={seed}") as load_id:
        for answer in _months(symbol, interval, seed):
            counts = merge_answers(connection, [answer], symbol=symbol, interval=interval, load_id=load_id)
            inserted += counts.inserted
    return inserted


def _months(symbol: str, interval: CandleInterval, seed: int) -> Iterator[StagedAnswer]:
    sources, clock = SimulatorOptions(symbols=(symbol,), interval=interval, seed=seed, now=END).open()
    snapshot = sources[symbol].snapshot(clock.now_ms())
    month = Month.of(int(snapshot.closed.open_time_ms[0]))
    while month.start_ms < clock.now_ms():
        start_ms, end_ms = month.start_ms, month.following().start_ms
        rows = snapshot.select(start_ms=start_ms, end_ms=end_ms - 1, limit=len(snapshot.closed))
        block = text_block(archive_csv(rows), interval=interval, start_ms=0, end_ms=end_ms, where=str(month))
        yield StagedAnswer(block, RawAnswer(str(month), "0" * 64, len(block.csv), block.row_count))
        month = month.following()
