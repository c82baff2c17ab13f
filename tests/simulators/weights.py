"""Binance's request weights: so much a minute, then 429, and a ban with 418 for whoever goes on calling.

The limit of 6,000 a minute and the two statuses are Binance's (spot-api-docs, rest-api.md, "IP Limits"); how many
calls it forgives during a back-off it does not say: five here, so that requests under way are not punished. All callers
share one counter, as callers behind one address do.
"""

from dataclasses import dataclass

WEIGHT_LIMIT = 6_000
_MINUTE_SECONDS = 60
_FORGIVEN_CALLS = 5
_BAN_SECONDS = 120


@dataclass(frozen=True)
class Verdict:
    """What becomes of a request.

    Attributes:
        used: Weight used in this minute, this request included.
        status: 200, 429 or 418.
        retry_after_seconds: How long to wait when the status is not 200.
    """

    used: int
    status: int = 200
    retry_after_seconds: int = 0


class WeightCounter:
    """Counts the weight used in each minute of the real clock, and says when a caller must wait.

    Args:
        limit: Weight that may be used in a minute.
    """

    def __init__(self, limit: int = WEIGHT_LIMIT) -> None:
        self.limit = limit
        self._minute = -1
        self._used = 0
        self._ignored = 0
        self._banned_until_seconds = 0.0

    def charge(self, weight: int, *, at_seconds: float) -> Verdict:
        """Count a request of this weight, made ``at_seconds`` since the epoch, and return what becomes of it."""
        minute = int(at_seconds // _MINUTE_SECONDS)
        if minute != self._minute:
            self._minute, self._used, self._ignored = minute, 0, 0
        self._used += weight
        if at_seconds < self._banned_until_seconds:
            return Verdict(self._used, 418, _whole_seconds(self._banned_until_seconds - at_seconds))
        if self._used <= self.limit:
            return Verdict(self._used)
        self._ignored += 1
        if self._ignored > _FORGIVEN_CALLS + 1:
            self._banned_until_seconds = at_seconds + _BAN_SECONDS
            return Verdict(self._used, 418, _BAN_SECONDS)
        return Verdict(self._used, 429, _whole_seconds((minute + 1) * _MINUTE_SECONDS - at_seconds))


def _whole_seconds(seconds: float) -> int:
    return max(int(-(-seconds // 1)), 1)
