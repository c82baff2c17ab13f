"""Long series: read as arrays, piece by piece, exported as text and as features, each equal to the simple way."""

import csv
import subprocess
import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import numpy as np
import psycopg
import pyarrow.parquet
import pytest

from mercado.bitcoin.archive import BinanceArchive
from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.download import Downloader, DownloadReport
from mercado.bitcoin.export import export_candles
from mercado.bitcoin.feature_file import export_features
from mercado.bitcoin.features import FEATURE_NAMES, LOOK_BACK_BARS, feature_matrix
from mercado.bitcoin.grid import to_grid
from mercado.bitcoin.rest import BinanceRest
from mercado.bitcoin.store import candle_pieces, read_candles
from mercado.bitcoin.target import usable_rows
from mercado.bitcoin.whole_files import draft_of
from mercado.errors import NotEnoughDataError, StorageFullError
from mercado.settings import BinanceSettings
from tests.commands import run_mercado
from tests.simulators.running import running_simulator

MINUTE = CandleInterval.ONE_MINUTE
# The archive has microseconds from the second month on.
GENESIS, NOW = datetime(2024, 12, 29, tzinfo=UTC), datetime(2025, 2, 3, 0, 30, tzinfo=UTC)
BY_ROW = """
    select (extract(epoch from open_time_utc) * 1000)::bigint, open_price, high_price, low_price, close_price,
        base_volume
    from market_data.klines where symbol = 'BTCUSDT' and interval = '1m' order by open_time_utc
"""
WHOLE_ROWS = "select * from market_data.klines order by open_time_utc"


def download(connection: psycopg.Connection, *, archive: bool = True, refetch: bool = False) -> DownloadReport:
    with running_simulator(genesis=GENESIS, now=NOW, interval=MINUTE) as simulator:
        binance = BinanceSettings.model_validate(
            {"BINANCE_BASE_URL": simulator.base_url, "BINANCE_ARCHIVE_URL": simulator.archive_url}
        )
        files = BinanceArchive(binance) if archive else None
        return Downloader(connection, BinanceRest(binance), files, "BTCUSDT", MINUTE).download(refetch=refetch)


@pytest.fixture
def minutes(warehouse: psycopg.Connection) -> psycopg.Connection:
    """Return a connection to a warehouse with five weeks of minutes, and holes in them."""
    download(warehouse)
    warehouse.execute("delete from market_data.klines where open_time_utc::date in ('2025-01-04', '2025-01-20')")
    warehouse.execute("delete from market_data.klines where open_time_utc between '2025-02-01' and '2025-02-01 00:07'")
    return warehouse


def by_row(connection: psycopg.Connection) -> CandleSeries:
    """Read candles one by one: float() rounds a decimal to the nearest float64."""
    rows = connection.execute(BY_ROW).fetchall()
    times, *columns = zip(*rows, strict=True)
    prices = [np.array([float(value) for value in column]) for column in columns]
    return CandleSeries(MINUTE, np.array(times, dtype=np.int64), *prices)


def test_minutes_from_the_archive_are_those_of_rest_with_every_decimal(warehouse: psycopg.Connection) -> None:
    report = download(warehouse)
    from_archive = [row[:-1] for row in warehouse.execute(WHOLE_ROWS)]
    assert len(from_archive) == report.counts.inserted == report.stored_count
    assert report.counts.inserted + report.missing_count == (NOW - GENESIS).total_seconds() // 60
    scales = warehouse.execute("select distinct scale(open_price), scale(quote_volume) from market_data.klines")
    assert scales.fetchall() == [(8, 8)]
    warehouse.execute("truncate market_data.klines, market_data.kline_gaps")
    download(warehouse, archive=False)
    assert [row[:-1] for row in warehouse.execute(WHOLE_ROWS)] == from_archive


def test_a_month_of_which_something_is_stored_is_compared_and_not_inserted_again(minutes: psycopg.Connection) -> None:
    minutes.execute("update market_data.klines set trade_count = 0 where open_time_utc::date = '2024-12-31'")
    stored = minutes.execute("select count(*) from market_data.klines").fetchone()
    report = download(minutes, refetch=True)
    assert stored is not None
    assert report.counts.updated == 24 * 60
    assert report.counts.unchanged == stored[0] - report.counts.updated
    assert report.stored_count == stored[0] + report.counts.inserted
    again = download(minutes, refetch=True)
    assert (again.counts.inserted, again.counts.updated) == (0, 0)


def test_candles_read_as_arrays_are_those_read_by_row_to_the_last_bit(minutes: psycopg.Connection) -> None:
    expected, series = by_row(minutes), read_candles(minutes, "BTCUSDT", MINUTE)
    assert series.digest == expected.digest
    assert all(column.dtype.isnative and column.flags.writeable for column in (series.open_time_ms, series.close))
    start, end = (int(expected.open_time_ms[place]) for place in (7, 5_000))
    asked = read_candles(minutes, "BTCUSDT", MINUTE, start_ms=start, end_ms=end)
    assert asked.digest == expected[7:5_000].digest
    newest = read_candles(minutes, "BTCUSDT", MINUTE, start_ms=start, end_ms=end, last=3)
    assert newest.digest == expected[4_997:5_000].digest
    assert len(read_candles(minutes, "BTCUSDT", MINUTE, end_ms=end, last=10_000)) == 5_000
    assert len(read_candles(minutes, "ETHUSDT", MINUTE)) == 0


@pytest.mark.parametrize("piece_rows", [997, 10_000, 10**6])
def test_pieces_of_any_size_are_the_whole_series(minutes: psycopg.Connection, piece_rows: int) -> None:
    whole = read_candles(minutes, "BTCUSDT", MINUTE)
    pieces = list(candle_pieces(minutes, "BTCUSDT", MINUTE, piece_rows=piece_rows))
    assert [len(piece) for piece in pieces[:-1]] == [piece_rows] * (len(pieces) - 1)
    assert b"".join(piece.close.tobytes() for piece in pieces) == whole.close.tobytes()
    restarted = candle_pieces(minutes, "BTCUSDT", MINUTE, start_ms=int(whole.open_time_ms[5_000]))
    assert next(restarted).digest == whole[5_000:][:100_000].digest


def test_the_exported_file_is_the_stored_rows_as_text(minutes: psycopg.Connection, tmp_path: Path) -> None:
    file = export_candles(minutes, "BTCUSDT", MINUTE, tmp_path)
    with file.open(newline="") as stream:
        header, *lines = csv.reader(stream)
    assert header == [
        "open_time_utc", "open_price", "high_price", "low_price", "close_price", "base_volume", "close_time_utc",
        "quote_volume", "trade_count", "taker_buy_base_volume", "taker_buy_quote_volume",
    ]  # fmt: skip
    expected = [
        [instant(value) if isinstance(value, datetime) else text(value) for value in row[2:-1]]
        for row in minutes.execute(WHOLE_ROWS)
    ]
    assert lines == expected
    assert file.read_bytes().count(b"\r") == 0


def instant(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


def text(value: Decimal | int) -> str:
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def test_the_command_writes_features_that_are_read_back_equal(
    minutes: psycopg.Connection, mercado_command: dict[str, str], tmp_path: Path
) -> None:
    target = tmp_path / "features.parquet"
    finished = run_mercado(mercado_command, "bitcoin", "features", "--interval", "1m", "--to", str(target))
    assert finished.returncode == 0, finished.stderr
    grid = to_grid(read_candles(minutes, "BTCUSDT", MINUTE))
    matrix = feature_matrix(grid)
    usable = usable_rows(grid.missing, matrix, look_back_bars=LOOK_BACK_BARS, horizon_bars=0)
    table = pyarrow.parquet.read_table(target)
    assert table.column_names == ["open_time_utc", *FEATURE_NAMES]
    assert {str(field.type) for field in table.schema} == {"timestamp[ms, tz=UTC]", "float"}
    times = table["open_time_utc"].cast("int64").to_numpy()
    assert np.array_equal(times, grid.series.open_time_ms[usable])
    read_back = np.column_stack([table[name].to_numpy() for name in FEATURE_NAMES])
    assert read_back.tobytes() == matrix[usable].tobytes()
    assert f"{usable.sum()} rows of features of BTCUSDT 1m" in finished.stdout.replace("\n", " ")
    assert [file.name for file in tmp_path.iterdir()] == [target.name]


def test_a_series_without_features_writes_no_file(warehouse: psycopg.Connection, tmp_path: Path) -> None:
    with pytest.raises(NotEnoughDataError, match="mercado bitcoin download --symbol BTCUSDT --interval 1m"):
        export_features(warehouse, "BTCUSDT", MINUTE, tmp_path / "features.parquet")
    assert list(tmp_path.iterdir()) == []


def test_features_on_a_full_disk_leave_the_old_file(minutes: psycopg.Connection, tmp_path: Path) -> None:
    target = tmp_path / "features.parquet"
    target.write_text("as it was before")
    draft_of(target).symlink_to("/dev/full")
    with pytest.raises(StorageFullError, match="the old file is kept"):
        export_features(minutes, "BTCUSDT", MINUTE, target)
    assert target.read_text() == "as it was before"
    assert minutes.info.transaction_status == psycopg.pq.TransactionStatus.IDLE


def test_without_pyarrow_the_command_says_what_is_missing(
    minutes: psycopg.Connection, mercado_command: dict[str, str], tmp_path: Path
) -> None:
    command = "import sys; sys.modules['pyarrow'] = None; from mercado.cli import main; main()"
    arguments = ["bitcoin", "features", "--interval", "1m", "--to", str(tmp_path / "features.parquet")]
    finished = subprocess.run(
        [sys.executable, "-c", command, *arguments], env=mercado_command, capture_output=True, text=True, check=False
    )
    assert finished.returncode == 1
    assert finished.stderr == "Error: Parquet needs the package pyarrow, which is not installed.\n"
    assert list(tmp_path.iterdir()) == []
