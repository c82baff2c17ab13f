"""Features piece by piece are those of the whole series, bit for bit, wherever it is cut and whatever is missing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mercado.bitcoin import feature_pieces as module
from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.feature_pieces import FeatureRows, feature_pieces
from mercado.bitcoin.features import FEATURES, LOOK_BACK_BARS, feature_matrix
from mercado.bitcoin.grid import to_grid
from mercado.bitcoin.target import usable_rows
from mercado.errors import InvalidCandlesError
from tests.unit.bitcoin.synthetic import synthetic_candles, without

BARS = 3_000
SERIES = synthetic_candles(BARS, seed=11)
GAPS = st.lists(st.tuples(st.integers(0, BARS - 1), st.integers(1, 1_200)), max_size=4)
CUTS = st.lists(st.integers(0, BARS), max_size=6)


def joined(pieces: list[FeatureRows]) -> FeatureRows:
    columns = (np.concatenate([getattr(piece, name) for piece in pieces]) for name in vars(pieces[0]))
    return FeatureRows(*columns)


def cut(series: CandleSeries, places: list[int]) -> list[CandleSeries]:
    ends = [*sorted(places), len(series)]
    return [series[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def assert_those_of_the_whole(series: CandleSeries, pieces: list[CandleSeries]) -> None:
    grid = to_grid(series)
    matrix = feature_matrix(grid)
    rows = joined(list(feature_pieces(pieces)))
    assert np.array_equal(rows.open_time_ms, grid.series.open_time_ms)
    assert rows.features.tobytes() == matrix.tobytes()
    expected = usable_rows(grid.missing, matrix, look_back_bars=LOOK_BACK_BARS, horizon_bars=0)
    assert np.array_equal(rows.usable, expected)


@given(GAPS, CUTS, st.sampled_from([37, 150, 799, 2_000, 100_000]))
def test_pieces_are_the_whole_wherever_it_is_cut_and_whatever_is_missing(
    gaps: list[tuple[int, int]], cuts: list[int], bars_at_once: int
) -> None:
    places = {place for first, count in gaps for place in range(first, min(first + count, BARS))}
    series = without(SERIES, sorted(places))
    if len(series) == 0:
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "BARS_AT_ONCE", bars_at_once)
        assert_those_of_the_whole(series, cut(series, cuts))


def test_candles_that_come_one_by_one_give_the_rows_of_the_whole() -> None:
    series = without(SERIES, [5, 6, 900, 901, 902, 1_003])[:1_100]
    assert_those_of_the_whole(series, cut(series, list(range(1, len(series)))))


def test_a_gap_is_filled_in_slices_of_bounded_length(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BARS_AT_ONCE", 300)
    series = without(SERIES, range(1_000, 2_900))
    lengths = [len(rows) for rows in feature_pieces([series[:1_000], series[1_000:]])]
    assert sum(lengths) == BARS
    assert max(lengths) == 300


def test_no_bar_counts_whose_look_back_crosses_a_gap_between_pieces() -> None:
    series = without(SERIES, [2_000])
    usable = joined(list(feature_pieces(cut(series, [2_000])))).usable
    assert not usable[2_000 : 2_000 + LOOK_BACK_BARS + 1].any()
    assert usable[1_999]
    assert usable[2_000 + LOOK_BACK_BARS + 1]


def test_no_candles_give_no_rows() -> None:
    assert list(feature_pieces([])) == []
    assert list(feature_pieces([SERIES[:0]])) == []


def test_rows_have_every_feature() -> None:
    (rows,) = feature_pieces([SERIES])
    assert rows.features.shape == (BARS, len(FEATURES))


def test_pieces_out_of_order_are_refused() -> None:
    with pytest.raises(InvalidCandlesError, match="not after"):
        list(feature_pieces([SERIES[1_000:2_000], SERIES[:1_000]]))
