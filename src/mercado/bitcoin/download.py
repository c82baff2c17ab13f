"""Download candles: the archive for whole months of the past, REST for the rest, merged block by block.

Blocks are merged oldest first, each in its own transaction. Killed at any moment and run again, the download resumes
behind the last stored candle, fills the hole that a killed load of earlier candles left, and ends in the same rows.
Only closed candles are stored, by the server's clock.
"""

from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

import psycopg

from mercado.bitcoin.archive import BinanceArchive, Month
from mercado.bitcoin.archive_months import archive_months
from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.gaps import OWN_HOLE, confirm_gaps, read_gaps, refresh_gaps
from mercado.bitcoin.kline_rows import candle_block
from mercado.bitcoin.rest import BinanceRest
from mercado.bitcoin.store import StagedAnswer, merge_answers, stored_range_ms
from mercado.errors import ConfigurationError, SourceContractError, SourceForbiddenError, SourceUnavailableError
from mercado.warehouse.loads import MergeCounts, add_note, recorded_load
from mercado.warehouse.schema import require_current_schema

SOURCE = "binance"
Range = tuple[int, int]
Progress = Callable[[int, int], None]
Answers = Generator[StagedAnswer, None, None]

# Few commits make a long download quick; a killed one loses no more than this.
TRANSACTION_ROWS = 10_000


@dataclass(frozen=True)
class DownloadReport:
    """What a download did.

    Attributes:
        load_id: Its row in ``ops.loads``.
        origin: Where the candles came from.
        counts: Rows inserted, updated and left unchanged.
        stored_count: Candles of the series stored now.
        gap_count: Ledger entries of the series, of which ``missing_count`` candles.
        missing_count: Candles missing in them.
    """

    load_id: int
    origin: str
    counts: MergeCounts
    stored_count: int
    gap_count: int
    missing_count: int


@dataclass(frozen=True)
class Downloader:
    """Loads one series; holds what its steps share.

    Attributes:
        connection: Open connection to the warehouse, owned by the caller.
        rest: Binance over REST.
        archive: Binance's archive, or ``None`` for REST only.
        symbol: Such as ``BTCUSDT``.
        interval: Length of the candles.
        progress: Called with candles' time done and total, in ms, after each block.
    """

    connection: psycopg.Connection
    rest: BinanceRest
    archive: BinanceArchive | None
    symbol: str
    interval: CandleInterval
    progress: Progress = lambda done, total: None

    @property
    def scope(self) -> str:
        """Return the series' name in ``ops.loads``."""
        return f"{self.symbol} {self.interval}"

    def download(
        self, *, start_ms: int | None = None, end_ms: int | None = None, refetch: bool = False
    ) -> DownloadReport:
        """Load what is missing between ``start_ms`` (default: the oldest candle) and ``end_ms`` (default: now).

        Args:
            start_ms: First open time wanted, in ms.
            end_ms: Instant by which candles must be closed, in ms; never later than the server's clock.
            refetch: Ask for stored candles as well: a revised one is then updated.

        Raises:
            SchemaOutdatedError, LoadInProgressError, MixedOriginError: Nothing was loaded.
            ConfigurationError: Nothing is wanted: the start is not before the end.
            SourceError: The source failed; what was merged before stays, and the next run resumes behind it.
        """
        require_current_schema(self.connection)
        origin = self.rest.origin()
        with recorded_load(self.connection, source=SOURCE, scope=self.scope, origin=origin) as load_id:
            server_ms = self.rest.server_time_ms()
            end = min(end_ms or server_ms, server_ms)
            if start_ms is not None and start_ms >= end:
                raise ConfigurationError(
                    f"The first candle wanted opens at {_instant(start_ms)}, which is not before the end, "
                    f"{_instant(end)}: choose an earlier start."
                )
            start = max(start_ms or 0, self.rest.first_open_time_ms(self.symbol, self.interval))
            ranges = [(start, end)] if refetch else self._missing_ranges(start, end)
            for part in ranges:
                self._load_range(part, load_id)
            self._settle_gaps(load_id, end)
        return self._report(load_id, origin)

    def _missing_ranges(self, start: int, end: int) -> list[Range]:
        stored = stored_range_ms(self.connection, self.symbol, self.interval)
        if stored is None:
            return [(start, end)]
        first, last = stored
        candidates = [(start, min(first, end)), (max(start, last + self.interval.milliseconds), end)]
        return [(begin, stop) for begin, stop in candidates if begin + self.interval.milliseconds <= stop]

    def _load_range(self, part: Range, load_id: int) -> None:
        start, end = part
        batch: list[StagedAnswer] = []
        with closing(self._answers(part, load_id)) as answers:
            for answer in answers:
                batch.append(answer)
                if sum(staged.block.row_count for staged in batch) >= TRANSACTION_ROWS:
                    self._merge(batch, load_id)
                    self.progress((answer.block.last_open_time_ms or start) - start, end - start)
                    batch.clear()
        self._merge(batch, load_id)
        self.progress(end - start, end - start)

    def _merge(self, batch: list[StagedAnswer], load_id: int) -> None:
        if batch:
            merge_answers(self.connection, batch, symbol=self.symbol, interval=self.interval, load_id=load_id)

    def _answers(self, part: Range, load_id: int) -> Answers:
        cursor, end = part
        if self.archive is not None:
            ended = archive_months(self.archive, self.symbol, self.interval, start_ms=cursor, end_ms=end)
            with closing(ended) as months:
                for month, outcome in months:
                    try:
                        file = outcome.result()
                    except SourceContractError as error:
                        self._note(load_id, error)
                        continue
                    except (SourceUnavailableError, SourceForbiddenError) as error:
                        self._note(load_id, error)
                        break
                    if file is None:
                        continue
                    yield from self._rest_answers((cursor, month.start_ms))
                    yield file
                    cursor = min(month.following().start_ms, end)
        yield from self._rest_answers((cursor, end))

    def _rest_answers(self, part: Range) -> Answers:
        start, end = part
        for page in self.rest.pages(self.symbol, self.interval, start_ms=start, end_ms=end):
            block = candle_block(page.rows, interval=self.interval, start_ms=start, end_ms=end, where=page.answer.url)
            yield StagedAnswer(block, page.answer)

    def _note(self, load_id: int, error: Exception) -> None:
        add_note(self.connection, load_id, f"{error} What it would have held comes over REST instead.")

    def _settle_gaps(self, load_id: int, end: int) -> None:
        refresh_gaps(self.connection, self.symbol, self.interval, end_ms=end, load_id=load_id)
        for hole in self._long_holes():
            self._load_range(hole, load_id)
            refresh_gaps(self.connection, self.symbol, self.interval, end_ms=end, load_id=load_id)
        if confirm_gaps(self.connection, self.rest, self.symbol, self.interval, load_id=load_id):
            refresh_gaps(self.connection, self.symbol, self.interval, end_ms=end, load_id=load_id)

    def _long_holes(self) -> list[Range]:
        """Return holes of our own with whole months in them, as a killed load of earlier candles leaves them."""
        holes = [gap for gap in read_gaps(self.connection, self.symbol, self.interval) if gap.kind == OWN_HOLE]
        ranges = [(gap.start_ms, gap.end_ms(self.interval)) for gap in holes]
        return [(start, end) for start, end in ranges if Month.of(start).following().following().start_ms <= end]

    def _report(self, load_id: int, origin: str) -> DownloadReport:
        row = self.connection.execute(
            "select rows_inserted, rows_updated, rows_unchanged, "
            "(select count(*) from market_data.klines where (symbol, interval) = (%s, %s)) "
            "from ops.loads where load_id = %s",
            (self.symbol, self.interval.value, load_id),
        ).fetchone()
        assert row is not None  # noqa: S101  the load was just recorded
        gaps = read_gaps(self.connection, self.symbol, self.interval)
        missing = sum(gap.missing_count for gap in gaps)
        return DownloadReport(load_id, origin, MergeCounts(*row[:3]), row[3], len(gaps), missing)


def _instant(time_ms: int) -> str:
    return f"{datetime.fromtimestamp(time_ms / 1000, UTC):%Y-%m-%d %H:%M} UTC"
