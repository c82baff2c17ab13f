"""The archive's months of a series, fetched and read a few ahead of whoever stores them."""

from collections import deque
from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor

from mercado.bitcoin.archive import CONNECTIONS, ArchiveFile, BinanceArchive, Month
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.kline_text import text_block
from mercado.bitcoin.store import StagedAnswer

Months = Generator[tuple[Month, Future[StagedAnswer | None]], None, None]


def archive_months(
    archive: BinanceArchive, symbol: str, interval: CandleInterval, *, start_ms: int, end_ms: int
) -> Months:
    """Yield each whole month between two instants that has ended, oldest first, and what will be its candles.

    One thread reads what the others fetch: together they would be no faster, and need a multiple of the memory. Close
    the generator, and they end what they are at and begin nothing more.
    """

    def read(month: Month, fetched: "Future[ArchiveFile | None]") -> StagedAnswer | None:
        file = fetched.result()
        if file is None:
            return None
        return _staged(file, interval, start_ms=max(start_ms, month.start_ms), end_ms=month.following().start_ms)

    ahead: deque[tuple[Month, Future[StagedAnswer | None]]] = deque()
    with ThreadPoolExecutor(CONNECTIONS) as connections, ThreadPoolExecutor(1) as reader:
        try:
            month = Month.of(start_ms)
            while month.following().start_ms <= end_ms or ahead:
                while month.following().start_ms <= end_ms and len(ahead) < CONNECTIONS:
                    fetched = connections.submit(archive.month, symbol, interval, month)
                    ahead.append((month, reader.submit(read, month, fetched)))
                    month = month.following()
                yield ahead.popleft()
        finally:
            connections.shutdown(wait=False, cancel_futures=True)
            reader.shutdown(wait=True, cancel_futures=True)


def _staged(file: ArchiveFile, interval: CandleInterval, *, start_ms: int, end_ms: int) -> StagedAnswer:
    text = file.text()
    block = text_block(text, interval=interval, start_ms=start_ms, end_ms=end_ms, where=file.url)
    return StagedAnswer(block, file.answer(rows_read=sum(map(bool, text.splitlines()))))
