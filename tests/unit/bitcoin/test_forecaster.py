"""Promises of `mercado.bitcoin.forecaster`: what is served is what was trained, and a bad folder is never served."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.dataset import TrainingSet
from mercado.bitcoin.features import FEATURE_NAMES
from mercado.bitcoin.forecaster import Forecaster, _load_pyfunc
from mercado.errors import InvalidCandlesError, ModelNotReadyError


@pytest.fixture(scope="module")
def saved(forecaster: Forecaster, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model") / "forecaster"
    forecaster.save(folder)
    return folder


@pytest.fixture
def folder(saved: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved, tmp_path / "copy"))


def test_a_forecast_from_candles_equals_the_forecast_of_the_training_row(
    forecaster: Forecaster, candles: CandleSeries, training_set: TrainingSet
) -> None:
    trained = forecaster.predict_features(training_set.features[-50:])
    for back in range(1, 51):
        served = forecaster.forecast(candles[: len(candles) - back])
        assert served.probability_up == trained.probability_up[-back]
        assert served.expected_log_return == trained.expected_log_return[-back]


def test_a_forecast_is_consistent_in_itself(forecaster: Forecaster, candles: CandleSeries) -> None:
    forecast = forecaster.forecast(candles)
    assert forecast.as_of_ms == candles.open_time_ms[-1] + 3_600_000
    assert forecast.last_close == candles.close[-1]
    assert forecast.direction == ("up" if forecast.probability_up > 0.5 else "down")
    assert forecast.forecast_price == pytest.approx(forecast.last_close * np.exp(forecast.expected_log_return))
    assert (forecast.forecast_price >= forecast.last_close) == (forecast.direction == "up")
    assert forecast.lower_price < forecast.forecast_price < forecast.upper_price
    assert forecast.interval_coverage == 0.9
    assert not forecast.unlike_training


def test_only_the_last_1000_candles_count(forecaster: Forecaster, candles: CandleSeries) -> None:
    assert forecaster.forecast(candles) == forecaster.forecast(candles[-1000:])


def test_input_beyond_the_training_range_is_flagged(forecaster: Forecaster, candles: CandleSeries) -> None:
    crash = candles[-1000:]
    fall = np.ones(1000)
    fall[-6:] = 0.8 ** np.arange(1, 7)
    prices = {name: getattr(crash, name) * fall for name in ("open", "high", "low", "close")}
    assert forecaster.forecast(replace(crash, **prices)).unlike_training


def test_candles_of_another_interval_are_refused(forecaster: Forecaster, candles: CandleSeries) -> None:
    with pytest.raises(InvalidCandlesError, match="candles of 1h, got candles of 1m"):
        forecaster.forecast(replace(candles, interval=CandleInterval.ONE_MINUTE))


def test_a_saved_forecaster_answers_the_same_bit_for_bit(
    forecaster: Forecaster, saved: Path, candles: CandleSeries, training_set: TrainingSet
) -> None:
    loaded = Forecaster.load(saved)
    assert loaded.forecast(candles) == forecaster.forecast(candles)
    before, after = (each.predict_features(training_set.features) for each in (forecaster, loaded))
    for name in vars(before):
        np.testing.assert_array_equal(getattr(after, name), getattr(before, name))
    assert loaded.training_digest == training_set.digest
    assert (loaded.symbol, loaded.interval, loaded.horizon_bars) == ("BTCUSDT", CandleInterval.ONE_HOUR, 1)
    assert loaded.calibration == forecaster.calibration


def test_the_number_of_threads_changes_no_answer(
    forecaster: Forecaster, saved: Path, training_set: TrainingSet
) -> None:
    loaded = Forecaster.load(saved)
    loaded.use_threads(2)
    two, one = (each.predict_features(training_set.features) for each in (loaded, forecaster))
    np.testing.assert_array_equal(two.probability_up, one.probability_up)


def test_mlflow_gets_the_same_forecasts_from_a_table_in_any_column_order(
    forecaster: Forecaster, saved: Path, training_set: TrainingSet
) -> None:
    features = training_set.features[:5]
    frame = pd.DataFrame(features, columns=list(FEATURE_NAMES), index=range(10, 15))
    answer = _load_pyfunc(str(saved)).predict(frame[list(reversed(FEATURE_NAMES))])
    np.testing.assert_array_equal(answer["probability_up"], forecaster.predict_features(features).probability_up)
    assert answer.index.tolist() == [10, 11, 12, 13, 14]
    assert list(answer)[:2] == ["probability_up", "expected_log_return"]


@pytest.mark.parametrize("name", ["direction.ubj", "spread.ubj", "forecaster.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ModelNotReadyError, match=f"{name} cannot be read"):
        Forecaster.load(folder)


@pytest.mark.parametrize("name", ["direction.ubj", "spread.ubj", "forecaster.json"])
def test_a_truncated_file_is_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes((folder / name).read_bytes()[:-20])
    with pytest.raises(ModelNotReadyError, match=f"{name} is damaged"):
        Forecaster.load(folder)


def test_another_models_booster_is_refused(folder: Path) -> None:
    shutil.copy(folder / "spread.ubj", folder / "direction.ubj")
    with pytest.raises(ModelNotReadyError, match=r"direction\.ubj is damaged or another model's"):
        Forecaster.load(folder)


@pytest.mark.parametrize("content", ["{}", "[]", '{"format": "another"}'])
def test_a_foreign_manifest_is_refused(folder: Path, content: str) -> None:
    (folder / "forecaster.json").write_text(content)
    with pytest.raises(ModelNotReadyError, match="has format"):
        Forecaster.load(folder)


@pytest.mark.parametrize(
    ("names", "difference"),
    [
        (FEATURE_NAMES[1:], "lacks"),
        ((*FEATURE_NAMES, "moon_phase"), "moon_phase"),
        (tuple(reversed(FEATURE_NAMES)), "another order"),
    ],
)
def test_a_model_of_other_features_is_refused(folder: Path, names: tuple[str, ...], difference: str) -> None:
    path = folder / "forecaster.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"feature_names": names}))
    with pytest.raises(ModelNotReadyError, match=difference):
        Forecaster.load(folder)


def test_a_manifest_without_a_field_is_refused(folder: Path) -> None:
    path = folder / "forecaster.json"
    manifest = json.loads(path.read_text())
    del manifest["calibration"]
    path.write_text(json.dumps(manifest))
    with pytest.raises(ModelNotReadyError, match="lacks calibration"):
        Forecaster.load(folder)
