"""What MLflow's UI says: names that tell runs apart, and Markdown whose lines end where its items do."""

from datetime import UTC, datetime

import pytest

from mercado.bitcoin.mlflow_texts import MONITORING_ABOUT, TRAININGS_ABOUT, about_model, training_name
from mercado.bitcoin.plan import TrainingPlan

NOW = datetime(2026, 11, 26, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("plan", "name"),
    [
        (TrainingPlan(trials=8), "train BTCUSDT 1h 2026-11-26 13:20 · 8 trials"),
        (TrainingPlan(trials=1, horizon_bars=4), "train BTCUSDT 1h 4 ahead 2026-11-26 13:20 · 1 trial"),
    ],
)
def test_a_trainings_name_says_series_horizon_time_and_size(plan: TrainingPlan, name: str) -> None:
    assert training_name("BTCUSDT", "1h", plan, NOW) == name


@pytest.mark.parametrize("text", [TRAININGS_ABOUT, MONITORING_ABOUT, about_model("BTCUSDT", "1h", 1)])
def test_a_line_ends_where_a_paragraph_or_an_item_does(text: str) -> None:
    lines = text.splitlines()
    assert [line for line in lines if line and not line.startswith(("- ", "**"))] == []
    assert text.count("- ") >= 3


def test_the_commands_name_the_model_unless_it_is_the_main_one() -> None:
    assert "`mercado model rollback`" in about_model("BTCUSDT", "1h", 1)
    assert "`mercado model rollback --model bitcoin-forecaster-ETHUSDT-1h`" in about_model("ETHUSDT", "1h", 1)
