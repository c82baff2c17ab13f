"""The forecaster: what is trained, saved, registered and served. It needs NumPy, TA-Lib and XGBoost, nothing else."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import xgboost
from numpy.typing import NDArray

from mercado.bitcoin.boosters import predict_probability_up, predict_scale
from mercado.bitcoin.calibration import Calibration
from mercado.bitcoin.candle_rules import check_forecast_candles
from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.features import FEATURE_NAMES, latest_features
from mercado.bitcoin.forecaster_files import read_model_folder, write_model_folder
from mercado.bitcoin.forecasts import Forecast, Forecasts, forecast_of_row
from mercado.bitcoin.grid import to_grid
from mercado.bitcoin.target import HORIZON_BARS
from mercado.errors import InvalidCandlesError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class Forecaster:
    """Two boosters, the constants that calibrate them, and what they were trained on.

    Attributes:
        direction: P(next return > 0).
        spread: Size of the next return, in basis points.
        calibration: From the last out-of-sample rows of the walk-forward.
        feature_low: Shape ``(k,)``, float32: 0.1 % quantile of each training feature.
        feature_high: The 99.9 % quantile.
        symbol: Such as ``BTCUSDT``.
        interval: Of the candles that it takes.
        training_digest: sha256 of the training set (`mercado.bitcoin.dataset.TrainingSet.digest`).
        training_first_ms: Open time of the first row trained on, milliseconds since the epoch, UTC.
        training_last_ms: Open time of the last.
        feature_names: The ``k`` features, in order.
        horizon_bars: Bars ahead.
    """

    direction: xgboost.Booster
    spread: xgboost.Booster
    calibration: Calibration
    feature_low: NDArray[np.float32]
    feature_high: NDArray[np.float32]
    symbol: str
    interval: CandleInterval
    training_digest: str
    training_first_ms: int
    training_last_ms: int
    feature_names: tuple[str, ...] = FEATURE_NAMES
    horizon_bars: int = HORIZON_BARS

    def predict_features(self, features: NDArray[np.float32]) -> Forecasts:
        """Return forecasts for features of shape ``(n, k)``, float32, columns in the order of ``feature_names``."""
        unusual = (features < self.feature_low) | (features > self.feature_high)
        probability_up = predict_probability_up(self.direction, features)
        expected, half_width = self.calibration.expected(probability_up, predict_scale(self.spread, features))
        return Forecasts(probability_up, expected, expected - half_width, expected + half_width, unusual.mean(axis=1))

    def forecast(self, series: CandleSeries) -> Forecast:
        """Return the forecast of the next close from at least 1000 closed candles without a gap; the last 1000 count.

        Raises:
            InvalidCandlesError: A candle breaks a rule of `check_forecast_candles`, or the interval is another.
        """
        if series.interval != self.interval:
            message = f"The model forecasts candles of {self.interval}, got candles of {series.interval}."
            raise InvalidCandlesError(message, field="interval")
        candles = check_forecast_candles(series)
        forecasts = self.predict_features(latest_features(to_grid(candles))[np.newaxis])
        return forecast_of_row(candles, forecasts)

    def use_threads(self, threads: int) -> None:
        """Set how many threads XGBoost uses; 1 is the fastest for one row."""
        for booster in (self.direction, self.spread):
            booster.set_param({"nthread": threads})

    def save(self, folder: Path) -> None:
        """Write direction.ubj, spread.ubj and forecaster.json into ``folder``, which is made if it is absent."""
        fields = {
            "symbol": self.symbol,
            "interval": self.interval.value,
            "horizon_bars": self.horizon_bars,
            "calibration": asdict(self.calibration),
            "feature_names": list(self.feature_names),
            "feature_low": self.feature_low.tolist(),
            "feature_high": self.feature_high.tolist(),
            "training_digest": self.training_digest,
            "training_first_ms": self.training_first_ms,
            "training_last_ms": self.training_last_ms,
        }
        write_model_folder(folder, {"direction": self.direction, "spread": self.spread}, fields)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the forecaster saved in ``folder``, set to one thread.

        Raises:
            ModelNotReadyError: A file is missing, damaged or of another kind, or its features are not this code's.
        """
        boosters, fields = read_model_folder(folder, feature_names=FEATURE_NAMES)
        forecaster = cls(**boosters, **_typed(fields))
        forecaster.use_threads(1)
        return forecaster


class FeatureTableForecaster:
    """The forecaster as MLflow's pyfunc calls it: a table of features in, a table of forecasts out."""

    def __init__(self, forecaster: Forecaster) -> None:
        self.forecaster = forecaster

    def predict(self, frame: "pd.DataFrame") -> "pd.DataFrame":
        """Return one row of `Forecasts` for every row of features; columns are taken by name, in any order."""
        import pandas as pd

        features = frame[list(self.forecaster.feature_names)].to_numpy(dtype=np.float32)
        return pd.DataFrame(vars(self.forecaster.predict_features(features)), index=frame.index)


def _load_pyfunc(path: str) -> FeatureTableForecaster:
    """Return what `mlflow.pyfunc.load_model` wraps; logged with this module as ``loader_module``, without pickles."""
    return FeatureTableForecaster(Forecaster.load(Path(path)))


def _typed(fields: dict[str, Any]) -> dict[str, Any]:
    return fields | {
        "interval": CandleInterval(fields["interval"]),
        "calibration": Calibration(**fields["calibration"]),
        "feature_names": tuple(fields["feature_names"]),
        "feature_low": np.array(fields["feature_low"], dtype=np.float32),
        "feature_high": np.array(fields["feature_high"], dtype=np.float32),
    }
