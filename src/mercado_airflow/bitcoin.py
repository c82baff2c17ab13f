"""What the Bitcoin DAGs' tasks do: open their resources, make one call, return counts, ids or paths."""

import logging
from datetime import UTC, datetime

from mercado.bitcoin.archive import BinanceArchive
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.download import Downloader
from mercado.bitcoin.export import export_candles
from mercado.bitcoin.rest import BinanceRest
from mercado.bitcoin.store import stored_range_ms
from mercado.settings import BinanceSettings, DataSettings
from mercado_airflow import links
from mercado_airflow.assets import CANDLE_FILES, GAPS, wrote
from mercado_airflow.notes import counted, note
from mercado_airflow.warehouse import warehouse_connection

MEGABYTE = 1_000_000
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
        stored = stored_range_ms(connection, symbol, loader.interval)
    log.info(
        "Load %s from %s: %s; %s candles stored", report.load_id, report.origin, report.counts, report.stored_count
    )
    counts = {"load_id": report.load_id, **vars(report.counts)}
    wrote(GAPS, gaps=report.gap_count, missing=report.missing_count)
    note(
        f"**Load {report.load_id}** of {symbol} {interval} into `market_data.klines`, from {report.origin}.",
        counted(counts),
        f"- {report.stored_count:,} candles stored{_range(stored)}",
        f"- {report.missing_count:,} candles missing in {report.gap_count:,} gaps (`market_data.kline_gaps`)",
        f"{links.candles(symbol, interval)} · {links.data_health()} · {links.loads('binance')}",
    )
    return counts | {"stored": report.stored_count, "gaps": report.gap_count}


def export_klines(*, symbol: str, interval: str) -> str:
    """Write all candles of a series to its CSV file and return the path."""
    with warehouse_connection("bitcoin export") as connection:
        file = export_candles(connection, symbol, CandleInterval(interval), DataSettings.read().bitcoin)
    byte_count = file.stat().st_size
    wrote(CANDLE_FILES, file=file.name, byte_count=byte_count)
    note(f"All candles of {symbol} {interval} in `{file}`, {byte_count / MEGABYTE:,.1f} MB.")
    return str(file)


def _range(stored: tuple[int, int] | None) -> str:
    """Return which candles are stored, by their open times in ms."""
    if stored is None:
        return ""
    first, last = (f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d %H:%M}" for time_ms in stored)
    return f", opened {first} to {last} UTC"


def _milliseconds(instant: str) -> int:
    """Return an ISO 8601 instant in milliseconds since the epoch; without a zone it is UTC."""
    moment = datetime.fromisoformat(instant)
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
