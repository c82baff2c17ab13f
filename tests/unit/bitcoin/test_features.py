"""Promises of `mercado.bitcoin.features`: causal, of finite memory, served as trained, finite, without a unit."""

from dataclasses import replace
from operator import attrgetter

import numpy as np
import pytest
import talib.abstract
from hypothesis import given, settings
from hypothesis import strategies as st

from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.features import (
    BLOCK_BARS,
    FEATURE_NAMES,
    FEATURE_WINDOW_BARS,
    FEATURES,
    WARM_UP_BARS,
    FeatureSpec,
    feature_matrix,
    latest_features,
)
from mercado.bitcoin.grid import Grid, to_grid
from mercado.bitcoin.indicators import Columns, Stretches, feature_columns
from mercado.errors import NotEnoughDataError
from tests.unit.bitcoin.synthetic import synthetic_candles

BARS = 3200
GRID = to_grid(synthetic_candles(BARS, seed=11))
MATRIX = feature_matrix(GRID)
AS_OF = st.integers(FEATURE_WINDOW_BARS - 1, BARS - 1)
PRICES = ("open", "high", "low", "close")
AT = 1700
REMEMBERING = (
    ("rsi_14", "RSI", {"timeperiod": 14}),
    ("atr_14", "ATR", {"timeperiod": 14}),
    ("adx_14", "ADX", {"timeperiod": 14}),
    ("ema_distance_10", "EMA", {"timeperiod": 10}),
    ("ema_distance_50", "EMA", {"timeperiod": 50}),
    ("macd_histogram", "MACD", {"fastperiod": 12, "slowperiod": 26, "signalperiod": 9}),
)
WINDOWED = [spec for spec in FEATURES if spec.name not in {name for name, *_ in REMEMBERING}]
NAME = attrgetter("name")
OF_THE_CALENDAR = ("hour_sin", "hour_cos", "day_sin", "day_cos")


def _scaled(series: CandleSeries, *, price: float = 1.0, volume: float = 1.0) -> CandleSeries:
    prices = {name: getattr(series, name) * price for name in PRICES}
    return replace(series, **prices, volume=series.volume * volume)


@settings(max_examples=60, deadline=None)
@given(as_of=AS_OF)
def test_the_served_row_is_the_trained_row_bit_for_bit(as_of: int) -> None:
    window = GRID[as_of + 1 - FEATURE_WINDOW_BARS : as_of + 1]
    assert latest_features(window).tobytes() == MATRIX[as_of].tobytes()
    assert latest_features(GRID[: as_of + 1]).tobytes() == MATRIX[as_of].tobytes()


@settings(max_examples=30, deadline=None)
@given(end=st.integers(1, BARS))
def test_later_candles_never_change_an_earlier_row(end: int) -> None:
    assert feature_matrix(GRID[:end]).tobytes() == MATRIX[:end].tobytes()


@settings(max_examples=30, deadline=None)
@given(as_of=AS_OF, seed=st.integers(0, 1000))
def test_candles_older_than_the_last_1000_never_change_a_row(as_of: int, seed: int) -> None:
    other = _scaled(synthetic_candles(BARS, seed=seed), price=3.0, volume=7.0)
    cut = as_of + 1 - FEATURE_WINDOW_BARS
    mixed = {
        name: np.concatenate([getattr(other, name)[:cut], getattr(GRID.series, name)[cut:]])
        for name in (*PRICES, "volume")
    }
    changed = Grid(replace(GRID.series, **mixed), GRID.missing)
    assert feature_matrix(changed)[as_of].tobytes() == MATRIX[as_of].tobytes()


@settings(max_examples=30, deadline=None)
@given(start=st.integers(0, BARS - 1))
def test_a_row_is_whole_or_absent_wherever_the_history_starts(start: int) -> None:
    later = feature_matrix(GRID[start:])
    computed = np.isfinite(later).all(axis=1)
    assert np.isnan(later[~computed]).all()
    assert later[computed].tobytes() == MATRIX[start:][computed].tobytes()
    assert computed[FEATURE_WINDOW_BARS - 1 :].all()
    assert not computed[:WARM_UP_BARS].any()


@pytest.mark.parametrize("flat_bars", [1, 20, 700, 1500])
def test_bars_without_trading_give_finite_features(flat_bars: int) -> None:
    series = synthetic_candles(2500, seed=3)
    flat = slice(1000, 1000 + flat_bars)
    for name in PRICES:
        getattr(series, name)[flat] = series.close[999]
    series.volume[flat] = 0.0
    matrix = feature_matrix(to_grid(series))
    assert np.isfinite(matrix[FEATURE_WINDOW_BARS - 1 :]).all()


@settings(max_examples=25, deadline=None)
@given(
    low=st.floats(1e-12, 1e12),
    high=st.floats(1e-12, 1e12),
    volume=st.one_of(st.just(0.0), st.floats(1e-300, 1e18)),
    seed=st.integers(0, 99),
)
def test_the_wildest_allowed_candles_give_finite_features(low: float, high: float, volume: float, seed: int) -> None:
    random = np.random.default_rng(seed)
    low, high = min(low, high), max(low, high)
    opens, closes = random.choice([low, high], (2, FEATURE_WINDOW_BARS))
    volumes = random.choice([0.0, volume, 1.0], FEATURE_WINDOW_BARS)
    lows, highs = np.full(FEATURE_WINDOW_BARS, low), np.full(FEATURE_WINDOW_BARS, high)
    times = GRID.series.open_time_ms[:FEATURE_WINDOW_BARS]
    series = CandleSeries(CandleInterval.ONE_HOUR, times, opens, highs, lows, closes, volumes)
    assert np.isfinite(latest_features(to_grid(series))).all()


@pytest.mark.parametrize("factor", [2.0, 1e-9, 3.7, 1e6])
def test_the_unit_of_prices_and_volumes_leaves_features_unchanged(factor: float) -> None:
    scaled = feature_matrix(Grid(_scaled(GRID.series, price=factor, volume=factor), GRID.missing))
    np.testing.assert_allclose(scaled, MATRIX, rtol=1e-5, atol=1e-6)


def _columns(series: CandleSeries = GRID.series) -> Columns:
    """Return the feature columns of a whole series as one stretch."""
    names = ("open_time_ms", *PRICES, "volume")
    stretch = Stretches(*(getattr(series, name)[np.newaxis] for name in names))
    return dict(feature_columns(stretch, warm_up_bars=WARM_UP_BARS, skip=WARM_UP_BARS))


def test_every_feature_is_described_once_and_computed() -> None:
    columns = _columns()
    assert set(columns) == set(FEATURE_NAMES)
    assert len(FEATURE_NAMES) == len(set(FEATURE_NAMES)) == MATRIX.shape[1]
    assert MATRIX.dtype == np.float32


def test_every_feature_has_a_value_behind_the_warm_up_which_is_longer_than_its_look_back() -> None:
    columns = _columns()
    for spec in FEATURES:
        assert columns[spec.name].shape == (1, BARS - WARM_UP_BARS)
        assert np.isfinite(columns[spec.name]).all(), spec.name
        assert spec.look_back_bars < WARM_UP_BARS


def _value(spec: FeatureSpec, series: CandleSeries) -> float:
    return float(_columns(series)[spec.name][0, AT - WARM_UP_BARS])


def _moved(spec: FeatureSpec, *, by: float) -> CandleSeries:
    """Return the candles with another one in the first bar of the feature's look-back, its close moved by a factor."""
    series = _scaled(GRID.series)
    for name, factor in {"high": 1.5, "low": 0.5, "close": by, "volume": 3.0}.items():
        getattr(series, name)[AT - spec.look_back_bars] *= factor
    return series


@pytest.mark.parametrize("spec", WINDOWED, ids=NAME)
def test_a_feature_needs_no_bar_before_its_look_back(spec: FeatureSpec) -> None:
    other = _scaled(synthetic_candles(BARS, seed=2), price=3.0, volume=7.0)
    cut = AT - spec.look_back_bars
    mixed = {
        name: np.concatenate([getattr(other, name)[:cut], getattr(GRID.series, name)[cut:]])
        for name in (*PRICES, "volume")
    }
    changed = _value(spec, replace(GRID.series, **mixed))
    assert changed == pytest.approx(_value(spec, GRID.series), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("spec", [spec for spec in WINDOWED if spec.name not in OF_THE_CALENDAR], ids=NAME)
def test_a_feature_needs_the_first_bar_of_its_look_back(spec: FeatureSpec) -> None:
    values = [_value(spec, series) for series in (GRID.series, _moved(spec, by=1.2), _moved(spec, by=0.8))]
    assert np.ptp(values) > 1e-3 * np.abs(values).max()


@pytest.mark.parametrize(("name", "indicator", "periods"), REMEMBERING)
def test_an_indicator_with_memory_has_its_first_value_behind_its_look_back(
    name: str, indicator: str, periods: dict[str, int]
) -> None:
    (look_back,) = [spec.look_back_bars for spec in FEATURES if spec.name == name]
    assert talib.abstract.Function(indicator, **periods).lookback == look_back


def test_a_doubled_close_is_a_log_return_of_ln_2() -> None:
    series = synthetic_candles(2000, seed=5)
    for name in PRICES:
        getattr(series, name)[-1] = getattr(series, name)[-2]
    for name in ("high", "close"):
        getattr(series, name)[-1] = 2 * series.close[-2]
    row = dict(zip(FEATURE_NAMES, latest_features(to_grid(series)), strict=True))
    assert row["return_lag_0"] == pytest.approx(np.log(2))


def test_hour_and_weekday_are_those_of_utc() -> None:
    row = dict(zip(FEATURE_NAMES, MATRIX[1998], strict=True))  # 1998 hours after Monday 2024-01-01 00:00
    assert row["hour_sin"] == pytest.approx(np.sin(2 * np.pi * 6 / 24))
    assert row["day_sin"] == pytest.approx(np.sin(2 * np.pi * 6 / 7))


def test_fewer_than_1000_bars_are_refused() -> None:
    with pytest.raises(NotEnoughDataError, match="1000 bars, got 999"):
        latest_features(GRID[: FEATURE_WINDOW_BARS - 1])


def test_blocks_and_warm_up_make_the_window() -> None:
    assert BLOCK_BARS + WARM_UP_BARS == FEATURE_WINDOW_BARS == 1000
