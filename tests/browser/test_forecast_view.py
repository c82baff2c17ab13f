"""The view of the forecast says what the API answers."""

import re

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.browser.pages import open_view, panel, table_rows
from tests.browser.visiting import Visitor
from tests.demo import Demo


@pytest.fixture
def view(visitor: Visitor, address: str) -> Page:
    page = visitor.page()
    open_view(page, address, "forecast")
    return page


def test_the_chart_has_each_candle_and_the_interval_of_the_newest_forecast(view: Page) -> None:
    for count in (72, 24):
        view.locator(f"label:has(input[name=candles][value='{count}'])").click()
        expect(view.locator("#candle-chart .candle")).to_have_count(count)
        expect(view.locator("#candle-chart .forecast-mark")).to_have_count(1)
        assert len(table_rows(panel(view, "candles").locator("table"))) == count
    assert "candles=24" in view.url


def test_the_chart_is_described_in_words(view: Page) -> None:
    chart = view.locator("svg#candle-chart[role=img]")
    assert "BTCUSDT" in chart.locator("title").text_content()
    assert re.search(r"\d", chart.locator("desc").text_content())


def test_the_newest_forecast_is_what_predict_answers(view: Page, demo: Demo) -> None:
    answer, text = demo.api("/predict").json(), panel(view, "forecast").inner_text()
    low, high = answer["price_interval"]["lower_price"], answer["price_interval"]["upper_price"]
    assert f"{answer['probability_up']:.1%}" in text
    assert f"{answer['forecast_price']:,.2f}" in text
    assert f"{low:,.2f} – {high:,.2f}" in text
    assert answer["data_origin"] in text


def test_the_figures_are_those_of_the_newest_monitoring(view: Page, demo: Demo) -> None:
    (look,) = demo.api("/monitoring?limit=1").json()["items"]
    shown = panel(view, "skill")
    groups = {(each["kind"], each["model_version"], each["window_days"]) for each in look["figures"]}
    assert look["figures"]
    assert len(table_rows(shown.locator("table"))) == len(groups)
    assert all(reason in shown.inner_text() for reason in look["reasons"])


def test_each_version_has_its_verdict_and_a_link_to_its_run_that_answers(view: Page, demo: Demo) -> None:
    versions = demo.api("/model/versions").json()["items"]
    rows = panel(view, "versions").locator("tbody tr")
    assert len(versions) == rows.count() >= 1
    assert "champion" in rows.first.inner_text()
    for row, version in zip(rows.all(), versions, strict=True):
        assert version["reason"] in row.inner_text()
        assert requests.get(row.locator("a").get_attribute("href"), timeout=30).status_code == 200


def test_the_passport_of_the_forecast_can_be_opened(view: Page, demo: Demo) -> None:
    link = panel(view, "forecast").locator("a[href^='/predictions/']")
    passport = demo.api(link.get_attribute("href"))
    assert passport.status_code == 200
    assert passport.json()["prediction_id"] == demo.api("/predict").json()["prediction_id"]


def test_the_links_to_the_other_parts_of_the_platform_answer(view: Page) -> None:
    links = view.locator("#platform-links a").all()
    assert len(links) == 3
    for link in links:
        assert requests.get(link.evaluate("link => link.href"), timeout=30).status_code == 200
