"""A history seen from an instant: its closed candles, and the part of the next one that has already happened."""

import numpy as np

from tests.simulators.candles import Candles, Snapshot

_WIGGLE = 0.25


def snapshot_of(history: Candles, *, interval_ms: int, now_ms: int) -> Snapshot:
    """Return what an exchange with this history shows at ``now_ms``.

    Args:
        history: Final candles, which may reach beyond ``now_ms``.
        interval_ms: Length of a candle.
        now_ms: The instant. A candle is closed from ``open time + interval`` on, and forming from its open time on.
    """
    closed = int(np.searchsorted(history.open_time_ms, now_ms - interval_ms, side="right"))
    begun = int(np.searchsorted(history.open_time_ms, now_ms, side="right"))
    return Snapshot(history[:closed], partial(history[closed:begun], interval_ms=interval_ms, now_ms=now_ms))


def partial(final: Candles, *, interval_ms: int, now_ms: int) -> Candles:
    """Return no or one candle as it stands at ``now_ms``, given what it will be in the end.

    The open is final; high, low, volumes and trades have grown in proportion to the time passed; the price has gone as
    far from open to close, with a detour. The close time is the scheduled one.
    """
    passed = (now_ms - final.open_time_ms) / interval_ms
    detour = _WIGGLE * np.sin(3 * np.pi * passed) * (final.high - final.low)
    high = np.round(final.open + (final.high - final.open) * passed, 2)
    low = np.round(final.open + (final.low - final.open) * passed, 2)
    price = np.clip(np.round(final.open + (final.close - final.open) * passed + detour, 2), final.low, final.high)
    return Candles(
        final.open_time_ms,
        final.open,
        np.maximum(high, price),
        np.minimum(low, price),
        price,
        np.round(final.volume * passed, 6),
        final.open_time_ms + interval_ms - 1,
        np.round(final.quote_volume * passed, 8),
        np.floor(final.trades * passed).astype(np.int64),
        np.round(final.taker_base_volume * passed, 6),
        np.round(final.taker_quote_volume * passed, 8),
    )
