"""Binance's REST interface through python-binance, paged by ourselves.

python-binance's own ``get_historical_klines`` sleeps a second every third page, retries nothing and loses what it had
when a request fails; its client and its exceptions are what we use. Weight: a page of any size costs 2 of 6000 a
minute and address (spot-api-docs, rest-api.md), so only a long download of minutes comes near the limit.
"""

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from binance.client import Client

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.kline_rows import KlineRow
from mercado.bitcoin.retrying import retried
from mercado.errors import ConfigurationError, SourceContractError
from mercado.origins import SIMULATOR_HEADER, origin_of
from mercado.settings import BinanceSettings
from mercado.warehouse.loads import RawAnswer

PAGE_ROWS = 1000
TIMEOUT_SECONDS = (5, 30)
WEIGHT_LIMIT_PER_MINUTE = 6000
HIGHEST_WEIGHT_SHARE = 0.8
MINUTE_SECONDS = 60
# The addresses of the one exchange (spot-api-docs, rest-api.md and faqs/market_data_only.md). Its test and demo
# networks have prices of their own, and Binance.US is another exchange.
EXCHANGE_HOSTS = frozenset(
    {"data-api.binance.vision", *(f"{name}.binance.com" for name in ("api", "api-gcp", "api1", "api2", "api3", "api4"))}
)
WHEN_FORBIDDEN = (
    "Set BINANCE_BASE_URL to an address that serves yours, such as https://data-api.binance.vision (market data only), "
    "and run again."
)


@dataclass(frozen=True)
class KlinePage:
    """Rows of one answer, forming candle included, and the answer's record."""

    rows: list[KlineRow]
    answer: RawAnswer


class BinanceRest:
    """Binance's market data over REST.

    Makes no request until asked. Every method raises what `mercado.bitcoin.retrying.retried` raises.
    """

    def __init__(self, settings: BinanceSettings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self._settings = settings
        self._sleep = sleep
        self._client = _make_client()
        self._client.API_URL = settings.base_url.rstrip("/") + "/api"

    def server_time_ms(self) -> int:
        """Return the server's clock, in milliseconds since the epoch, which decides which candles are closed."""
        answer = self._ask(self._client.get_server_time, what="time")
        try:
            return int(answer["serverTime"])
        except (KeyError, TypeError, ValueError) as error:
            raise SourceContractError(
                f"{self._settings.base_url} time: expected serverTime, got {answer!r:.300}"
            ) from error

    def origin(self) -> str:
        """Return where this server's data comes from: ``binance``, another host, or ``simulator: …``."""
        self._ask(self._client.ping, what="ping")
        simulator = self._client.response.headers.get(SIMULATOR_HEADER)
        return origin_of(self._settings.base_url, simulator=simulator, source="binance", hosts=EXCHANGE_HOSTS)

    def first_open_time_ms(self, symbol: str, interval: CandleInterval) -> int:
        """Return the open time of the oldest candle.

        Raises:
            ConfigurationError: The symbol has no candle at all.
        """
        page = self._page(symbol, interval, startTime=0, limit=1)
        if not page.rows:
            raise ConfigurationError(f"Binance has no candle of {symbol} {interval}.")
        return self._open_time(page.rows[0])

    def pages(self, symbol: str, interval: CandleInterval, *, start_ms: int, end_ms: int) -> Iterator[KlinePage]:
        """Yield pages of candles that open in ``[start_ms, end_ms)``, oldest first; ends with the last candle."""
        cursor = start_ms
        while cursor < end_ms:
            page = self._page(symbol, interval, startTime=cursor, endTime=end_ms - 1, limit=PAGE_ROWS)
            yield page
            if len(page.rows) < PAGE_ROWS:
                return
            last = self._open_time(page.rows[-1])
            if last < cursor:
                raise SourceContractError(f"{page.answer.url}: asked from {cursor} on, got candles up to {last} only.")
            cursor = last + 1

    def _page(self, symbol: str, interval: CandleInterval, **params: int) -> KlinePage:
        what = f"klines {symbol} {interval}"
        rows = self._ask(lambda: self._client.get_klines(symbol=symbol, interval=interval.value, **params), what=what)
        if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
            raise SourceContractError(f"{self._settings.base_url} {what}: expected a list of rows, got {rows!r:.300}")
        response = self._client.response
        content = response.content
        answer = RawAnswer(response.url, hashlib.sha256(content).hexdigest(), len(content), len(rows))
        self._keep_below_weight_limit(response.headers)
        return KlinePage(rows, answer)

    def _open_time(self, row: KlineRow) -> int:
        try:
            return int(row[0])
        except (IndexError, TypeError, ValueError) as error:
            raise SourceContractError(
                f"{self._settings.base_url} klines: expected a row that starts with its open time, got {row!r:.300}"
            ) from error

    def _ask(self, call: Callable[[], Any], *, what: str) -> Any:
        return retried(
            call,
            what=f"{self._settings.base_url} {what}",
            attempts=self._settings.attempts,
            longest_wait_seconds=self._settings.longest_wait_seconds,
            when_forbidden=WHEN_FORBIDDEN,
            sleep=self._sleep,
        )

    def _keep_below_weight_limit(self, headers: Any) -> None:
        used = int(headers.get("X-MBX-USED-WEIGHT-1M", 0))
        if used > HIGHEST_WEIGHT_SHARE * WEIGHT_LIMIT_PER_MINUTE:
            self._sleep(MINUTE_SECONDS - time.time() % MINUTE_SECONDS)


def _make_client() -> Client:
    """Return python-binance's client, without the event loop that it would leave open.

    It takes the running loop, or else makes one for the whole thread; only its websockets use it.
    """

    async def make() -> Client:
        return Client(ping=False, requests_params={"timeout": TIMEOUT_SECONDS})

    with closing(asyncio.new_event_loop()) as loop:
        return loop.run_until_complete(make())
