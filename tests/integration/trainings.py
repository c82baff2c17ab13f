"""What the tests of training share: candles to learn from, a small plan, an empty registry, the API beside it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import mlflow
import numpy as np
from pydantic import SecretStr

from fastapi_app.main import create_app
from fastapi_app.model_source import mlflow_source
from fastapi_app.settings import ApiSettings
from mercado.bitcoin.archive import BinanceArchive
from mercado.bitcoin.candles import CandleInterval, CandleSeries
from mercado.bitcoin.download import Downloader
from mercado.bitcoin.plan import TrainingPlan
from mercado.bitcoin.rest import BinanceRest
from mercado.registry import FORECASTER_MODEL
from mercado.settings import BinanceSettings
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.api.client import TestClient
from tests.simulators.generated import Profile
from tests.simulators.running import running_simulator

HOUR = CandleInterval.ONE_HOUR
END = datetime(2024, 6, 3, 12, 30, tzinfo=UTC)
SMALL_PLAN = TrainingPlan(holdout_bars=2160, refits=2, tuning_folds=2, trials=3)
PATIENCE_SECONDS = 20
NEXT_CANDLE = """
insert into market_data.klines
select symbol, interval, open_time_utc + interval '1 hour', open_price, high_price, low_price, close_price, base_volume,
    close_time_utc + interval '1 hour', quote_volume, trade_count, taker_buy_base_volume, taker_buy_quote_volume,
    load_id
from market_data.klines
order by open_time_utc desc
limit 1
"""
REVISED_CANDLE = """
update market_data.klines
set base_volume = base_volume + 1
where open_time_utc = (select max(open_time_utc) - interval '10 hours' from market_data.klines)
"""
# A back-fill of 1200 candles; between them and what was stored some hours are missing.
OLDER_CANDLES = """
insert into market_data.klines
select symbol, interval, open_time_utc - interval '2000 hours', open_price, high_price, low_price, close_price,
    base_volume, close_time_utc - interval '2000 hours', quote_volume, trade_count, taker_buy_base_volume,
    taker_buy_quote_volume, load_id
from market_data.klines
order by open_time_utc
limit 1200
"""


def store_candles(url: SecretStr, profile: Profile, *, months: int, interval: CandleInterval = HOUR) -> SecretStr:
    """Migrate an empty warehouse, download a simulated history that ends at `END` into it, and return its URL."""
    first_month = END.year * 12 + END.month - 1 - months
    genesis = datetime(first_month // 12, first_month % 12 + 1, 1, tzinfo=UTC)
    migrate(url)
    with connect(url) as connection, running_simulator(profile=profile, genesis=genesis, now=END) as simulator:
        binance = BinanceSettings.model_validate(
            {"BINANCE_BASE_URL": simulator.base_url, "BINANCE_ARCHIVE_URL": simulator.archive_url}
        )
        Downloader(connection, BinanceRest(binance), BinanceArchive(binance), "BTCUSDT", interval).download()
    return url


def latest_unbroken(series: CandleSeries, count: int) -> CandleSeries:
    """Return the latest ``count`` consecutive candles."""
    steps = np.diff(series.open_time_ms) == series.interval.milliseconds
    unbroken = np.convolve(steps, np.ones(count - 1), mode="valid") == count - 1
    first = int(np.flatnonzero(unbroken)[-1])
    return series[first : first + count]


def empty_registry(tracking_uri: str, name: str = FORECASTER_MODEL) -> None:
    """Delete a registered model with all of its versions, if there is one."""
    client = mlflow.MlflowClient(tracking_uri)
    for model in client.search_registered_models(f"name = '{name}'"):
        client.delete_registered_model(model.name)


@contextmanager
def running_api(
    tracking_uri: str, *, model: str = FORECASTER_MODEL, warehouse: SecretStr | None = None, now: datetime = END
) -> Iterator[TestClient]:
    """Yield a client of the API, which follows ``model`` and believes that it is ``now``."""
    settings = ApiSettings(
        _env_file=None, MERCADO_API_MODEL=model, MERCADO_API_POLL_SECONDS=0.1, MERCADO_API_WAREHOUSE_URL=warehouse
    )
    with TestClient(create_app(settings, mlflow_source(tracking_uri, model), now=lambda: now)) as client:
        yield client


def wait_until(condition: Callable[[], bool]) -> None:
    """Return when ``condition`` holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"it did not happen within {PATIENCE_SECONDS} s"
        time.sleep(0.05)
