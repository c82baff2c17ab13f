"""The public archive, under ``/archive``: zipped CSV files of whole months and days, each with its checksum.

Shape of data.binance.vision (binance-public-data, README): a day's file is there from the next day on, a month's from
the first Monday after the month; what does not exist, or not yet, is a 404. Files hold closed candles only and their
bytes never change.
"""

import hashlib
import io
import re
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.clock import SimulatorClock, to_milliseconds
from tests.simulators.exchange import Exchange
from tests.simulators.market import Market
from tests.simulators.rendering import archive_csv

_PATH = re.compile(
    r"data/spot/(?P<period>monthly|daily)/klines/(?P<symbol>[A-Z0-9]+)/(?P<interval>\w+)/"
    r"(?P<name>(?P=symbol)-(?P=interval)-(?P<date>\d{4}-\d{2}(-\d{2})?))\.zip(?P<checksum>\.CHECKSUM)?"
)
_ZIPPED_AT = (2020, 1, 1, 0, 0, 0)
_COMPRESSION_LEVEL = 1
_NOT_FOUND = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<Error><Code>NoSuchKey</Code><Message>The specified key does not exist.</Message></Error>"
)


@dataclass(frozen=True)
class Period:
    """The month or the day of an archive file: ``start <= open time < end``, published at ``available``."""

    start: datetime
    end: datetime
    available: datetime


def month_of(text: str) -> Period:
    """Return the month named ``YYYY-MM``; published on the first Monday after it.

    Raises:
        ValueError: There is no such month.
    """
    start = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    end = (start + timedelta(days=31)).replace(day=1)
    return Period(start, end, end + timedelta(days=-end.weekday() % 7))


def day_of(text: str) -> Period:
    """Return the day named ``YYYY-MM-DD``; published when it is over.

    Raises:
        ValueError: There is no such day.
    """
    start = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    end = start + timedelta(days=1)
    return Period(start, end, end)


class Archive:
    """Answers requests for archive files of an exchange; keeps those that it has made.

    Args:
        exchange: What is traded.
        clock: The exchange's clock, which decides what has been published.
        kept_mb: Memory for the files that are kept, in MiB; beyond it the one that was not asked for longest goes.
    """

    def __init__(self, exchange: Exchange, clock: SimulatorClock, *, kept_mb: int) -> None:
        self._exchange = exchange
        self._clock = clock
        self._kept_bytes = kept_mb * 2**20
        self._zips: OrderedDict[str, bytes] = OrderedDict()
        self._cached_bytes = 0

    def routes(self) -> list[Route]:
        """Return the archive's only route."""
        return [Route("/archive/{path:path}", self._serve, methods=["GET"])]

    async def _serve(self, request: Request) -> Response:
        asked = _PATH.fullmatch(request.path_params["path"])
        content = self._file(asked) if asked else None
        if asked is None or content is None:
            return Response(_NOT_FOUND, 404, media_type="application/xml")
        if asked["checksum"]:
            line = f"{hashlib.sha256(content).hexdigest()}  {asked['name']}.zip\n"
            return Response(line, media_type="binary/octet-stream")
        return Response(content, media_type="application/zip")

    def _file(self, asked: re.Match[str]) -> bytes | None:
        """Return the bytes of a zip file, or ``None`` when it does not exist or has not been published."""
        market = self._exchange.market(asked["symbol"])
        if market is None or asked["interval"] not in list(CandleInterval):
            return None
        interval = CandleInterval(asked["interval"])
        try:
            period = (month_of if asked["period"] == "monthly" else day_of)(asked["date"])
        except ValueError:
            return None
        if not market.offers(interval) or to_milliseconds(period.available) > self._clock.now_ms():
            return None
        return self._cached(asked["name"], market, interval, period)

    def _cached(self, name: str, market: Market, interval: CandleInterval, period: Period) -> bytes | None:
        if name in self._zips:
            self._zips.move_to_end(name)
            return self._zips[name]
        snapshot = market.snapshot(interval, self._clock.now_ms())
        start_ms, end_ms = to_milliseconds(period.start), to_milliseconds(period.end) - 1
        candles = snapshot.select(start_ms=start_ms, end_ms=end_ms, limit=len(snapshot.closed))
        if not len(candles):
            return None
        content = _zip(f"{name}.csv", archive_csv(candles))
        self._zips[name] = content
        self._cached_bytes += len(content)
        while self._cached_bytes > self._kept_bytes:
            self._cached_bytes -= len(self._zips.popitem(last=False)[1])
        return content


def _zip(name: str, text: bytes) -> bytes:
    """Return a zip archive of one file, the same bytes for the same text."""
    member = zipfile.ZipInfo(name, date_time=_ZIPPED_AT)
    member.create_system = 3
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(member, text, zipfile.ZIP_DEFLATED, _COMPRESSION_LEVEL)
    return buffer.getvalue()
