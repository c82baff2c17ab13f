"""What a simulator can be told when it starts, and the source and clock that follow from it."""

import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.candles import CandleSource
from tests.simulators.clock import SimulatorClock, to_milliseconds
from tests.simulators.drifting import Drift, DriftingSource
from tests.simulators.generated import GeneratedSource, Profile
from tests.simulators.replayed import ReplayedSource
from tests.simulators.sipsa.options import SipsaOptions
from tests.simulators.weights import WEIGHT_LIMIT

FIRST_BTCUSDT_CANDLE = datetime(2017, 8, 17, 4, tzinfo=UTC)
SYMBOLS = ("BTCUSDT", "ETHUSDT", "SOLUSDT")
ARCHIVE_KEPT_MB = 64


@dataclass(frozen=True)
class SimulatorOptions:
    """How a simulator behaves.

    Attributes:
        profile: What can be learned from generated candles; unused in a replay.
        seed: Seed of generated candles, >= 0; unused in a replay.
        genesis: Aware instant of the first generated candle; unused in a replay.
        drift: How the generated market changes at ``drift_from``; ``None``: it does not.
        drift_from: Aware instant of the change; needed with ``drift``.
        interval: Length of the candles; multiples of it are served too.
        symbols: Symbols on offer, each with candles of its own; of a replay the first one only.
        replay: CSV file of candles to serve instead of generated ones.
        now: Aware instant at which the clock stands still. ``None``: the real clock, or, in a replay, an instant
            shortly after the last recorded candle.
        weight_limit: Request weight that an address may use in a minute.
        archive_kept_mb: Memory for archive files that have been made, in MiB; all months of minutes take about 260.
        sipsa: How the SIPSA service behaves.
    """

    profile: Profile = Profile.REVERSAL
    seed: int = 7
    genesis: datetime = FIRST_BTCUSDT_CANDLE
    drift: Drift | None = None
    drift_from: datetime | None = None
    interval: CandleInterval = CandleInterval.ONE_HOUR
    symbols: tuple[str, ...] = SYMBOLS
    replay: Path | None = None
    now: datetime | None = None
    weight_limit: int = WEIGHT_LIMIT
    archive_kept_mb: int = ARCHIVE_KEPT_MB
    sipsa: SipsaOptions = field(default_factory=SipsaOptions)

    def open(self) -> tuple[dict[str, CandleSource], SimulatorClock]:
        """Return each symbol's source, and the clock; reads the file of a replay.

        Raises:
            ValueError: The file is no CSV of candles of this interval; or a drift has no instant.
            OSError: The file cannot be read.
        """
        now_ms = to_milliseconds(self.now) if self.now else None
        if self.replay is not None:
            replayed = ReplayedSource(self.replay, interval=self.interval)
            return {self.symbols[0]: replayed}, SimulatorClock(replayed.natural_now_ms if now_ms is None else now_ms)
        return {symbol: self._generated(symbol) for symbol in self.symbols}, SimulatorClock(now_ms)

    def _generated(self, symbol: str) -> CandleSource:
        genesis_ms = to_milliseconds(self.genesis)
        # The first symbol's candles are those of the seed itself; another one's do not depend on what else is on offer.
        seed = self.seed if symbol == self.symbols[0] else self.seed + zlib.crc32(symbol.encode())
        generated = GeneratedSource(profile=self.profile, seed=seed, genesis_ms=genesis_ms, interval=self.interval)
        if self.drift is None:
            return generated
        if self.drift_from is None:
            raise ValueError("a drift needs the instant that it begins at")
        return DriftingSource(generated, drift=self.drift, from_ms=to_milliseconds(self.drift_from))
