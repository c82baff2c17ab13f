"""Binance's public archive: one zip of headerless CSV for each month, with its checksum beside it.

Facts from binance-public-data (README and issues): a month appears on the first Monday after it; files are rewritten
now and then, and some do not match their ``.CHECKSUM`` for a while.
"""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime

import requests
from requests.adapters import HTTPAdapter

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.retrying import retried
from mercado.errors import SourceContractError
from mercado.settings import BinanceSettings
from mercado.warehouse.loads import RawAnswer

TIMEOUT_SECONDS = (5, 60)
CONNECTIONS = 8
NOT_PUBLISHED = 404


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month in UTC."""

    year: int
    number: int

    @classmethod
    def of(cls, time_ms: int) -> "Month":
        """Return the month that contains an instant in milliseconds since the epoch."""
        instant = datetime.fromtimestamp(time_ms / 1000, UTC)
        return cls(instant.year, instant.month)

    def following(self) -> "Month":
        """Return the next month."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)

    @property
    def start_ms(self) -> int:
        """Return its first instant, in milliseconds since the epoch."""
        return int(datetime(self.year, self.number, 1, tzinfo=UTC).timestamp()) * 1000

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


@dataclass(frozen=True)
class ArchiveFile:
    """One archive file as fetched: a zip whose bytes are those of its checksum."""

    url: str
    content: bytes

    def text(self) -> bytes:
        """Return its CSV text, without a header.

        Raises:
            SourceContractError: The bytes are no zip of CSV.
        """
        try:
            with zipfile.ZipFile(io.BytesIO(self.content)) as archive:
                (name,) = archive.namelist()
                text = archive.read(name)
            text.decode("ascii")
        except (zipfile.BadZipFile, ValueError) as error:
            raise SourceContractError(f"{self.url}: expected a zip with one CSV file ({error}).") from error
        # Futures files got a header; spot files have none so far.
        first_line, _, others = text.partition(b"\n")
        return text if first_line.partition(b",")[0].strip(b'"').isdigit() else others

    def answer(self, *, rows_read: int) -> RawAnswer:
        """Return the record of its bytes."""
        return RawAnswer(self.url, hashlib.sha256(self.content).hexdigest(), len(self.content), rows_read)


class BinanceArchive:
    """The archive at ``BINANCE_ARCHIVE_URL``; safe to use from several threads."""

    def __init__(self, settings: BinanceSettings) -> None:
        self._settings = settings
        self._session = requests.Session()
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))

    def month(self, symbol: str, interval: CandleInterval, month: Month) -> ArchiveFile | None:
        """Return a month's file, or ``None`` when the archive has no such file (yet).

        Raises:
            SourceContractError: The bytes differ from their checksum, twice.
            SourceUnavailableError: The archive does not answer, or asks to wait too long.
            SourceForbiddenError: It refuses this location.
        """
        name = f"{symbol}-{interval}-{month}"
        url = f"{self._settings.archive_url.rstrip('/')}/data/spot/monthly/klines/{symbol}/{interval}/{name}.zip"
        content = self._verified(url)
        return ArchiveFile(url, content) if content is not None else None

    def _verified(self, url: str) -> bytes | None:
        for _ in range(2):  # A file that is being rewritten matches its checksum a moment later.
            checksum = self._get(f"{url}.CHECKSUM")
            content = self._get(url) if checksum is not None else None
            if content is None or checksum is None:
                return None
            stated = checksum.decode("ascii", "replace").split()[:1]
            if stated == [hashlib.sha256(content).hexdigest()]:
                return content
        raise SourceContractError(f"{url}: the bytes differ from the file's .CHECKSUM, twice.")

    def _get(self, url: str) -> bytes | None:
        def call() -> bytes | None:
            response = self._session.get(url, timeout=TIMEOUT_SECONDS)
            if response.status_code == NOT_PUBLISHED:
                return None
            response.raise_for_status()
            return response.content

        return retried(
            call,
            what=url,
            attempts=self._settings.attempts,
            longest_wait_seconds=self._settings.longest_wait_seconds,
            when_forbidden="Leave BINANCE_ARCHIVE_URL empty, so that all comes over REST, or set a mirror of yours.",
        )
