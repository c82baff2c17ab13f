"""A server that answers JSON which is not Binance's is a broken contract, told in one clear error."""

import json
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.rest import BinanceRest
from mercado.errors import ConfigurationError, SourceContractError
from mercado.settings import BinanceSettings

HOUR = CandleInterval.ONE_HOUR
ROW = [0, "1", "1", "1", "1", "0", 3_599_999, "0", 0, "0", "0", "0"]
Answering = Callable[[Any], BinanceRest]


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answering]:
    """Yield a function that returns a client of a server which answers everything with one JSON value."""
    servers: list[ThreadingHTTPServer] = []

    def start(answer: Any) -> BinanceRest:
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(answer))
        Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        monkeypatch.setenv("BINANCE_BASE_URL", f"http://127.0.0.1:{server.server_port}")
        return BinanceRest(BinanceSettings.read())

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def _handler(answer: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Stay silent."""

    return Handler


@pytest.mark.parametrize("answer", [{}, [], {"serverTime": "noon"}, 7])
def test_a_time_that_is_none(answering: Answering, answer: object) -> None:
    with pytest.raises(SourceContractError, match="expected serverTime, got"):
        answering(answer).server_time_ms()


@pytest.mark.parametrize("answer", [[[]], [["x"]], [[None]]])
def test_a_row_that_does_not_start_with_its_open_time(answering: Answering, answer: object) -> None:
    with pytest.raises(SourceContractError, match="starts with its open time"):
        answering(answer).first_open_time_ms("BTCUSDT", HOUR)


@pytest.mark.parametrize("answer", [{"rows": []}, [1, 2], "klines"])
def test_klines_that_are_no_list_of_rows(answering: Answering, answer: object) -> None:
    with pytest.raises(SourceContractError, match="expected a list of rows"):
        answering(answer).first_open_time_ms("BTCUSDT", HOUR)


def test_a_server_that_ignores_where_to_start_does_not_page_for_ever(answering: Answering) -> None:
    pages = answering([ROW] * 1000).pages("BTCUSDT", HOUR, start_ms=HOUR.milliseconds, end_ms=10**12)
    next(pages)
    with pytest.raises(SourceContractError, match="asked from 3600000 on, got candles up to 0 only"):
        next(pages)


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://api.binance.com", "binance"),
        ("https://api.binance.com:443/", "binance"),
        ("https://API3.binance.com", "binance"),
        ("https://data-api.binance.vision", "binance"),
        ("https://testnet.binance.vision", "testnet.binance.vision"),
        ("https://demo-api.binance.com", "demo-api.binance.com"),
        ("https://api.binance.us", "api.binance.us"),
        ("https://user:secret@mirror.example:8443/binance", "mirror.example"),
    ],
)
def test_only_the_exchanges_own_addresses_are_binance(
    answering: Answering, monkeypatch: pytest.MonkeyPatch, address: str, origin: str
) -> None:
    rest = answering({})
    monkeypatch.setattr(rest, "_settings", BinanceSettings(BINANCE_BASE_URL=address))
    assert rest.origin() == origin


@pytest.mark.parametrize("address", ["", "api.binance.com", "ftp://api.binance.com", "https://"])
def test_an_address_that_is_none_is_refused_by_its_variable(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BINANCE_BASE_URL", address)
    with pytest.raises(ConfigurationError, match="BINANCE_BASE_URL: expected an address"):
        BinanceSettings.read()
