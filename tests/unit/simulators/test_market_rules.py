"""The pure rules of the exchange: aggregation, publication dates, request weights, and planted faults."""

import numpy as np
import pytest

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.archive import day_of, month_of
from tests.simulators.clock import parse_instant, to_milliseconds
from tests.simulators.faults import Fault, FaultBook
from tests.simulators.generated import GeneratedSource, Profile
from tests.simulators.market import Market
from tests.simulators.options import FIRST_BTCUSDT_CANDLE
from tests.simulators.weights import WeightCounter

HOUR_MS = 3_600_000
NOW_MS = to_milliseconds(parse_instant("2018-06-05T10:30:00Z"))


@pytest.fixture(scope="module")
def market() -> Market:
    genesis_ms = to_milliseconds(FIRST_BTCUSDT_CANDLE)
    source = GeneratedSource(profile=Profile.REVERSAL, seed=7, genesis_ms=genesis_ms, interval=CandleInterval.ONE_HOUR)
    return Market("BTCUSDT", source)


@pytest.mark.parametrize("interval", [CandleInterval.FOUR_HOURS, CandleInterval.ONE_DAY])
def test_an_aggregate_holds_exactly_the_hours_of_its_bucket(market: Market, interval: CandleInterval) -> None:
    hours, wide = market.source.snapshot(NOW_MS).closed, market.snapshot(interval, NOW_MS).closed
    bucket = hours.open_time_ms // interval.milliseconds * interval.milliseconds
    for position in range(0, len(wide), 97):
        inside = hours[bucket == wide.open_time_ms[position]]
        assert wide.open[position] == inside.open[0]
        assert wide.high[position] == inside.high.max()
        assert wide.low[position] == inside.low.min()
        assert wide.close[position] == inside.close[-1]
        assert wide.volume[position] == pytest.approx(inside.volume.sum())
        assert wide.trades[position] == inside.trades.sum()
    assert len(wide) == len(np.unique(bucket[bucket + interval.milliseconds <= NOW_MS]))


def test_the_forming_aggregate_includes_the_forming_hour(market: Market) -> None:
    forming = market.snapshot(CandleInterval.FOUR_HOURS, NOW_MS).forming
    hour = market.source.snapshot(NOW_MS).forming
    assert forming.open_time_ms[0] == to_milliseconds(parse_instant("2018-06-05T08:00:00Z"))
    assert forming.close_time_ms[0] == to_milliseconds(parse_instant("2018-06-05T12:00:00Z")) - 1
    assert forming.close[0] == hour.close[0]


def test_only_multiples_of_the_base_interval_are_on_offer(market: Market) -> None:
    assert market.offers(CandleInterval.TWELVE_HOURS)
    assert not market.offers(CandleInterval.THIRTY_MINUTES)


@pytest.mark.parametrize(
    ("start_hour", "end_hour", "limit", "expected"),
    [
        (None, None, 3, ["closed", "closed", "forming"]),
        (-1, None, 3, ["closed", "forming"]),
        (0, None, 3, ["forming"]),
        (1, None, 3, []),
        (None, -1, 2, ["closed", "closed"]),
        (0, 0, 5, ["forming"]),
        (0, -1, 5, []),
        (-3, 0, 2, ["closed", "closed"]),
    ],
)
def test_both_ends_of_a_selection_count_also_around_the_forming_candle(
    market: Market, start_hour: int | None, end_hour: int | None, limit: int, expected: list[str]
) -> None:
    snapshot = market.source.snapshot(NOW_MS)
    opening_ms = int(snapshot.forming.open_time_ms[0])
    start_ms = None if start_hour is None else opening_ms + start_hour * HOUR_MS
    end_ms = None if end_hour is None else opening_ms + end_hour * HOUR_MS
    selected = snapshot.select(start_ms=start_ms, end_ms=end_ms, limit=limit)
    assert ["forming" if time == opening_ms else "closed" for time in selected.open_time_ms] == expected


@pytest.mark.parametrize(
    ("month", "available"),
    [("2023-12", "2024-01-01"), ("2024-01", "2024-02-05"), ("2024-06", "2024-07-01"), ("2024-08", "2024-09-02")],
)
def test_a_month_is_published_on_the_first_monday_after_it(month: str, available: str) -> None:
    assert month_of(month).available == parse_instant(f"{available}T00:00:00Z")


def test_a_day_is_published_when_it_is_over() -> None:
    assert day_of("2024-02-28").available == parse_instant("2024-02-29T00:00:00Z")


def test_the_weight_limit_asks_to_wait_until_the_minute_ends() -> None:
    counter = WeightCounter(limit=4)
    assert [counter.charge(2, at_seconds=100.0).status for _ in range(2)] == [200, 200]
    refused = counter.charge(2, at_seconds=100.5)
    assert (refused.status, refused.retry_after_seconds, refused.used) == (429, 20, 6)
    assert counter.charge(2, at_seconds=120.0).status == 200


def test_whoever_goes_on_calling_is_banned_beyond_the_minute() -> None:
    counter = WeightCounter(limit=1)
    statuses = [counter.charge(1, at_seconds=60.0).status for _ in range(9)]
    assert statuses == [200, *[429] * 6, 418, 418]
    assert counter.charge(1, at_seconds=130.0).status == 418
    assert counter.charge(1, at_seconds=181.0).status == 200


def test_a_fault_skips_strikes_and_is_spent() -> None:
    book = FaultBook()
    book.add(Fault(kind="garbage", path="/api", after=2, times=1))
    assert [book.strike("/api/v3/klines") is not None for _ in range(5)] == [False, False, True, False, False]
    assert book.strike("/archive/x.zip") is None


def test_a_fault_without_an_end_strikes_until_it_is_cleared() -> None:
    book = FaultBook()
    book.add(Fault(kind="cut"))
    assert all(book.strike("/x") for _ in range(50))
    book.clear()
    assert book.strike("/x") is None


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        parse_instant("2024-01-01T00:00:00")
