"""Downloads from a simulated Binance into a real PostgreSQL: complete, resumable, honest about faults."""

import random
import signal
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from mercado.bitcoin.archive import BinanceArchive
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.download import SOURCE, Downloader, DownloadReport
from mercado.bitcoin.gaps import read_gaps, refresh_gaps
from mercado.bitcoin.rest import BinanceRest
from mercado.bitcoin.store import read_candles
from mercado.errors import (
    ConfigurationError,
    LoadInProgressError,
    MixedOriginError,
    SourceContractError,
    SourceForbiddenError,
    SourceUnavailableError,
)
from mercado.settings import BinanceSettings
from mercado.warehouse.connection import connect
from mercado.warehouse.loads import stored_since
from tests.commands import MERCADO, run_mercado
from tests.conftest import SAMPLES
from tests.integration.conftest import GENESIS, NOW
from tests.simulators.running import SimulatorHandle, running_simulator

HOUR = CandleInterval.ONE_HOUR
REAL_CANDLES = SAMPLES / "bitcoin" / "BTCUSDT-1h-2017-2025.csv"
ROWS = "select * from market_data.klines order by open_time_utc"
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
    waits: list[float] = []
    rest = BinanceRest(binance, sleep=waits.append)
    files = BinanceArchive(binance) if archive else None
    return Downloader(connection, rest, files, symbol, HOUR).download(**options)  # type: ignore[arg-type]


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


@pytest.mark.parametrize(("status", "retry_after"), [(429, 1), (418, 1), (503, None), (500, None)])
def test_a_passing_fault_is_waited_out(
    warehouse: psycopg.Connection,
    binance: BinanceSettings,
    simulator: SimulatorHandle,
    status: int,
    retry_after: int | None,
) -> None:
    simulator.add_fault("status", path="/api/v3/klines", after=2, times=2, status=status, retry_after=retry_after)
    report = download(warehouse, binance, archive=False)
    assert report.stored_count + report.missing_count == 4716


def test_a_cut_connection_is_tried_again(
    warehouse: psycopg.Connection, binance: BinanceSettings, simulator: SimulatorHandle
) -> None:
    simulator.add_fault("cut", path="/api/v3/klines", after=1, times=1)
    simulator.add_fault("cut", path="/archive", after=1, times=1)
    assert download(warehouse, binance).stored_count > 4000


def test_a_retry_after_is_honoured_to_the_second(binance: BinanceSettings, simulator: SimulatorHandle) -> None:
    waits: list[float] = []
    simulator.add_fault("status", path="/api/v3/time", times=2, status=429, retry_after=3)
    BinanceRest(binance, sleep=waits.append).server_time_ms()
    assert waits == [3.0, 3.0]


def test_a_wait_longer_than_allowed_gives_up_at_once_and_says_how_long(
    binance: BinanceSettings, simulator: SimulatorHandle
) -> None:
    simulator.add_fault("status", path="/api/v3/time", status=418, retry_after=7200)
    with pytest.raises(SourceUnavailableError, match="wait 7200 s"):
        BinanceRest(binance).server_time_ms()
    assert len([request for request in simulator.requests() if request["path"] == "/api/v3/time"]) == 1


def test_a_server_fault_that_asks_for_a_long_wait_gives_up_at_once_too(
    binance: BinanceSettings, simulator: SimulatorHandle
) -> None:
    simulator.add_fault("status", path="/api/v3/time", status=503, retry_after=86400)
    with pytest.raises(SourceUnavailableError, match="HTTP 503; it asks to wait 86400 s"):
        BinanceRest(binance).server_time_ms()
    assert len([request for request in simulator.requests() if request["path"] == "/api/v3/time"]) == 1


def test_a_source_that_stays_away_fails_the_load_and_keeps_what_came(
    warehouse: psycopg.Connection, binance: BinanceSettings, simulator: SimulatorHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mercado.bitcoin.download.TRANSACTION_ROWS", 1000)
    simulator.add_fault("status", path="/api/v3/klines", after=3, status=503)
    with pytest.raises(SourceUnavailableError, match="no answer after 3 attempts"):
        download(warehouse, binance, archive=False)
    kept = len(read_candles(warehouse, "BTCUSDT", HOUR))
    assert kept >= 1000
    load = warehouse.execute("select status, error, rows_inserted from ops.loads").fetchall()
    assert [(status, inserted) for status, _, inserted in load] == [("failed", kept)]
    simulator.clear_faults()
    again = download(warehouse, binance, archive=False).counts.inserted
    assert again == 4716 - kept - _missing(warehouse)
    # Whoever waits for new candles is told of those of the failed load as well.
    since = datetime.now(UTC) - timedelta(hours=1)
    assert stored_since(warehouse, source=SOURCE, scope="BTCUSDT 1h", since=since) == kept + again
    assert stored_since(warehouse, source=SOURCE, scope="BTCUSDT 1h", since=datetime.now(UTC)) == 0
    assert stored_since(warehouse, source=SOURCE, scope="ETHUSDT 1h", since=since) == 0


def _missing(connection: psycopg.Connection) -> int:
    row = connection.execute("select coalesce(sum(missing_count), 0) from market_data.kline_gaps").fetchone()
    return int(row[0]) if row else 0


@pytest.mark.parametrize("status", [451, 403])
def test_a_refused_location_stops_at_once_and_names_the_setting(
    warehouse: psycopg.Connection, binance: BinanceSettings, simulator: SimulatorHandle, status: int
) -> None:
    simulator.add_fault("status", path="/api", status=status)
    with pytest.raises(SourceForbiddenError, match="BINANCE_BASE_URL"):
        download(warehouse, binance)
    assert len(simulator.requests()) == 1


def test_html_instead_of_json_is_a_broken_contract(binance: BinanceSettings, simulator: SimulatorHandle) -> None:
    simulator.add_fault("garbage", path="/api/v3/klines")
    with pytest.raises(SourceContractError, match="outside Binance's contract"):
        BinanceRest(binance).first_open_time_ms("BTCUSDT", HOUR)


def test_an_unknown_symbol_is_named(warehouse: psycopg.Connection, binance: BinanceSettings) -> None:
    with pytest.raises(ConfigurationError, match="klines NOSUCHCOIN"):
        download(warehouse, binance, symbol="NOSUCHCOIN")


def test_a_file_with_a_wrong_checksum_is_fetched_twice_then_replaced_by_rest_and_noted(
    warehouse: psycopg.Connection, binance: BinanceSettings, simulator: SimulatorHandle
) -> None:
    download(warehouse, binance)
    undisturbed = warehouse.execute(CONTENT).fetchone()
    warehouse.execute("truncate market_data.klines, market_data.kline_gaps")
    simulator.add_fault("wrong_checksum", path="/archive/data/spot/monthly/klines/BTCUSDT/1h/BTCUSDT-1h-2024-02")
    report = download(warehouse, binance)
    notes = warehouse.execute("select notes from ops.loads where load_id = %s", (report.load_id,)).fetchone()
    assert notes is not None
    assert ["BTCUSDT-1h-2024-02.zip" in note and ".CHECKSUM" in note for note in notes[0]] == [True]
    assert warehouse.execute(CONTENT).fetchone() == undisturbed


def test_an_archive_that_is_down_is_replaced_by_rest(
    warehouse: psycopg.Connection, binance: BinanceSettings, simulator: SimulatorHandle
) -> None:
    simulator.add_fault("status", path="/archive", status=503)
    report = download(warehouse, binance)
    assert report.stored_count + report.missing_count == 4716


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
