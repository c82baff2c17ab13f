"""The read API with 700,000 market prices: each question's 95th percentile, and the page in a real browser.

Beside it the plain way to find a product by a word: among the prices themselves, without the names that loads keep.
"""

import json
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any, Final
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict
from pydantic import SecretStr

from mercado.registry import FORECASTER_MODEL
from tests.benchmarks.measuring import measure
from tests.benchmarks.servers import simulators, training_platform
from tests.benchmarks.serving_figures import percentile
from tests.browser.chromium import running_chromium
from tests.browser.pages import load_milliseconds
from tests.commands import MERCADO
from tests.conftest import PASSWORD
from tests.integration.api_process import ApiProcess, Client, running_api_process

PACKAGES: Final = ("fastapi", "playwright", "psycopg", "uvicorn")
ROWS: Final = {
    "promediosSipsaParcial": 700_000,
    "promediosSipsaCiudad": 100_000,
    "promediosSipsaSemanaMadr": 60_000,
    "promediosSipsaMesMadr": 20_000,
}
TRAINING: Final = ("--trials", "1", "--refits", "1", "--holdout-bars", "1000")
HOURS: Final = 500
WSDL: Final = "/sipsaWS/SrvSipsaUpraBeanService?WSDL"
ROUNDS: Final = 200
PAGE_LOADS: Final = 15
SLOWEST: Final = "slowest question: p95, ms"
PAGE: Final = "page at /: median, ms"
RATIO: Final = "plain / ours, a product by a word"
TARGETS: Final = {SLOWEST: "< 50", PAGE: "< 1000"}
PLAIN: Final = """
    select distinct product from sipsa_data.food_prices
    where sipsa_data.search_form(product) like '%%' || sipsa_data.search_form(%s) || '%%'
"""
SERIES: Final = """
    select product, market from sipsa_data.price_series
    where dataset = 'market_daily' order by product, market
"""


def run() -> dict[str, Any]:
    """Measure and return the figures."""
    with training_platform() as environment:
        _fill(environment)
        with psycopg.connect(environment["MERCADO_WAREHOUSE_URL"]) as connection, _api(environment) as api:
            series = connection.execute(SERIES).fetchall()
            _ask_for_forecasts(api)
            questions = {what: _asked(api, ask, series) for what, ask in _questions().items()}
            plain = _plain(connection, series)
            page = _page(api)
    found = questions["/products?q=WORD"]
    return {
        "what": f"{sum(ROWS.values()):,} food prices, {ROWS['promediosSipsaParcial']:,} of them daily in markets",
        "ours": {SLOWEST: max(each["p95_ms"] for each in questions.values()), PAGE: page},
        "ratio": {RATIO: round(plain / found["p50_ms"], 1)},
        "target": TARGETS,
        "questions": questions,
        "plain": {"p50_ms": plain, "what": "select distinct product … like, among the prices"},
        "rounds": ROUNDS,
        "page_loads": PAGE_LOADS,
    }


def _fill(environment: dict[str, str]) -> None:
    for operation, rows in ROWS.items():
        with simulators("--sipsa-rows", str(rows)) as address:
            environment["SIPSA_WSDL_URL"] = address + WSDL
            measure([MERCADO, "sipsa", "ingest", "--operation", operation], environment)
    with simulators() as address:
        binance = {"BINANCE_BASE_URL": address, "BINANCE_ARCHIVE_URL": f"{address}/archive"}
        measure([MERCADO, "bitcoin", "download"], environment | binance)
    measure([MERCADO, "bitcoin", "train", *TRAINING], environment)
    measure([MERCADO, "model", "promote", "1"], environment)


@contextmanager
def _api(environment: Mapping[str, str]) -> Iterator[ApiProcess]:
    parts = conninfo_to_dict(environment["MERCADO_WAREHOUSE_URL"]) | {"user": "api_reader", "password": PASSWORD}
    url = SecretStr("postgresql://{user}:{password}@{host}:{port}/{dbname}".format(**parts))
    with (
        tempfile.TemporaryDirectory() as folder,
        running_api_process(
            Path(folder),
            model=FORECASTER_MODEL,
            mlflow_uri=environment["MLFLOW_TRACKING_URI"],
            warehouse=url,
            MERCADO_API_POLL_SECONDS="5",  # as everywhere but in tests
        ) as api,
    ):
        while api.serves() is None:
            time.sleep(0.2)
        yield api


def _ask_for_forecasts(api: ApiProcess) -> None:
    """Let there be forecasts of the newest hours to read."""
    candles = api.read(f"/candles?limit={HOURS}")["items"]
    instants = [candle["open_time_utc"] for candle in reversed(candles[1:])]
    answer = api.ask("POST", "/predict/batch", {"symbol": "BTCUSDT", "interval": "1h", "as_of_utc": instants})
    if answer.status != 200:
        sys.exit(f"POST /predict/batch: {answer.body.decode()}")


Series = list[tuple[str, str]]
Ask = Callable[[str, str], str]


def _questions() -> dict[str, Ask]:
    """Return each question of the read API, by what it is shown as, made from a product and a market that has it."""
    plain = (
        "/products",
        "/markets",
        "/candles",
        "/forecasts",
        "/monitoring",
        "/loads",
        "/quality",
        "/quality/rejected-rows",
        "/quality/files",
        "/quality/gaps",
        "/platform",
    )
    return {
        "/products?q=WORD": lambda product, _: f"/products?q={product.split()[0]}",
        "/markets?product=…": lambda product, _: f"/markets?product={product}",
        "/prices?product=…": lambda product, _: f"/prices?product={product}",
        "/prices?product=…&market=…": lambda product, market: f"/prices?product={product}&market={market}",
        "/prices/revisions?product=…": lambda product, _: f"/prices/revisions?product={product}",
        "/prices/comparison?product=…": lambda product, _: f"/prices/comparison?product={product}",
        **{path: lambda _, __, path=path: path for path in plain},  # type: ignore[misc]
    }


def _asked(api: ApiProcess, ask: Ask, series: Series) -> dict[str, float]:
    """Return latencies of a question about products and markets chosen at random, the same at each run."""
    chance = random.Random(7)
    milliseconds = []
    with Client(api.port) as client:
        for asked in range(ROUNDS + 10):
            answer = client.ask("GET", quote(ask(*chance.choice(series)), safe="/?=&"))
            if answer.status != 200:
                sys.exit(f"{answer.status}: {answer.body.decode()}")
            if asked >= 10:  # warmed up
                milliseconds.append(answer.seconds * 1000)
    rows = json.loads(answer.body).get("items", [])
    return {f"p{percent}_ms": round(percentile(milliseconds, percent), 1) for percent in (50, 95)} | {"rows": len(rows)}


def _plain(connection: psycopg.Connection, series: Series) -> float:
    """Return the median milliseconds of finding products by a word among the prices themselves."""
    chance = random.Random(7)
    milliseconds = []
    for _ in range(5):
        started = time.perf_counter()
        connection.execute(PLAIN, (chance.choice(series)[0].split()[0],)).fetchall()
        milliseconds.append((time.perf_counter() - started) * 1000)
    return round(median(milliseconds), 1)


def _page(api: ApiProcess) -> float:
    """Return the median milliseconds from navigating to the page until every panel has its answer, each time anew."""
    with running_chromium() as browser:
        loads = []
        for _ in range(PAGE_LOADS):
            page = browser.new_page()
            loads.append(load_milliseconds(page, f"http://127.0.0.1:{api.port}/"))
            page.close()
    return round(median(loads), 0)
