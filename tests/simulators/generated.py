"""The generated source: an endless history that depends on seed, genesis and interval only, never on the clock."""

from enum import StrEnum

import numpy as np

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.bars import dress
from tests.simulators.candles import Candles, Snapshot
from tests.simulators.forming import snapshot_of
from tests.simulators.outages import disruptions
from tests.simulators.returns import CHUNK_BARS, REVERSAL_PHI, WEAK_REVERSAL_PHI, first_state, next_chunk

_HOUR_MS = 3_600_000
_CHUNK_STREAM = 1


class Profile(StrEnum):
    """What can be learned from the generated candles."""

    REVERSAL = "reversal"
    WEAK_REVERSAL = "weak-reversal"
    NO_SIGNAL = "no-signal"

    @property
    def phi(self) -> float:
        """Return the share of a bar's return that the next bar gives back."""
        return _PHI[self]


_PHI = {Profile.REVERSAL: REVERSAL_PHI, Profile.WEAK_REVERSAL: WEAK_REVERSAL_PHI, Profile.NO_SIGNAL: 0.0}


class GeneratedSource:
    """Candles made in chunks of `CHUNK_BARS`, from the genesis on, as far as they have been asked for.

    Each chunk has its own random generator and starts from the state that the one before left, so a candle never
    changes once it has been made, and a restart makes the same ones again.

    Args:
        profile: What can be learned from them.
        seed: Any integer >= 0.
        genesis_ms: Milliseconds since the epoch; the first candle opens at the first grid point at or after it.
        interval: Length of the candles.
    """

    def __init__(self, *, profile: Profile, seed: int, genesis_ms: int, interval: CandleInterval) -> None:
        self._profile = profile
        self._seed = seed
        self._interval_ms = interval.milliseconds
        self._genesis_ms = -(-genesis_ms // self._interval_ms) * self._interval_ms
        self._interval = interval
        self._state = first_state(self._rng(chunk=0, stream=0))
        self._close_before = float(np.round(np.exp(self._state.log_price), 2))
        self._chunks = 0
        self._history = self._extend()

    @property
    def interval(self) -> CandleInterval:
        """Return the length of the candles."""
        return self._interval

    @property
    def description(self) -> str:
        """Return profile and seed."""
        return f"profile={self._profile.value}; seed={self._seed}"

    def snapshot(self, now_ms: int) -> Snapshot:
        """Return the candles as they stand at ``now_ms``, making those that were not needed before."""
        if now_ms >= self._end_ms:
            missing = (now_ms - self._end_ms) // (CHUNK_BARS * self._interval_ms) + 1
            self._history = Candles.concatenate([self._history, *(self._extend() for _ in range(missing))])
        return snapshot_of(self._history, interval_ms=self._interval_ms, now_ms=now_ms)

    @property
    def _end_ms(self) -> int:
        return self._genesis_ms + self._chunks * CHUNK_BARS * self._interval_ms

    def _rng(self, *, chunk: int, stream: int = _CHUNK_STREAM) -> np.random.Generator:
        return np.random.default_rng([self._seed, stream, chunk, self._interval_ms, self._genesis_ms])

    def _extend(self) -> Candles:
        """Return the next chunk's candles, without those that the outages hide."""
        rng = self._rng(chunk=self._chunks)
        open_time_ms = self._end_ms + np.arange(CHUNK_BARS, dtype=np.int64) * self._interval_ms
        bar_hours = self._interval_ms / _HOUR_MS
        chunk = next_chunk(
            self._state, rng, open_hour=open_time_ms / _HOUR_MS, bar_hours=bar_hours, phi=self._profile.phi
        )
        faults = disruptions(self._seed, self._genesis_ms, open_time_ms, interval_ms=self._interval_ms)
        candles = dress(chunk, open_time_ms, faults, rng, close_before=self._close_before, bar_hours=bar_hours)
        self._state, self._close_before = chunk.state, float(candles.close[-1])
        self._chunks += 1
        return candles[faults.exists]
