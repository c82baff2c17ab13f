"""Downloads of simulated candles, and what came of them."""

import psycopg

from mercado.bitcoin.archive import BinanceArchive
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.download import Downloader, DownloadReport
from mercado.bitcoin.rest import BinanceRest
from mercado.settings import BinanceSettings

HOUR = CandleInterval.ONE_HOUR
CONTENT = (
    "select md5(string_agg(format('%s|%s|%s|%s|%s|%s|%s', open_time_utc, open_price, high_price, low_price, "
    "close_price, base_volume, trade_count), ',' order by open_time_utc)), count(*) from market_data.klines"
)


def download(
    connection: psycopg.Connection,
    binance: BinanceSettings,
    *,
    archive: bool = True,
    symbol: str = "BTCUSDT",
    **options: int,
) -> DownloadReport:
    """Download, with the archive or without, and wait for nothing."""
    waits: list[float] = []
    rest = BinanceRest(binance, sleep=waits.append)
    files = BinanceArchive(binance) if archive else None
    return Downloader(connection, rest, files, symbol, HOUR).download(**options)  # type: ignore[arg-type]


def missing_count(connection: psycopg.Connection) -> int:
    """Return how many candles the ledger of gaps holds."""
    row = connection.execute("select coalesce(sum(missing_count), 0) from market_data.kline_gaps").fetchone()
    return int(row[0]) if row else 0
