"""Prices that move smoothly: a yearly wave, a shorter one, slow inflation and a little noise, all from the seed."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

_Floats = NDArray[np.float64]
_NOW_USUAL: Final = date(2025, 7, 1).toordinal()
_YEAR_DAYS: Final = 365.25
_INFLATION: Final = 0.05
_SCALES, _NOISE = 0, 1


@dataclass(frozen=True)
class Prices:
    """Prices of a day, one of each series: ``minimum <= mean <= maximum``, COP, most of them whole."""

    minimum: _Floats
    mean: _Floats
    maximum: _Floats


class PriceModel:
    """Says what every series costs on any day, whichever days were asked for before.

    ``mean = usual * exp(0.20 sin(yearly) + 0.10 sin(every 45 to 110 days) + 0.05 years) * (1 ± 0.01)``; the phases are
    the series' own, and so is its level, within about 12 % of the usual one.

    Args:
        usual: Shape ``(n,)``: usual price of each series in the middle of 2025, > 0.
        seed: Any integer >= 0.
        stream: Tells operations apart that share a seed.
    """

    def __init__(self, usual: _Floats, *, seed: int, stream: int) -> None:
        rng = np.random.default_rng([seed, stream, _SCALES])
        self._usual = usual * np.exp(rng.normal(0.0, 0.12, usual.size))
        self._phases = rng.uniform(0.0, 2.0 * np.pi, (2, usual.size))
        self._days = rng.uniform(45.0, 110.0, usual.size)
        self._seed, self._stream = seed, stream

    def on(self, day: date) -> Prices:
        """Return the prices of ``day``."""
        age = day.toordinal() - _NOW_USUAL
        yearly = np.sin(2.0 * np.pi * age / _YEAR_DAYS + self._phases[0])
        shorter = np.sin(2.0 * np.pi * age / self._days + self._phases[1])
        noise = np.random.default_rng([self._seed, self._stream, _NOISE, day.toordinal()]).random((3, self._usual.size))
        level = self._usual * np.exp(0.20 * yearly + 0.10 * shorter + _INFLATION * age / _YEAR_DAYS)
        mean = np.maximum(np.rint(level * (0.99 + 0.02 * noise[0])), 1.0)
        minimum = np.maximum(np.rint(mean * (1.0 - 0.06 * noise[1])), 1.0)
        # Some maxima come from packages that do not divide evenly, hence with centavos.
        maximum = np.rint(mean * (1.0 + 0.06 * noise[2])) + np.where(noise[0] > 0.9, 0.67, 0.0)
        return Prices(minimum, mean, np.round(maximum, 2))
