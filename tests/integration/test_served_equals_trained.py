"""What is served is what was trained: the feature row in float32, and every number of the forecast, bit for bit."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from numpy.typing import NDArray
from psycopg.conninfo import conninfo_to_dict

from fastapi_app.batch import LONGEST_SPAN_BARS
from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from mercado.bitcoin.candles import CandleSeries
from mercado.bitcoin.dataset import TrainingSet, build_training_set
from mercado.bitcoin.features import FEATURE_WINDOW_BARS, latest_features
from mercado.bitcoin.forecaster import Forecaster
from mercado.bitcoin.forecasts import Forecast, Forecasts, forecast_of_row
from mercado.bitcoin.grid import Grid, instant, to_grid
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.api.builders import FolderRegistry, save_model, train_forecaster
from tests.api.client import TestClient
from tests.benchmarks.hours import REAL_HOURS, hours
from tests.conftest import DatabaseServer
from tests.integration.served_models import SYMBOL, body_of, past_candles, store_series

POINTS: Final = 1000
# Enough for every place in a block, and quick.
POSTED: Final = 150
NUMBERS: Final = ("probability_up", "expected_log_return", "last_close", "forecast_price", "unusual_share")


@dataclass(frozen=True)
class History:
    """Candles with gaps, stored in a warehouse of their own, and the training set made from all of them at once.

    Attributes:
        series: The candles.
        rows: The training set.
        chosen: Places in ``rows`` of random bars that have 1000 bars up to them.
        client: Of an API that reads the warehouse.
        forecaster: That it serves.
    """

    series: CandleSeries
    rows: TrainingSet
    chosen: NDArray[np.int64]
    client: TestClient
    forecaster: Forecaster

    def window(self, open_ms: int) -> Grid:
        """Return the 1000 bars up to one, made from the candles that were stored when it had just closed."""
        stop = int(np.searchsorted(self.series.open_time_ms, open_ms)) + 1
        return to_grid(self.series[stop - FEATURE_WINDOW_BARS : stop])[-FEATURE_WINDOW_BARS:]

    def windows(self) -> Iterator[Grid]:
        return map(self.window, self.rows.open_time_ms[self.chosen].tolist())

    def trained(self) -> Forecasts:
        """Return what the rows of the training set give, all at once."""
        return self.forecaster.predict_features(self.rows.features[self.chosen])

    def expected(self) -> list[Forecast]:
        trained = self.trained()
        return [forecast_of_row(window.series, trained, row) for row, window in enumerate(self.windows())]


def generated_hours() -> CandleSeries:
    """Return two years of hours from which twenty outages of 1 to 40 hours took some."""
    series = past_candles(17_520)
    rng = np.random.default_rng(3)
    kept = np.ones(len(series), dtype=np.bool_)
    for start, length in zip(rng.integers(0, len(series), 20), rng.integers(1, 41, 20), strict=True):
        kept[start : start + length] = False
    kept[-1] = True
    return CandleSeries(series.interval, *(getattr(series, name)[kept] for name in list(vars(series))[1:]))


@pytest.fixture(
    scope="module",
    params=[
        "generated",
        pytest.param("real", marks=pytest.mark.skipif(not REAL_HOURS.exists(), reason=f"no {REAL_HOURS}")),
    ],
)
def history(
    request: pytest.FixtureRequest, database_server: DatabaseServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[History]:
    series = hours() if request.param == "real" else generated_hours()
    owner = database_server.create_database(f"{request.param}_hours_db")
    migrate(owner)
    with connect(owner, application="tests") as connection:
        store_series(connection, series)
    name = conninfo_to_dict(owner.get_secret_value())["dbname"]
    settings = ApiSettings(_env_file=None, MERCADO_API_WAREHOUSE_URL=database_server.url("api_reader", str(name)))
    forecaster = train_forecaster()
    app = create_app(settings, FolderRegistry({1: saved(forecaster, tmp_path_factory)}, champion_number=1))
    app.state.services.follower.poll()
    rows = build_training_set(series, symbol=SYMBOL)
    long_enough = np.flatnonzero(rows.open_time_ms >= series.open_time_ms[FEATURE_WINDOW_BARS])
    chosen = np.sort(np.random.default_rng(7).choice(long_enough, POINTS, replace=False))
    yield History(series, rows, chosen, TestClient(app), forecaster)
    app.state.services.reader.close()


def saved(forecaster: Forecaster, folders: pytest.TempPathFactory) -> Path:
    folder = folders.mktemp("served")
    save_model(folder, forecaster)
    return folder


def numbers_of(forecast: Forecast) -> list[float]:
    return [*(getattr(forecast, name) for name in NUMBERS), forecast.lower_price, forecast.upper_price]


def numbers_in(answer: Any) -> list[float]:
    interval = answer["price_interval"]
    return [*(answer[name] for name in NUMBERS), interval["lower_price"], interval["upper_price"]]


def test_the_points_lie_on_both_sides_of_gaps_and_give_many_different_forecasts(history: History) -> None:
    filled = [int(window.missing.sum()) for window in history.windows()]
    assert min(filled) == 0
    assert sum(count > 0 for count in filled) > POINTS // 20
    assert len(np.unique(history.trained().expected_log_return)) > POINTS // 10


def test_the_feature_row_of_1000_bars_is_the_row_of_the_whole_historys_training_set(history: History) -> None:
    served = np.stack([latest_features(window) for window in history.windows()])
    assert served.dtype == np.float32
    assert served.tobytes() == history.rows.features[history.chosen].tobytes()


def test_a_single_forecast_is_the_training_rows_bit_for_bit(history: History) -> None:
    single = [history.forecaster.forecast(window.series) for window in history.windows()]
    assert single == history.expected()


def test_a_batch_over_http_is_the_training_rows_bit_for_bit(history: History) -> None:
    expected = history.expected()
    # So many bars at most are read for one request.
    parts = np.array([each.as_of_ms for each in expected]) // (LONGEST_SPAN_BARS * history.series.interval.milliseconds)
    answered = []
    for part in np.unique(parts):
        moments = [instant(expected[place].as_of_ms) for place in np.flatnonzero(parts == part)]
        request = {"symbol": SYMBOL, "interval": history.series.interval, "as_of_utc": moments}
        answer = history.client.post("/predict/batch", json=request)
        assert answer.status_code == 200, answer.text
        answered += answer.json()["forecasts"]
    assert [numbers_in(each) for each in answered] == [numbers_of(each) for each in expected]
    assert [each["filled_candles"] for each in answered] == [int(window.missing.sum()) for window in history.windows()]


def test_posted_candles_over_http_give_the_training_rows_forecast_bit_for_bit(history: History) -> None:
    expected = history.expected()
    unbroken = [place for place, window in enumerate(history.windows()) if not window.missing.any()]
    for place in unbroken[:: len(unbroken) // POSTED]:
        window = history.window(int(history.rows.open_time_ms[history.chosen[place]]))
        answer = history.client.post("/predict", json=body_of(window.series))
        assert answer.status_code == 200, answer.text
        assert numbers_in(answer.json()) == numbers_of(expected[place])


def test_scored_training_rows_over_http_give_the_same_bit_for_bit(history: History) -> None:
    rows = history.rows.features[history.chosen]
    answer = history.client.post("/predict/features", json={"features": rows.tolist()})
    assert answer.status_code == 200, answer.text
    trained = {name: column.tolist() for name, column in vars(history.trained()).items()}
    assert {name: answer.json()[name] for name in trained} == trained
