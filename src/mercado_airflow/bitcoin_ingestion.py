"""The tasks of ``bitcoin_data_ingestion``: each opens its resources, makes one call, and names its result.

The DAG's file imports this module, and is parsed every half minute: what is heavy is imported when a task runs.
"""

import logging
from datetime import UTC, datetime
from typing import Any, Final

from airflow.sdk.exceptions import AirflowSkipException

from mercado.errors import ConfigurationError
from mercado.series import Series
from mercado.settings import BinanceSettings, DataSettings, SeriesSettings
from mercado_airflow import links
from mercado_airflow.assets import CANDLE_FILES, GAPS, KLINES, wrote
from mercado_airflow.notes import counted, note
from mercado_airflow.warehouse import warehouse_connection

MEGABYTE: Final = 1_000_000
log = logging.getLogger(__name__)


def download(series: str, params: dict[str, Any] | None = None, dag_run: Any = None) -> dict[str, int]:
    """Load what is missing into the warehouse; return the load's id and counts, and what is new since the run began."""
    from mercado.bitcoin.archive import BinanceArchive
    from mercado.bitcoin.download import SOURCE, Downloader
    from mercado.bitcoin.rest import BinanceRest
    from mercado.bitcoin.store import stored_range_ms
    from mercado.warehouse.loads import stored_since

    named, start = Series.of(series), (params or {})["start"]
    binance = BinanceSettings.read()
    archive = BinanceArchive(binance) if binance.archive_url else None
    start_ms = _milliseconds(start) if start else binance.history_start_ms
    with warehouse_connection("bitcoin download") as connection:
        loader = Downloader(connection, BinanceRest(binance), archive, named.symbol, named.interval)
        report = loader.download(start_ms=start_ms)
        stored = stored_range_ms(connection, named.symbol, named.interval)
        # What an earlier try stored before it failed is as new to whoever waits for candles.
        new = stored_since(connection, source=SOURCE, scope=loader.scope, since=dag_run.run_after)
    log.info(
        "Load %s from %s: %s; %s candles stored", report.load_id, report.origin, report.counts, report.stored_count
    )
    counts = {"load_id": report.load_id, **vars(report.counts)}
    wrote(GAPS, gaps=report.gap_count, missing=report.missing_count)
    note(
        f"**Load {report.load_id}** of {series} into `market_data.klines`, from {report.origin}.",
        counted(counts),
        f"- {report.stored_count:,} candles stored{_range(stored)}",
        f"- {report.missing_count:,} candles missing in {report.gap_count:,} gaps (`market_data.kline_gaps`)",
        f"{links.candles(named.symbol, named.interval)} · {links.data_health()} · {links.loads('binance')}",
    )
    return counts | {"new": new, "stored": report.stored_count, "gaps": report.gap_count}


def export(series: str, counts: dict[str, int]) -> str:
    """Write all candles to the CSV file, once they are there; return its path."""
    from mercado.bitcoin.export import export_candles

    named = Series.of(series)
    with warehouse_connection("bitcoin export") as connection:
        file = export_candles(connection, named.symbol, named.interval, DataSettings.read().bitcoin)
    byte_count = file.stat().st_size
    wrote(CANDLE_FILES, file=file.name, byte_count=byte_count)
    note(f"All candles of {series} in `{file}`, {byte_count / MEGABYTE:,.1f} MB.")
    return str(file)


def announce(series: str, counts: dict[str, int]) -> None:
    """Tell the DAGs that wait for candles, unless nothing is new or nobody waits for this series."""
    if Series.of(series) not in SeriesSettings.read().trained:
        raise AirflowSkipException(
            f"{series} starts no training: it is shorter than an hour, or not in MERCADO_SERIES."
        )
    if not counts["new"]:
        raise AirflowSkipException("No new candle: nothing to announce.")
    wrote(KLINES, partition=series, **counts)


def _range(stored: tuple[int, int] | None) -> str:
    """Return which candles are stored, by their open times in ms."""
    if stored is None:
        return ""
    first, last = (f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d %H:%M}" for time_ms in stored)
    return f", opened {first} to {last} UTC"


def _milliseconds(instant: str) -> int:
    """Return an ISO 8601 instant in milliseconds since the epoch; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(instant)
    except ValueError as error:
        raise ConfigurationError(f"The Param start is no instant: {instant} ({error}).") from error
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)
