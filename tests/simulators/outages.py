"""Outages of the generated exchange: hours without a candle, a candle cut short before them, and idle candles.

Real history has 28 gaps in 7.6 years, the longest of 33 hours, some of them after a candle whose close time was cut
short, and four candles without a trade. Here time since the genesis is divided into seasons of 117 days; each holds one
outage, the second season that of 33 hours, and every seventh one an idle candle. Seasons are drawn independently, so
that later ones never change earlier ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_HOUR_MS = 3_600_000
_SEASON_MS = 117 * 24 * _HOUR_MS
_MARGIN_HOURS = 48
_LONG_OUTAGE_SEASON, _LONG_OUTAGE_HOURS = 1, 33
_IDLE_EVERY, _IDLE_OFFSET = 7, 3
_TRUNCATED_SHARE = 0.6
_MEAN_HOURS = 3.5
_STREAM = 2


@dataclass(frozen=True)
class Season:
    """What goes wrong in one season; times in milliseconds since the epoch.

    Attributes:
        outage_start_ms: First millisecond without trading, on a full hour since the genesis.
        outage_end_ms: First millisecond with trading again.
        truncated_share: Share of the candle before the outage that passed before its trading stopped; 1 for all of it.
        idle_ms: An instant inside a candle without a trade, or ``None``.
    """

    outage_start_ms: int
    outage_end_ms: int
    truncated_share: float
    idle_ms: int | None


def season_of(seed: int, genesis_ms: int, number: int) -> Season:
    """Return the season with this number, counted from 0 at the genesis."""
    rng = np.random.default_rng([seed, _STREAM, number])
    begin_ms = genesis_ms + number * _SEASON_MS
    season_hours = _SEASON_MS // _HOUR_MS
    start_hour = int(rng.integers(_MARGIN_HOURS, season_hours // 2))
    hours = min(int(rng.geometric(1 / _MEAN_HOURS)), 12)
    if number == _LONG_OUTAGE_SEASON:
        hours = _LONG_OUTAGE_HOURS
    share = float(rng.uniform(0.05, 0.95)) if rng.random() < _TRUNCATED_SHARE or hours > 12 else 1.0
    idle_hour = int(rng.integers(season_hours // 2 + _MARGIN_HOURS, season_hours))
    start_ms = begin_ms + start_hour * _HOUR_MS
    idle_ms = begin_ms + idle_hour * _HOUR_MS if number % _IDLE_EVERY == _IDLE_OFFSET else None
    return Season(start_ms, start_ms + hours * _HOUR_MS, share, idle_ms)


@dataclass(frozen=True)
class Disruptions:
    """What outages do to consecutive bars, as columns: which exist, which are idle, and when each closes."""

    exists: NDArray[np.bool_]
    idle: NDArray[np.bool_]
    close_time_ms: NDArray[np.int64]


def disruptions(seed: int, genesis_ms: int, open_time_ms: NDArray[np.int64], *, interval_ms: int) -> Disruptions:
    """Return what the outages do to the bars that open at ``open_time_ms``, which are consecutive.

    A bar is missing when the whole of it lies inside an outage.
    """
    exists = np.ones(len(open_time_ms), dtype=np.bool_)
    idle = np.zeros(len(open_time_ms), dtype=np.bool_)
    close_time_ms = open_time_ms + interval_ms - 1
    first = (int(open_time_ms[0]) - genesis_ms) // _SEASON_MS
    last = (int(open_time_ms[-1]) + interval_ms - genesis_ms) // _SEASON_MS
    for number in range(max(first, 0), last + 1):
        season = season_of(seed, genesis_ms, number)
        missing = (open_time_ms >= season.outage_start_ms) & (open_time_ms + interval_ms <= season.outage_end_ms)
        exists &= ~missing
        end_ms = open_time_ms + interval_ms
        next_is_missing = end_ms + interval_ms <= season.outage_end_ms
        cut = (open_time_ms < season.outage_start_ms) & (season.outage_start_ms <= end_ms) & next_is_missing
        close_time_ms[cut] = open_time_ms[cut] + int(season.truncated_share * interval_ms) - 1
        if season.idle_ms is not None:
            idle |= (open_time_ms <= season.idle_ms) & (season.idle_ms < open_time_ms + interval_ms)
    return Disruptions(exists, idle, close_time_ms)
