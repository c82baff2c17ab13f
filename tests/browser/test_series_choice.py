"""With the models of several series the view of the forecast offers a choice, and each of its panels follows it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from playwright.sync_api import expect
from pydantic import SecretStr

from fastapi_app.main import create_app
from fastapi_app.settings import ApiSettings
from mercado.bitcoin.features import FEATURE_WINDOW_BARS
from mercado.warehouse.connection import connect
from mercado.warehouse.schema import migrate
from tests.api.builders import FolderRegistry, save_model, train_forecaster
from tests.api.serving import running_server
from tests.browser.pages import open_view, panel, table_rows
from tests.browser.visiting import Visitor
from tests.conftest import DatabaseServer
from tests.integration.served_models import past_candles, store_series

SYMBOLS = ("BTCUSDT", "ETHUSDT")
CLOSED = datetime(2024, 1, 2, 0, 5, tzinfo=UTC)


@pytest.fixture(scope="module")
def candles(database_server: DatabaseServer) -> SecretStr:
    """Return the reader's URL of a warehouse that holds candles of two symbols."""
    url = database_server.create_database("series_choice_db")
    migrate(url)
    with connect(url, application="tests") as connection:
        for seed, symbol in enumerate(SYMBOLS, start=7):
            store_series(connection, past_candles(FEATURE_WINDOW_BARS, seed=seed), symbol=symbol)
    return database_server.url("api_reader", "series_choice_db")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the folder of each symbol's model."""
    made = {}
    for seed, symbol in enumerate(SYMBOLS, start=31):
        made[symbol] = tmp_path_factory.mktemp(symbol)
        save_model(made[symbol], train_forecaster(seed=seed, symbol=symbol))
    return made


@contextmanager
def serving(candles: SecretStr, folders: dict[str, Path], *, series: str, model: str = "BTCUSDT") -> Iterator[str]:
    """Yield the address of an API that serves the models of ``series``, once the default one, ``model``, answers."""
    names = {"BTCUSDT": "bitcoin-forecaster", "ETHUSDT": "bitcoin-forecaster-ETHUSDT-1h"}
    registries = {
        names[symbol]: FolderRegistry({1: folder}, 1, name=names[symbol]) for symbol, folder in folders.items()
    }
    registries[names["ETHUSDT"]].folders[2] = folders["ETHUSDT"]
    settings = ApiSettings(
        _env_file=None, MERCADO_API_MODEL=names[model], MERCADO_SERIES=series, MERCADO_API_WAREHOUSE_URL=candles
    )
    app = create_app(settings, now=lambda: CLOSED, sources=registries.__getitem__)
    app.state.services.follower.poll()
    with running_server(app) as address:
        yield address


def price_of(address: str, symbol: str) -> str:
    return f"{requests.get(f'{address}/predict?symbol={symbol}', timeout=30).json()['forecast_price']:,.2f}"


@pytest.mark.parametrize(("language", "label"), [("en", "Series"), ("es", "Serie")])
def test_each_panel_follows_the_chosen_series(
    visitor: Visitor, candles: SecretStr, folders: dict[str, Path], language: str, label: str
) -> None:
    page = visitor.page(language=language)
    with serving(candles, folders, series="BTCUSDT-1h,ETHUSDT-1h") as address:
        prices = {symbol: price_of(address, symbol) for symbol in SYMBOLS}
        assert prices["BTCUSDT"] != prices["ETHUSDT"]
        open_view(page, address, "forecast")
        choice = page.get_by_label(label, exact=True)
        expect(page.locator("h1")).to_have_text({"en": "Forecasts", "es": "Pronósticos"}[language])
        assert choice.locator("option").all_inner_texts() == ["BTCUSDT 1h", "ETHUSDT 1h"]
        for symbol, versions in (("ETHUSDT", 2), ("BTCUSDT", 1)):
            choice.select_option(f"{symbol} 1h")
            name = "bitcoin-forecaster" if symbol == "BTCUSDT" else "bitcoin-forecaster-ETHUSDT-1h"
            expect(panel(page, "forecast")).to_contain_text(name)
            expect(panel(page, "versions").locator("tbody tr")).to_have_count(versions)
            expect(page.locator("svg#candle-chart title")).to_contain_text(symbol)
            expect(page.locator("#candle-chart .forecast-mark")).to_have_count(1)
            assert f"symbol={symbol}" in page.url


def test_the_controls_follow_the_address(visitor: Visitor, candles: SecretStr, folders: dict[str, Path]) -> None:
    page = visitor.page()
    with serving(candles, folders, series="BTCUSDT-1h,ETHUSDT-1h") as address:
        open_view(page, address, "forecast")
        choice = page.get_by_label("Series", exact=True)
        choice.select_option("ETHUSDT 1h")
        page.get_by_role("radio", name="24").check(force=True)
        expect(page).to_have_url(re.compile("candles=24"))
        page.go_back()
        expect(page.get_by_role("radio", name="72")).to_be_checked()
        expect(choice).to_have_value("ETHUSDT 1h")
        page.go_back()
        expect(choice).to_have_value("BTCUSDT 1h")
        expect(panel(page, "forecast")).to_contain_text("BTCUSDT 1h")


def test_with_one_model_its_series_comes_first_and_is_not_named_in_what_is_asked(
    visitor: Visitor, candles: SecretStr, folders: dict[str, Path]
) -> None:
    page, asked = visitor.page(), []
    page.on("request", lambda request: asked.append(request.url))
    with serving(candles, {"ETHUSDT": folders["ETHUSDT"]}, series="ETHUSDT-1h", model="ETHUSDT") as address:
        open_view(page, address, "forecast")
        expect(page.locator("h1")).to_have_text("Bitcoin forecast")
        # Of BTCUSDT there are candles too, and its name comes before.
        expect(page.get_by_label("Series", exact=True)).to_have_value("ETHUSDT 1h")
        assert price_of(address, "ETHUSDT") in panel(page, "forecast").inner_text()
        expect(page.locator("#candle-chart .forecast-mark")).to_have_count(1)
        assert f"{address}/predict" in asked
        assert f"{address}/model/versions" in asked
        assert len(table_rows(panel(page, "versions").locator("table"))) == 2


@pytest.mark.parametrize(
    ("language", "words"), [("en", "no model forecasts it"), ("es", "ningún modelo la pronostica")]
)
def test_a_series_without_a_model_is_never_shown_beside_the_forecast_of_another(
    visitor: Visitor, candles: SecretStr, folders: dict[str, Path], language: str, words: str
) -> None:
    page = visitor.page(language=language)
    with serving(candles, folders, series="BTCUSDT-1h") as address:
        open_view(page, address, "forecast", "symbol=ETHUSDT&interval=1h")
        for name in ("forecast", "versions"):
            expect(panel(page, name, state="empty")).to_contain_text(words)
        expect(page.locator("svg#candle-chart title")).to_contain_text("ETHUSDT")
        assert price_of(address, "BTCUSDT") not in page.locator("main").inner_text()


def test_while_the_list_of_models_fails_no_other_series_forecast_takes_its_place(
    visitor: Visitor, candles: SecretStr, folders: dict[str, Path]
) -> None:
    page = visitor.page()
    visitor.expect("/models", 503)
    page.route("**/models", lambda route: route.fulfill(status=503, json={"title": "busy", "status": 503}))
    with serving(candles, folders, series="BTCUSDT-1h,ETHUSDT-1h") as address:
        open_view(page, address, "forecast", "symbol=ETHUSDT&interval=1h")
        expect(page.locator("svg#candle-chart title")).to_contain_text("ETHUSDT")
        assert price_of(address, "BTCUSDT") not in page.locator("main").inner_text()
