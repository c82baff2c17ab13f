"""Promises of `mercado.bitcoin.tuning`: what the untouched block holds reaches no trial."""

from dataclasses import replace

import numpy as np
import pytest

from mercado.bitcoin.candles import PRICE_COLUMNS, CandleSeries
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.plan import BoosterParams
from mercado.bitcoin.tuning import best_params, create_study, run_trials, tuning_folds
from mercado.bitcoin.walk import Walk, walk_of
from tests.unit.bitcoin.conftest import QUICK_PLAN
from tests.unit.bitcoin.synthetic import HOUR_MS, synthetic_candles, without

HORIZONS = (1, 6, 24)


@pytest.fixture(scope="module")
def broken() -> CandleSeries:
    return without(synthetic_candles(4000, seed=9), [1500, 1501, 1502, 3390])


def _walk(rows: TrainingSet) -> Walk:
    return walk_of(rows, replace(QUICK_PLAN, horizon_bars=rows.horizon_bars))


def _development(rows: TrainingSet) -> TrainingSet:
    return rows[_walk(rows).before]


def _tuned(development: TrainingSet) -> tuple[BoosterParams, list[float | None]]:
    study = create_study(None, name="test", seed=7)
    run_trials(study, development, tuning_folds(development, folds=2), until=3, seed=7, threads=1)
    return best_params(study), [trial.value for trial in study.trials]


@pytest.mark.parametrize("horizon_bars", HORIZONS)
def test_every_row_that_is_tuned_on_is_labelled_before_the_block_opens(broken: CandleSeries, horizon_bars: int) -> None:
    rows = build_training_set(broken, symbol="BTCUSDT", horizon_bars=horizon_bars)
    block = _walk(rows).rows
    development = _development(rows)
    assert len(rows) - block.start == QUICK_PLAN.holdout_bars
    label_bar = development.open_time_ms + horizon_bars * HOUR_MS
    assert (label_bar < rows.open_time_ms[block.start]).all()
    for fold in tuning_folds(development, folds=4):
        assert fold.test.stop <= len(development)
        assert (label_bar[fold.train] < development.open_time_ms[fold.test.start]).all()


@pytest.mark.parametrize("horizon_bars", HORIZONS)
def test_no_candle_of_the_block_reaches_what_is_tuned_on(broken: CandleSeries, horizon_bars: int) -> None:
    rows = build_training_set(broken, symbol="BTCUSDT", horizon_bars=horizon_bars)
    block_opens = rows.open_time_ms[_walk(rows).rows.start]
    factor = np.where(broken.open_time_ms >= block_opens, 7.0, 1.0)
    names = (*PRICE_COLUMNS, "volume")
    other = replace(broken, **{name: getattr(broken, name) * factor for name in names})
    changed = build_training_set(other, symbol="BTCUSDT", horizon_bars=horizon_bars)
    assert changed.digest != rows.digest
    assert _development(changed).digest == _development(rows).digest


def test_another_block_tunes_to_the_same_parameters_bit_for_bit(broken: CandleSeries) -> None:
    rows = build_training_set(broken, symbol="BTCUSDT")
    block = _walk(rows).rows
    features, target = rows.features.copy(), rows.target.copy()
    features[block], target[block] = 9.0, -target[block]
    before = _tuned(_development(rows))
    assert _tuned(_development(replace(rows, features=features, target=target))) == before
    target[: block.start] = -target[: block.start]
    assert _tuned(_development(replace(rows, features=features, target=target))) != before
