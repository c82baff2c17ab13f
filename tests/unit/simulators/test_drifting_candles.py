"""A market that becomes another one: unchanged before, wilder or by other rules after, and never rewritten."""

from datetime import UTC, datetime

import numpy as np
import pytest

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.candles import Candles
from tests.simulators.clock import to_milliseconds
from tests.simulators.drifting import Drift, DriftingSource
from tests.simulators.generated import GeneratedSource, Profile
from tests.simulators.options import SimulatorOptions

GENESIS_MS = to_milliseconds(datetime(2023, 1, 1, tzinfo=UTC))
FROM_MS = to_milliseconds(datetime(2024, 1, 1, tzinfo=UTC))
NOW_MS = to_milliseconds(datetime(2024, 6, 1, 0, 20, tzinfo=UTC))


def inner() -> GeneratedSource:
    return GeneratedSource(profile=Profile.REVERSAL, seed=7, genesis_ms=GENESIS_MS, interval=CandleInterval.ONE_HOUR)


def closed(drift: Drift, now_ms: int = NOW_MS) -> Candles:
    return DriftingSource(inner(), drift=drift, from_ms=FROM_MS).snapshot(now_ms).closed


def later_returns(candles: Candles) -> np.ndarray:
    return np.diff(np.log(candles.close[candles.open_time_ms >= FROM_MS]))


@pytest.mark.parametrize("drift", list(Drift))
def test_before_the_drift_nothing_differs(drift: Drift) -> None:
    before = inner().snapshot(NOW_MS).closed
    for ours, theirs in zip(closed(drift).columns(), before.columns(), strict=True):
        count = int(np.searchsorted(before.open_time_ms, FROM_MS))
        assert np.array_equal(ours[:count], theirs[:count])


@pytest.mark.parametrize("drift", list(Drift))
def test_what_is_closed_never_changes_and_every_candle_is_possible(drift: Drift) -> None:
    early, late = closed(drift, FROM_MS + 40 * 86_400_000), closed(drift)
    for before, after in zip(early.columns(), late.columns(), strict=True):
        assert np.array_equal(before, after[: len(early)])
    assert (late.high >= np.maximum(late.open, late.close)).all()
    assert (late.low <= np.minimum(late.open, late.close)).all()
    assert (late.low > 0).all()


def test_volatility_is_five_times_as_large() -> None:
    calm = later_returns(inner().snapshot(NOW_MS).closed).std()
    assert later_returns(closed(Drift.VOLATILITY)).std() == pytest.approx(5 * calm, rel=0.02)


def test_in_the_other_regime_a_move_goes_on_and_volume_tells_nothing_of_it() -> None:
    candles = closed(Drift.REGIME)
    returns = later_returns(candles)
    assert np.mean(np.sign(returns[1:]) == np.sign(returns[:-1])) > 0.52
    traded = candles.volume[candles.open_time_ms >= FROM_MS][1:]
    volume = np.log(traded[traded > 0])
    assert abs(np.corrcoef(volume, np.abs(returns[traded > 0]))[0, 1]) < 0.05
    assert volume.std() == pytest.approx(1.5, rel=0.1)


def test_a_drift_without_an_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="needs the instant"):
        SimulatorOptions(drift=Drift.REGIME).open()
