"""Promises of `mercado.bitcoin.plan`: settings, choices in their place, and the bounds of both."""

import pytest

from mercado.bitcoin.candles import CandleInterval
from mercado.bitcoin.plan import LEAST_HOLDOUT_BARS, TrainingPlan, training_plan
from mercado.errors import ConfigurationError
from mercado.settings import TrainingSettings

HOUR = CandleInterval.ONE_HOUR


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> TrainingSettings:
    for field in TrainingSettings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)
    return TrainingSettings()


def test_without_settings_and_choices_a_plan_is_the_default(settings: TrainingSettings) -> None:
    assert training_plan(settings, HOUR) == TrainingPlan()


def test_one_worker_of_one_thread_is_the_default(settings: TrainingSettings) -> None:
    plan = training_plan(settings, HOUR)
    assert (plan.workers, plan.threads) == (1, 1)


def test_a_choice_wins_over_a_setting_and_no_choice_leaves_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MERCADO_TRAINING_TRIALS", "5")
    monkeypatch.setenv("MERCADO_TRAINING_WORKERS", "3")
    plan = training_plan(TrainingSettings(), HOUR, workers=16, trials=None)
    assert (plan.trials, plan.workers) == (5, 16)


def test_nothing_is_trained_on_candles_shorter_than_an_hour(settings: TrainingSettings) -> None:
    with pytest.raises(ConfigurationError, match=r"candles of 15m.* choose one of 1h, 2h"):
        training_plan(settings, CandleInterval.FIFTEEN_MINUTES)


def test_a_seed_that_numpy_cannot_take_is_refused(settings: TrainingSettings) -> None:
    with pytest.raises(ConfigurationError, match="seed 2147483648"):
        training_plan(settings, HOUR, seed=2**31)


def test_longer_candles_have_fewer_rows_in_the_last_block(settings: TrainingSettings) -> None:
    assert training_plan(settings, CandleInterval.TWO_HOURS).holdout_bars == 2160
    assert training_plan(settings, CandleInterval.ONE_DAY).holdout_bars == LEAST_HOLDOUT_BARS
    assert training_plan(settings, CandleInterval.ONE_DAY, holdout_bars=500).holdout_bars == 500


@pytest.mark.parametrize(
    ("choice", "value", "bound"),
    [
        ("workers", 17, "less than or equal to 16"),
        ("workers", 0, "greater than or equal to 1"),
        ("horizon_bars", 169, "less than or equal to 168"),
        ("holdout_bars", 499, "greater than or equal to 500"),
    ],
)
def test_a_choice_out_of_bounds_is_named_with_the_bound(
    settings: TrainingSettings, choice: str, value: int, bound: str
) -> None:
    with pytest.raises(ConfigurationError, match=rf"No training can be planned with {choice} {value} \(.*{bound}\)\."):
        training_plan(settings, HOUR, **{choice: value})
