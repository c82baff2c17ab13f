"""A training of longer candles, and one further ahead, through every step: each has a registered model of its own."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.plan import TrainingPlan
from mercado.bitcoin.store import read_candles
from mercado.bitcoin.training import Trainer
from mercado.bitcoin.training_job import Registered, TrainingJob
from mercado.registry import CHALLENGER, CHAMPION, Registry
from mercado.warehouse.connection import connect
from tests.conftest import DatabaseServer
from tests.integration.trainings import HOUR, SMALL_PLAN, empty_registry, latest_unbroken, store_candles
from tests.simulators.generated import Profile

FOUR_HOURS = CandleInterval.FOUR_HOURS
PLAN = replace(SMALL_PLAN, trials=1, refits=1)
FORECAST_CANDLES = 1000


@pytest.fixture(scope="module")
def four_hours_warehouse(database_server: DatabaseServer) -> SecretStr:
    """Return the URL of a warehouse with two and a half years of candles of four hours, with a planted signal."""
    url = database_server.create_database("four_hours_db")
    return store_candles(url, Profile.REVERSAL, months=30, interval=FOUR_HOURS)


@pytest.fixture(scope="module")
def four_hours_trainer(trainer: Trainer, four_hours_warehouse: SecretStr) -> Iterator[Trainer]:
    with connect(four_hours_warehouse, application="tests") as connection:
        yield replace(trainer, connection=connection)


def train(trainer: Trainer, interval: CandleInterval, plan: TrainingPlan) -> tuple[TrainingJob, Registered]:
    """Take every step."""
    job = trainer.start("BTCUSDT", interval, plan)
    certificate = trainer.certify(job)
    trainer.tune(job)
    registered = trainer.register(job, trainer.best(job), certificate)
    assert (trainer.promote(job, registered) is None) == registered.promote
    return job, registered


def assert_registered(trainer: Trainer, name: str, job: TrainingJob, registered: Registered, folder: Path) -> None:
    """Fail unless the only version of ``name`` is that of the training, and forecasts the training's series."""
    registry = Registry(trainer.tracking_uri, name)
    (version,) = registry.versions()
    assert (version.version, version.run_id) == (registered.version, job.run_id)
    assert version.aliases == ((CHAMPION if registered.promote else CHALLENGER),)
    forecaster = Forecaster.load(registry.download(version, folder))
    assert (forecaster.interval, forecaster.horizon_bars) == (job.interval, job.training_plan.horizon_bars)
    assert forecaster.training_digest == job.digest
    candles = read_candles(trainer.connection, job.symbol, forecaster.interval)
    forecast = forecaster.forecast(latest_unbroken(candles, FORECAST_CANDLES))
    assert 0 < forecast.probability_up < 1
    assert forecast.lower_price < forecast.forecast_price < forecast.upper_price


def test_candles_of_four_hours_have_a_model_of_their_own(four_hours_trainer: Trainer, tmp_path: Path) -> None:
    name = "bitcoin-forecaster-BTCUSDT-4h"
    empty_registry(four_hours_trainer.tracking_uri, name)
    job, registered = train(four_hours_trainer, FOUR_HOURS, replace(PLAN, holdout_bars=1200))
    assert_registered(four_hours_trainer, name, job, registered, tmp_path)


def test_a_longer_horizon_has_a_model_of_its_own(trainer: Trainer, tmp_path: Path) -> None:
    name = "bitcoin-forecaster-BTCUSDT-1h-3-ahead"
    empty_registry(trainer.tracking_uri, name)
    job, registered = train(trainer, HOUR, replace(PLAN, horizon_bars=3))
    assert_registered(trainer, name, job, registered, tmp_path)
