"""A walked and fitted model of synthetic candles, made once for all tests of this folder."""

from dataclasses import replace

import pytest

from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.certificate import LeakCertificate, certify
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.evaluation import Evaluation, fit_final, walk_forward
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.plan import BoosterParams, TrainingPlan
from tests.unit.bitcoin.synthetic import synthetic_candles

SMALL_PLAN = TrainingPlan(holdout_bars=3000, refits=2, tuning_folds=2, trials=3, threads=1)
QUICK_PLAN = replace(SMALL_PLAN, holdout_bars=600)
SMALL_PARAMS = BoosterParams()


@pytest.fixture(scope="session")
def candles() -> CandleSeries:
    return synthetic_candles(11_000, seed=4)


@pytest.fixture(scope="session")
def certificate(candles: CandleSeries) -> LeakCertificate:
    return certify(candles, seed=SMALL_PLAN.seed)


@pytest.fixture(scope="session")
def training_set(candles: CandleSeries) -> TrainingSet:
    return build_training_set(candles, symbol="BTCUSDT")


@pytest.fixture(scope="session")
def evaluation(training_set: TrainingSet) -> Evaluation:
    return walk_forward(training_set, SMALL_PARAMS, plan=SMALL_PLAN)


@pytest.fixture(scope="session")
def forecaster(training_set: TrainingSet, evaluation: Evaluation) -> Forecaster:
    return fit_final(training_set, SMALL_PARAMS, evaluation, plan=SMALL_PLAN)
