"""Reads query parameters as Binance does, and refuses them with its codes (spot-api-docs, errors.md)."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.exchange import Exchange
from tests.simulators.market import Market

_DEFAULT_LIMIT, _MAX_LIMIT = 500, 1_000
_WHOLE_NUMBER = r"^[0-9]{1,20}$"
_SYMBOL = r"^[A-Z0-9-_.]{1,20}$"
_SYMBOLS = r'^\["[A-Z0-9-_.]{1,20}"(,"[A-Z0-9-_.]{1,20}")*\]$'
_UTC = {"0", "+0", "-0", "0:00", "00:00", "+00:00", "-00:00"}
_SMALLEST_MICROSECONDS = 10**14
_KLINE_NAMES = ("symbol", "interval", "startTime", "endTime", "timeZone", "limit")


class BinanceError(Exception):
    """A request that is answered by HTTP 400 and Binance's JSON error.

    Attributes:
        code: Binance's code, negative.
        text: Its message.
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code
        self.text = text


@dataclass(frozen=True)
class KlineQuery:
    """A valid request for klines; times in milliseconds since the epoch, both inclusive, on open times."""

    market: Market
    interval: CandleInterval
    start_ms: int | None
    end_ms: int | None
    limit: int


def refuse_unread(sent: Mapping[str, str], read: tuple[str, ...]) -> None:
    """Raise `BinanceError` -1104 when a parameter was sent that the endpoint does not know."""
    known = sum(name in read for name in sent)
    if known < len(sent):
        text = f"Not all sent parameters were read; read '{known}' parameter(s) but was sent '{len(sent)}'."
        raise BinanceError(-1104, text)


def kline_query(sent: Mapping[str, str], exchange: Exchange) -> KlineQuery:
    """Return what a request for klines asks for.

    Raises:
        BinanceError: -1102 mandatory parameter missing, -1100 illegal characters, -1104 unknown parameter, -1120
            interval not on offer, -1121 unknown symbol, -1130 limit of 0.
    """
    symbol = _mandatory(sent, "symbol")
    interval = _mandatory(sent, "interval")
    start_ms = _time_ms(sent, "startTime", round_up=True)
    end_ms = _time_ms(sent, "endTime", round_up=False)
    limit = _whole(sent, "limit")
    if sent.get("timeZone", "0") not in _UTC:
        raise BinanceError(-1100, "The simulator offers timeZone '0' only.")
    refuse_unread(sent, _KLINE_NAMES)
    market = offered_market(symbol, exchange)
    if limit == 0:
        raise BinanceError(-1130, "Data sent for parameter 'limit' is not valid.")
    limit = _DEFAULT_LIMIT if limit is None else min(limit, _MAX_LIMIT)
    return KlineQuery(market, _offered_interval(interval, market), start_ms, end_ms, limit)


def symbols_asked_for(sent: Mapping[str, str]) -> list[str] | None:
    """Return the symbols that a request for exchange information names, or ``None`` for all.

    Raises:
        BinanceError: -1128 both forms at once, -1100 illegal characters, -1104 unknown parameter.
    """
    if "symbol" in sent and "symbols" in sent:
        raise BinanceError(-1128, "Combination of optional parameters invalid.")
    refuse_unread(sent, ("symbol", "symbols", "permissions", "showPermissionSets", "symbolStatus"))
    if "symbol" in sent:
        return [sent["symbol"]]
    if "symbols" not in sent:
        return None
    _refuse_characters("symbols", sent["symbols"], _SYMBOLS)
    return [str(symbol) for symbol in json.loads(sent["symbols"])]


def offered_market(symbol: str, exchange: Exchange) -> Market:
    """Return the market of a symbol; raise `BinanceError` when it is not on offer."""
    _refuse_characters("symbol", symbol, _SYMBOL)
    market = exchange.market(symbol)
    if market is None:
        raise BinanceError(-1121, "Invalid symbol.")
    return market


def _offered_interval(text: str, market: Market) -> CandleInterval:
    if text not in list(CandleInterval) or not market.offers(CandleInterval(text)):
        raise BinanceError(-1120, "Invalid interval.")
    return CandleInterval(text)


def _mandatory(sent: Mapping[str, str], name: str) -> str:
    if not sent.get(name):
        raise BinanceError(-1102, f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.")
    return sent[name]


def _whole(sent: Mapping[str, str], name: str) -> int | None:
    if name not in sent:
        return None
    _refuse_characters(name, sent[name], _WHOLE_NUMBER)
    return int(sent[name])


def _time_ms(sent: Mapping[str, str], name: str, *, round_up: bool) -> int | None:
    """Return a time in milliseconds; Binance takes microseconds too, known by their size."""
    time = _whole(sent, name)
    if time is None or time < _SMALLEST_MICROSECONDS:
        return time
    return -(-time // 1_000) if round_up else time // 1_000


def _refuse_characters(name: str, value: str, legal: str) -> None:
    if not re.fullmatch(legal, value):
        text = f"Illegal characters found in parameter '{name}'; legal range is '{legal}'."
        raise BinanceError(-1100, text)
