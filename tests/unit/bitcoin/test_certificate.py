"""Promises of `mercado.bitcoin.certificate`: honest features pass on gappy candles, and each kind of leak is named."""

import json
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.certificate import BARS_TRIED, FINDINGS_KEPT, LeakCertificate, certify
from mercado.bitcoin.features import BLOCK_BARS, FEATURE_NAMES, FEATURE_WINDOW_BARS, feature_matrix
from mercado.bitcoin.grid import Grid, to_grid
from mercado.errors import NotEnoughDataError
from tests.unit.bitcoin.synthetic import HOUR_MS, synthetic_candles, without

Column = NDArray[np.float64]


@pytest.fixture(scope="module")
def broken() -> CandleSeries:
    return without(synthetic_candles(6000, seed=12), [40, 1500, 1501, 1502, *range(3000, 3033), 5990])


def _with(
    planted: Callable[[Grid], Column], series: CandleSeries, *, seed: int = 7, bars: int = BARS_TRIED
) -> LeakCertificate:
    """Certify the features with a planted one in their middle."""
    names = (*FEATURE_NAMES[:5], "planted", *FEATURE_NAMES[5:])

    def compute(grid: Grid) -> NDArray[np.float32]:
        return np.insert(feature_matrix(grid), 5, planted(grid), axis=1)

    return certify(series, seed=seed, compute=compute, feature_names=names, bars=bars)


def _next_return(grid: Grid) -> Column:
    return np.append(np.diff(np.log(grid.series.close)), np.nan)


def _centred_average(grid: Grid) -> Column:
    return np.convolve(grid.series.close, np.full(5, 0.2), mode="same") / grid.series.close


def _standardised(grid: Grid) -> Column:
    volume = grid.series.volume
    return (volume - volume.mean()) / volume.std()


def _backfilled(grid: Grid) -> Column:
    """Return the volume, where a bar is missing that of the next one, as `bfill` gives it."""
    return pd.Series(np.where(grid.missing, np.nan, grid.series.volume)).bfill().fillna(0.0).to_numpy()


def _next_return_at_the_end_of_a_block(grid: Grid) -> Column:
    bar = grid.first_bar + np.arange(len(grid))
    return np.where(bar % BLOCK_BARS == BLOCK_BARS - 1, np.nan_to_num(_next_return(grid)), 0.0)


def _whether_the_next_is_missing(grid: Grid) -> Column:
    return np.append(grid.missing[1:], False).astype(np.float64)


def _running_sum(grid: Grid) -> Column:
    return np.cumsum(grid.series.volume)


def _momentum_of_1200_bars(grid: Grid) -> Column:
    """Return what reads no later bar, but an earlier one than is at hand where it is served."""
    close = grid.series.close
    return np.concatenate([np.ones(1200), close[1200:] / close[:-1200]])[: len(close)]


def _checks(certificate: LeakCertificate) -> set[str]:
    return {finding.check for finding in certificate.findings}


def test_the_features_pass_on_candles_with_gaps(broken: CandleSeries) -> None:
    certificate = certify(broken, seed=7)
    assert certificate.passed, certificate.sentence
    assert certificate.findings == ()
    assert certificate.bars >= BARS_TRIED
    assert certificate.features == FEATURE_NAMES
    assert (certificate.first_open_time_ms, certificate.last_open_time_ms) == tuple(broken.open_time_ms[[0, -1]])
    assert certificate.candles == len(broken)
    assert certificate.sentence.startswith(
        f"{len(FEATURE_NAMES)} features of {certificate.bars} bars read nothing later"
    )


@pytest.mark.parametrize(
    ("planted", "checks"),
    [
        (_next_return, {"prefix", "future"}),
        (_centred_average, {"prefix", "future"}),
        (_standardised, {"prefix", "future", "memory"}),
        (_running_sum, {"memory"}),
        (_momentum_of_1200_bars, {"memory"}),
    ],
)
def test_a_leak_is_caught_and_named(planted: Callable[[Grid], Column], checks: set[str], broken: CandleSeries) -> None:
    certificate = _with(planted, broken)
    assert not certificate.passed
    assert {finding.feature for finding in certificate.findings} == {"planted"}
    assert checks <= {finding.check for finding in certificate.findings}
    assert certificate.sentence == f"A feature reads what it may not: {certificate.findings[0]}."
    assert "planted of 20" in certificate.sentence


@pytest.mark.parametrize("planted", [_momentum_of_1200_bars, _running_sum])
def test_a_feature_that_only_remembers_too_much_is_not_blamed_for_the_future(
    planted: Callable[[Grid], Column], broken: CandleSeries
) -> None:
    assert {finding.check for finding in _with(planted, broken).findings} == {"memory"}


@pytest.mark.parametrize("bars", [1, BARS_TRIED])
@pytest.mark.parametrize("seed", range(5))
def test_a_leak_in_the_last_bar_of_each_block_alone_is_caught(broken: CandleSeries, seed: int, bars: int) -> None:
    certificate = _with(_next_return_at_the_end_of_a_block, broken, seed=seed, bars=bars)
    assert _checks(certificate) >= {"prefix", "future"}
    bar = np.array([finding.open_time_ms for finding in certificate.findings]) // HOUR_MS
    assert (bar % BLOCK_BARS == BLOCK_BARS - 1).all()


@pytest.mark.parametrize("bars", [1, BARS_TRIED])
@pytest.mark.parametrize("seed", range(5))
def test_a_feature_that_knows_whether_the_next_bar_is_missing_is_caught(
    broken: CandleSeries, seed: int, bars: int
) -> None:
    certificate = _with(_whether_the_next_is_missing, broken, seed=seed, bars=bars)
    assert {finding.feature for finding in certificate.findings} == {"planted"}
    assert "future" in _checks(certificate)


@pytest.mark.parametrize("seed", range(5))
def test_a_feature_that_differs_before_missing_bars_alone_is_caught_by_what_is_known_there(
    broken: CandleSeries, seed: int
) -> None:
    assert _checks(_with(_whether_the_next_is_missing, broken, seed=seed, bars=1)) >= {"prefix", "future"}


def _tried(series: CandleSeries, *, seed: int) -> set[int]:
    """Return the places on the grid that a certificate with a draw of one bar tries."""
    seen: set[int] = set()

    def compute(grid: Grid) -> NDArray[np.float32]:
        if len(grid) == FEATURE_WINDOW_BARS:
            seen.add(int(grid.series.open_time_ms[-1] - series.open_time_ms[0]) // HOUR_MS)
        return feature_matrix(grid)

    assert certify(series, seed=seed, compute=compute, bars=1).bars == len(seen)
    return seen


@pytest.mark.parametrize("seed", range(5))
def test_the_last_bar_and_both_edges_of_blocks_are_tried_whatever_is_drawn(broken: CandleSeries, seed: int) -> None:
    grid = to_grid(broken)
    places = np.arange(FEATURE_WINDOW_BARS - 1, len(grid))
    in_block = (grid.first_bar + places) % BLOCK_BARS
    edges = places[(in_block == 0) | (in_block == BLOCK_BARS - 1)]
    assert {len(grid) - 1, *edges.tolist()} <= _tried(broken, seed=seed)


def test_the_candle_before_each_of_few_outages_is_tried_whatever_is_drawn(broken: CandleSeries) -> None:
    tried = set.intersection(*(_tried(broken, seed=seed) for seed in range(5)))
    assert {1499, 2999, 5989} <= tried


def test_a_leak_at_the_last_bar_alone_is_caught(broken: CandleSeries) -> None:
    whole = to_grid(broken)

    def at_the_last_bar(grid: Grid) -> Column:
        return np.where(np.arange(len(grid)) == len(whole) - 1, 1.0, 0.0)

    findings = _with(at_the_last_bar, broken).findings
    assert {finding.open_time_ms for finding in findings} == {broken.open_time_ms[-1]}
    assert {(finding.value, finding.instead) for finding in findings} == {("1", "0")}


def test_a_gap_filled_from_behind_is_caught_where_it_is() -> None:
    half_missing = without(synthetic_candles(3000, seed=12), range(1101, 2999, 2))
    certificate = _with(_backfilled, half_missing)
    assert {"prefix", "future"} <= {finding.check for finding in certificate.findings}


def test_few_of_many_findings_are_kept(broken: CandleSeries) -> None:
    assert len(_with(_next_return, broken).findings) == FINDINGS_KEPT


def test_the_same_seed_tries_the_same_bars_and_another_seed_others(broken: CandleSeries) -> None:
    first, again, other = (_with(_standardised, broken, seed=seed) for seed in (7, 7, 8))
    assert again == first
    assert [each.open_time_ms for each in other.findings] != [each.open_time_ms for each in first.findings]


def test_too_few_candles_prove_nothing() -> None:
    with pytest.raises(NotEnoughDataError, match="No bar of 999"):
        certify(synthetic_candles(FEATURE_WINDOW_BARS - 1, seed=1), seed=7)


def test_a_single_bar_with_features_is_tried() -> None:
    certificate = certify(synthetic_candles(FEATURE_WINDOW_BARS, seed=1), seed=7)
    assert (certificate.passed, certificate.bars) == (True, 1)


def test_a_certificate_is_stored_as_json(broken: CandleSeries) -> None:
    certificate = _with(_standardised, broken)
    stored = json.loads(json.dumps(certificate.as_json(), allow_nan=False))
    assert stored["passed"] is False
    assert stored["findings"][0]["check"] == certificate.findings[0].check


def test_a_finding_that_is_no_number_is_stored_as_json_too(broken: CandleSeries) -> None:
    certificate = _with(_next_return, broken)
    stored = json.dumps(certificate.as_json(), allow_nan=False)
    assert "nan" in {finding.instead for finding in certificate.findings if finding.check == "prefix"}
    assert LeakCertificate.of(json.loads(stored)) == certificate
    assert all(type(finding.value) is type(finding.instead) is str for finding in certificate.findings)
