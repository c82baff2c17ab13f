"""What a download does when the exchange fails, refuses, or breaks its contract."""

from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from mercado.bitcoin.download import SOURCE
from mercado.bitcoin.rest import BinanceRest
from mercado.bitcoin.store import read_candles
from mercado.errors import (
    ConfigurationError,
    SourceContractError,
    SourceForbiddenError,
    SourceUnavailableError,
)
from mercado.settings import BinanceSettings
from mercado.warehouse.loads import stored_since
from tests.integration.downloads import CONTENT, HOUR, download, missing_count
from tests.simulators.running import SimulatorHandle


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
    assert again == 4716 - kept - missing_count(warehouse)
    # Whoever waits for new candles is told of those of the failed load as well.
    since = datetime.now(UTC) - timedelta(hours=1)
    assert stored_since(warehouse, source=SOURCE, scope="BTCUSDT 1h", since=since) == kept + again
    assert stored_since(warehouse, source=SOURCE, scope="BTCUSDT 1h", since=datetime.now(UTC)) == 0
    assert stored_since(warehouse, source=SOURCE, scope="ETHUSDT 1h", since=since) == 0


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
