"""Downloads from a simulated Binance into a real PostgreSQL: complete, and resumable."""

import random
import signal
import subprocess
import time
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest

from mercado.bitcoin.gaps import read_gaps, refresh_gaps
from mercado.errors import (
    ConfigurationError,
    LoadInProgressError,
    MixedOriginError,
)
from mercado.settings import BinanceSettings
from mercado.warehouse.connection import connect
from tests.commands import MERCADO, run_mercado
from tests.conftest import SAMPLES
from tests.integration.conftest import GENESIS, NOW
from tests.integration.downloads import CONTENT, HOUR, download
from tests.simulators.running import SimulatorHandle, running_simulator

REAL_CANDLES = SAMPLES / "bitcoin" / "BTCUSDT-1h-2017-2025.csv"
ROWS = "select * from market_data.klines order by open_time_utc"


def test_archive_and_rest_together_store_the_same_candles_as_rest_alone(
    warehouse: psycopg.Connection, binance: BinanceSettings
) -> None:
    with_archive = download(warehouse, binance)
    first = warehouse.execute(CONTENT).fetchone()
    warehouse.execute("truncate market_data.klines, market_data.kline_gaps")
    rest_alone = download(warehouse, binance, archive=False)
    assert warehouse.execute(CONTENT).fetchone() == first
    assert with_archive.stored_count == rest_alone.stored_count == with_archive.counts.inserted > 4000


def test_a_second_download_changes_nothing_and_asks_for_the_tail_only(
    warehouse: psycopg.Connection, binance: BinanceSettings, simulator: SimulatorHandle
) -> None:
    download(warehouse, binance)
    before = warehouse.execute(ROWS).fetchall()
    simulator.clear_requests()
    report = download(warehouse, binance)
    assert (report.counts.inserted, report.counts.updated) == (0, 0)
    assert warehouse.execute(ROWS).fetchall() == before
    assert not [request for request in simulator.requests() if request["path"].startswith("/archive")]


def test_the_candle_under_way_is_never_stored_and_appears_once_it_closed(
    warehouse: psycopg.Connection, binance: BinanceSettings, simulator: SimulatorHandle
) -> None:
    download(warehouse, binance)
    last = warehouse.execute("select max(open_time_utc) from market_data.klines").fetchone()
    assert last == (NOW.replace(minute=0) - timedelta(hours=1),)
    simulator.advance(seconds=3600)
    assert download(warehouse, binance).counts.inserted == 1


def test_a_candle_whose_last_instant_is_the_servers_time_is_closed(
    warehouse: psycopg.Connection, binance: BinanceSettings, simulator: SimulatorHandle
) -> None:
    simulator.set_now(NOW.replace(minute=0))
    download(warehouse, binance)
    last = warehouse.execute("select max(open_time_utc) from market_data.klines").fetchone()
    assert last == (NOW.replace(minute=0) - timedelta(hours=1),)


def test_an_earlier_start_fills_in_what_lies_before_the_stored_candles(
    warehouse: psycopg.Connection, binance: BinanceSettings
) -> None:
    later = round((GENESIS + timedelta(days=100)).timestamp() * 1000)
    download(warehouse, binance, start_ms=later)
    download(warehouse, binance)
    gradually = warehouse.execute(CONTENT).fetchone()
    warehouse.execute("truncate market_data.klines, market_data.kline_gaps")
    download(warehouse, binance)
    assert warehouse.execute(CONTENT).fetchone() == gradually


def test_refetching_updates_a_candle_that_the_source_has_revised(
    warehouse: psycopg.Connection, binance: BinanceSettings
) -> None:
    download(warehouse, binance)
    warehouse.execute("update market_data.klines set trade_count = trade_count + 1 where open_price = high_price")
    report = download(warehouse, binance, refetch=True)
    assert report.counts.inserted == 0
    assert report.counts.updated > 0
    assert report.counts.unchanged == report.stored_count - report.counts.updated


def test_gaps_are_asked_about_again_and_recorded_as_outages(
    warehouse: psycopg.Connection, binance: BinanceSettings
) -> None:
    report = download(warehouse, binance)
    stored, missing = report.stored_count, report.missing_count
    hours = round((NOW.replace(minute=0) - GENESIS) / timedelta(hours=1))
    assert stored + missing == hours
    kinds = warehouse.execute("select distinct kind, confirmation_count from market_data.kline_gaps").fetchall()
    assert kinds == ([("exchange_outage", 1)] if report.gap_count else [])


def test_a_candle_that_comes_late_at_the_end_of_the_series_becomes_a_gap_that_is_asked_about(
    warehouse: psycopg.Connection, binance: BinanceSettings
) -> None:
    load_id = download(warehouse, binance).load_id
    newest = "select max(open_time_utc) from market_data.klines"
    row = warehouse.execute(f"select ({newest}) - interval '1 hour', ({newest})").fetchone()
    assert row is not None
    warehouse.execute("delete from market_data.klines where open_time_utc >= %s", (row[0],))
    end_ms = round(row[1].timestamp() * 1000)
    refresh_gaps(warehouse, "BTCUSDT", HOUR, end_ms=end_ms, load_id=load_id)
    assert [gap.kind for gap in read_gaps(warehouse, "BTCUSDT", HOUR)][-1] == "not_yet_published"
    copy = "insert into market_data.klines select symbol, interval, %s, 1, 1, 1, 1, 0, %s, 0, 0, 0, 0, load_id"
    warehouse.execute(f"{copy} from market_data.klines limit 1", (row[1], row[1] + timedelta(minutes=59)))
    refresh_gaps(warehouse, "BTCUSDT", HOUR, end_ms=end_ms + HOUR.milliseconds, load_id=load_id)
    assert [gap.kind for gap in read_gaps(warehouse, "BTCUSDT", HOUR)][-1] == "own_hole"


def test_a_hole_of_our_own_is_found_and_filled(warehouse: psycopg.Connection, binance: BinanceSettings) -> None:
    download(warehouse, binance)
    whole = warehouse.execute(CONTENT).fetchone()
    warehouse.execute("delete from market_data.klines where open_time_utc::date = '2024-02-10'")
    report = download(warehouse, binance)
    assert report.counts.inserted == 24
    assert warehouse.execute(CONTENT).fetchone() == whole


def test_a_hole_of_whole_months_comes_from_the_archive_again(
    warehouse: psycopg.Connection, binance: BinanceSettings, simulator: SimulatorHandle
) -> None:
    download(warehouse, binance)
    whole = warehouse.execute(CONTENT).fetchone()
    # As a load of earlier candles leaves it that was killed.
    warehouse.execute("delete from market_data.klines where open_time_utc between '2024-01-20' and '2024-04-10'")
    simulator.clear_requests()
    download(warehouse, binance)
    assert warehouse.execute(CONTENT).fetchone() == whole
    asked = {request["path"].rpartition("/")[2] for request in simulator.requests()}
    assert {f"BTCUSDT-1h-2024-0{month}.zip" for month in (2, 3)} <= asked


def test_a_start_that_is_not_before_the_end_is_refused(warehouse: psycopg.Connection, binance: BinanceSettings) -> None:
    with pytest.raises(ConfigurationError, match=r"opens at 2999-01-01 00:00 UTC.* choose an earlier start"):
        download(warehouse, binance, start_ms=32_472_144_000_000)
    assert warehouse.execute(ROWS).fetchall() == []


def test_a_gap_is_asked_about_in_three_loads_and_no_more(
    warehouse: psycopg.Connection, binance: BinanceSettings, simulator: SimulatorHandle
) -> None:
    gaps = download(warehouse, binance).gap_count
    assert gaps > 0
    asked = []
    for _ in range(3):
        simulator.clear_requests()
        download(warehouse, binance)
        asked.append(len([request for request in simulator.requests() if request["path"] == "/api/v3/klines"]))
    oldest_candle = 1
    assert asked == [oldest_candle + gaps, oldest_candle + gaps, oldest_candle]


def test_simulated_candles_are_never_mixed_with_those_of_another_origin(
    warehouse: psycopg.Connection, binance: BinanceSettings
) -> None:
    download(warehouse, binance)
    with (
        running_simulator(genesis=GENESIS, now=NOW, seed=8) as other,
        pytest.raises(MixedOriginError, match="seed=8"),
    ):
        download(warehouse, binance.model_copy(update={"base_url": other.base_url}))


def test_two_loads_of_one_series_do_not_run_at_once(
    warehouse: psycopg.Connection, binance: BinanceSettings, migrated_warehouse: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mercado.warehouse.loads.LOCK_PATIENCE_SECONDS", 0)
    with connect(migrated_warehouse) as other:  # type: ignore[arg-type]
        other.execute("select pg_advisory_lock(hashtextextended('binance BTCUSDT 1h', 0))")
        with pytest.raises(LoadInProgressError, match="BTCUSDT 1h"):
            download(warehouse, binance)


def test_killed_at_any_moment_and_run_again_it_ends_in_the_same_rows(
    warehouse: psycopg.Connection, mercado_command: dict[str, str], tmp_path: Path
) -> None:
    candles = {"replay": REAL_CANDLES} if REAL_CANDLES.exists() else {"now": NOW}
    with running_simulator(**candles) as simulator:
        environment = mercado_command | {
            "BINANCE_BASE_URL": simulator.base_url,
            "BINANCE_ARCHIVE_URL": simulator.archive_url,
        }
        whole = run_mercado(environment, "bitcoin", "download")
        assert whole.returncode == 0, whole.stderr
        undisturbed = warehouse.execute(CONTENT).fetchone()
        for _ in range(2):
            warehouse.execute(
                "truncate market_data.klines, market_data.kline_gaps, ops.load_answers, ops.rejected_rows, ops.loads"
            )
            _kill_while_it_loads(warehouse, environment)
            again = run_mercado(environment, "bitcoin", "download")
            assert again.returncode == 0, again.stderr
            assert warehouse.execute(CONTENT).fetchone() == undisturbed
            statuses = warehouse.execute("select status from ops.loads order by load_id").fetchall()
            assert statuses[-1] == ("succeeded",)
            assert all(status == ("abandoned",) for status in statuses[:-1])
    if REAL_CANDLES.exists():
        assert undisturbed is not None
        assert undisturbed[1] == 66_684
        assert "28 gaps" in whole.stdout
    assert not list((tmp_path / "data").rglob("*.part"))


def _kill_while_it_loads(connection: psycopg.Connection, environment: dict[str, str]) -> None:
    process = subprocess.Popen([MERCADO, "bitcoin", "download"], env=environment, stdout=subprocess.DEVNULL)
    while connection.execute("select count(*) from ops.loads").fetchone() == (0,):
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(random.uniform(0, 1.2))
    process.send_signal(signal.SIGKILL)
    process.wait()
