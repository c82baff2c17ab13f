"""What a replay promises: the file's values exactly, and one forming candle after them."""

import json
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from mercado.bitcoin.candles import CandleInterval
from tests.simulators.rendering import klines_json
from tests.simulators.replayed import ReplayedSource

HOUR_MS = 3_600_000
HEADER = "open_time,open,high,low,close,volume"
RECORDED = Path(__file__).parents[4] / "shared" / "samples" / "bitcoin" / "BTCUSDT-1h-2017-2025.csv"


@pytest.fixture
def recorded_shape(tmp_path: Path) -> Path:
    """A file of the same shape as the recorded one, with a gap and an idle candle."""
    rng = np.random.default_rng(5)
    rows = [HEADER]
    for hour in [*range(50), *range(53, 120)]:
        price = 60_000 + rng.normal(0, 500)
        volume = 0 if hour == 70 else rng.uniform(0, 900)
        prices = f"{price:.2f},{price + 30.5:.2f},{price - 30.25:.2f},{price + 1:.1f}"
        rows.append(f"{1_735_600_000_000 // HOUR_MS * HOUR_MS + hour * HOUR_MS},{prices},{volume:.6f}")
    path = tmp_path / "BTCUSDT-1h-made.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def assert_the_served_fields_equal_the_file(path: Path) -> None:
    source = ReplayedSource(path, interval=CandleInterval.ONE_HOUR)
    served = json.loads(klines_json(source.snapshot(source.natural_now_ms).closed, microseconds=False))
    lines = path.read_text().splitlines()[1:]
    assert len(served) == len(lines)
    for row, line in zip(served, lines, strict=True):
        assert [row[0], *map(Decimal, row[1:6])] == [*map(Decimal, line.split(","))]


def test_the_served_fields_equal_those_of_a_file_of_the_recorded_shape(recorded_shape: Path) -> None:
    assert_the_served_fields_equal_the_file(recorded_shape)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded candles are not on this machine")
def test_the_served_fields_equal_those_of_the_recorded_file() -> None:
    assert_the_served_fields_equal_the_file(RECORDED)


def test_one_candle_forms_after_the_last_recorded_one(recorded_shape: Path) -> None:
    source = ReplayedSource(recorded_shape, interval=CandleInterval.ONE_HOUR)
    snapshot = source.snapshot(source.natural_now_ms)
    assert len(snapshot.forming) == 1
    assert snapshot.forming.open_time_ms[0] == snapshot.closed.open_time_ms[-1] + HOUR_MS
    assert snapshot.forming.open[0] == snapshot.closed.close[-1]


def test_the_invented_candle_never_closes(recorded_shape: Path) -> None:
    source = ReplayedSource(recorded_shape, interval=CandleInterval.ONE_HOUR)
    much_later = source.snapshot(source.natural_now_ms + 100 * HOUR_MS)
    assert (len(much_later.closed), len(much_later.forming)) == (117, 0)


def test_the_derived_fields_are_the_same_each_time_and_fit(recorded_shape: Path) -> None:
    first, second = (ReplayedSource(recorded_shape, interval=CandleInterval.ONE_HOUR) for _ in range(2))
    closed = first.snapshot(first.natural_now_ms).closed
    again = second.snapshot(second.natural_now_ms).closed
    assert np.array_equal(closed.taker_quote_volume, again.taker_quote_volume)
    assert np.all(closed.taker_base_volume <= closed.volume)
    assert np.all(closed.quote_volume <= closed.volume * closed.high + 1e-6)


@pytest.mark.parametrize(
    "text",
    [
        "Open time,Open\n",
        f"{HEADER}\n",
        f"{HEADER}\n1800001,1,1,1,1,1\n",
        f"{HEADER}\n7200000,1,1,1,1,1\n3600000,1,1,1,1,1\n",
    ],
    ids=["another header", "no candle", "off the grid", "descending"],
)
def test_a_file_that_holds_no_hourly_candles_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match="expected"):
        ReplayedSource(path, interval=CandleInterval.ONE_HOUR)
