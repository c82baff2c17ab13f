"""What the generated history promises: its signal, its stability, and candles that fit together."""

from datetime import UTC, datetime
from functools import cache

import numpy as np
import pytest
from numpy.typing import NDArray

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.candles import Candles, Snapshot
from tests.simulators.clock import to_milliseconds
from tests.simulators.generated import GeneratedSource, Profile

HOUR_MS = 3_600_000
GENESIS_MS = to_milliseconds(datetime(2017, 8, 17, 4, tzinfo=UTC))
NINE_YEARS_ON_MS = to_milliseconds(datetime(2026, 8, 17, 4, 20, tzinfo=UTC))
SEEDS = (7, 11)


def source(profile: Profile = Profile.REVERSAL, seed: int = 7) -> GeneratedSource:
    return GeneratedSource(profile=profile, seed=seed, genesis_ms=GENESIS_MS, interval=CandleInterval.ONE_HOUR)


@cache
def nine_years(profile: Profile = Profile.REVERSAL, seed: int = 7) -> Snapshot:
    return source(profile, seed).snapshot(NINE_YEARS_ON_MS)


def log_returns(candles: Candles) -> NDArray[np.float64]:
    return np.diff(np.log(candles.close))


def hit_rate_of_reversal(candles: Candles) -> float:
    returns = log_returns(candles)
    return float(np.mean(np.sign(returns[1:]) == -np.sign(returns[:-1])))


def same(left: Candles, right: Candles) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(left.columns(), right.columns(), strict=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_betting_on_a_reversal_is_right_in_about_55_of_100_hours(seed: int) -> None:
    assert 0.54 <= hit_rate_of_reversal(nine_years(Profile.REVERSAL, seed).closed) <= 0.56


@pytest.mark.parametrize("seed", SEEDS)
def test_without_a_signal_the_bet_is_right_half_of_the_time(seed: int) -> None:
    assert 0.49 <= hit_rate_of_reversal(nine_years(Profile.NO_SIGNAL, seed).closed) <= 0.51


@pytest.mark.parametrize("profile", list(Profile))
def test_volatility_clusters_for_days(profile: Profile) -> None:
    size = np.abs(log_returns(nine_years(profile).closed))
    assert np.corrcoef(size[1:], size[:-1])[0, 1] > 0.15
    assert np.corrcoef(size[48:], size[:-48])[0, 1] > 0.05


@pytest.mark.parametrize("seed", range(5))
def test_nine_years_stay_at_the_levels_of_bitcoin(seed: int) -> None:
    closed = nine_years(Profile.REVERSAL, seed).closed
    assert closed.open[0] == pytest.approx(4_261, rel=0.05)
    assert closed.close.min() > 300
    assert closed.close.max() < 2_000_000
    assert 0.004 < log_returns(closed).std() < 0.009


def test_later_candles_never_change_earlier_ones() -> None:
    for share in (0.001, 0.31, 0.77):
        early_ms = GENESIS_MS + int((NINE_YEARS_ON_MS - GENESIS_MS) * share)
        early = source().snapshot(early_ms).closed
        assert same(early, nine_years().closed[: len(early)])


def test_looking_far_ahead_first_changes_nothing() -> None:
    looked_ahead = source()
    looked_ahead.snapshot(NINE_YEARS_ON_MS + 400 * 24 * HOUR_MS)
    assert same(looked_ahead.snapshot(NINE_YEARS_ON_MS).closed, nine_years().closed)


def test_another_seed_gives_another_history() -> None:
    assert not np.array_equal(nine_years(seed=7).closed.close[:100], nine_years(seed=8).closed.close[:100])


def test_prices_of_a_candle_are_consistent_and_on_the_tick() -> None:
    closed = nine_years().closed
    assert np.all(closed.low <= np.minimum(closed.open, closed.close))
    assert np.all(closed.high >= np.maximum(closed.open, closed.close))
    assert np.all(closed.low > 0)
    for price in (closed.open, closed.high, closed.low, closed.close):
        assert np.array_equal(price, np.round(price, 2))


def test_a_candle_opens_near_the_close_before_it() -> None:
    closed = nine_years().closed
    adjacent = np.diff(closed.open_time_ms) == HOUR_MS
    assert np.max(np.abs(closed.open[1:] / closed.close[:-1] - 1)[adjacent]) < 0.0002


def test_volumes_and_trades_fit_the_prices() -> None:
    closed = nine_years().closed
    assert np.all(closed.quote_volume <= closed.volume * closed.high + 1e-6)
    assert np.all(closed.quote_volume >= closed.volume * closed.low - 1e-6)
    assert np.all(closed.taker_base_volume <= closed.volume)
    assert np.all(closed.taker_quote_volume <= closed.quote_volume)
    assert np.array_equal(closed.trades > 0, closed.volume > 0)


def test_volume_follows_volatility() -> None:
    closed = nine_years().closed
    size = np.log(closed.high / closed.low)
    assert np.corrcoef(closed.volume, size)[0, 1] > 0.5


def test_about_28_outages_in_nine_years_the_longest_of_33_hours() -> None:
    missing_hours = np.diff(nine_years().closed.open_time_ms) // HOUR_MS - 1
    assert 24 <= np.count_nonzero(missing_hours) <= 32
    assert missing_hours.max() == 33
    assert np.all(nine_years().closed.open_time_ms % HOUR_MS == 0)


def test_only_candles_before_an_outage_are_cut_short() -> None:
    closed = nine_years().closed
    cut = closed.close_time_ms[:-1] < closed.open_time_ms[:-1] + HOUR_MS - 1
    before_outage = np.diff(closed.open_time_ms) > HOUR_MS
    assert cut.any()
    assert np.all(before_outage[cut])
    assert np.all(closed.close_time_ms > closed.open_time_ms)


def test_an_idle_candle_has_one_price_and_no_volume() -> None:
    closed = nine_years().closed
    idle = closed[closed.volume == 0]
    assert 2 <= len(idle) <= 6
    for price in (idle.open, idle.high, idle.low):
        assert np.array_equal(price, idle.close)
    assert not idle.trades.any()
    assert not idle.quote_volume.any()


def test_a_candle_closes_at_the_very_millisecond_that_its_interval_ends() -> None:
    generated = source()
    before = generated.snapshot(GENESIS_MS + HOUR_MS - 1)
    after = generated.snapshot(GENESIS_MS + HOUR_MS)
    assert (len(before.closed), len(before.forming)) == (0, 1)
    assert (len(after.closed), len(after.forming)) == (1, 1)


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9])
def test_the_forming_candle_is_a_consistent_part_of_the_final_one(share: float) -> None:
    generated = source()
    opening_ms = GENESIS_MS + 100 * HOUR_MS
    forming = generated.snapshot(opening_ms + int(share * HOUR_MS)).forming
    final = generated.snapshot(opening_ms + HOUR_MS).closed[-1:]
    assert forming.open_time_ms[0] == final.open_time_ms[0] == opening_ms
    assert forming.close_time_ms[0] == opening_ms + HOUR_MS - 1
    assert final.low[0] <= forming.low[0] <= forming.close[0] <= forming.high[0] <= final.high[0]
    assert forming.volume[0] == pytest.approx(final.volume[0] * share, abs=1e-5)
    assert not same(forming, final)


def test_before_the_genesis_there_is_nothing() -> None:
    snapshot = source().snapshot(GENESIS_MS - 1)
    assert (len(snapshot.closed), len(snapshot.forming)) == (0, 0)
