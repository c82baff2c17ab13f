"""What the Bitcoin DAGs' tasks do: open their resources, make one call, return counts, ids or paths."""

import logging
from datetime import UTC, datetime

from mercado.bitcoin.archive import BinanceArchive
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.download import Downloader
from mercado.bitcoin.export import export_candles
from mercado.bitcoin.rest import BinanceRest
from mercado.settings import BinanceSettings, DataSettings
from mercado_airflow.warehouse import warehouse_connection

log = logging.getLogger(__name__)


def download_klines(*, symbol: str, interval: str, start: str | None) -> dict[str, int]:
    """Load the missing candles of a series; return the load's id and counts.

    Args:
        symbol: Such as ``BTCUSDT``.
        interval: Binance's spelling, such as ``1h``.
        start: ISO 8601 instant of the first candle wanted, or ``None`` for ``BINANCE_HISTORY_START``.
    """
    binance = BinanceSettings.read()
    archive = BinanceArchive(binance) if binance.archive_url else None
    start_ms = _milliseconds(start) if start else binance.history_start_ms
    with warehouse_connection("bitcoin download") as connection:
        loader = Downloader(connection, BinanceRest(binance), archive, symbol, CandleInterval(interval))
        report = loader.download(start_ms=start_ms)
    log.info(
        "Load %s from %s: %s; %s candles stored", report.load_id, report.origin, report.counts, report.stored_count
    )
    return {"load_id": report.load_id, **vars(report.counts), "stored": report.stored_count, "gaps": report.gap_count}


def export_klines(*, symbol: str, interval: str) -> str:
    """Write all candles of a series to its CSV file and return the path."""
    with warehouse_connection("bitcoin export") as connection:
        return str(export_candles(connection, symbol, CandleInterval(interval), DataSettings.read().bitcoin))


def _milliseconds(instant: str) -> int:
    """Return an ISO 8601 instant in milliseconds since the epoch; without a zone it is UTC."""
    moment = datetime.fromisoformat(instant)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
