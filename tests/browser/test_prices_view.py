"""The view of the food prices: from a search without accents to a file with the same rows as the API."""

import csv
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.contents import revised_series
from tests.browser.pages import open_view, panel, table_rows
from tests.browser.visiting import Visitor
from tests.demo import Demo

UNITS = {"kg": "kg", "litre": "litre", "unit": "unit", "tonne": "tonne"}


@pytest.fixture
def view(visitor: Visitor, address: str) -> Page:
    page = visitor.page()
    open_view(page, address, "prices")
    return page


def test_a_search_without_accents_finds_the_product_by_its_name(view: Page) -> None:
    field = view.locator("#product-search")
    field.fill("platano")
    options = view.locator("#product-options [role=option]")
    options.first.wait_for()
    assert all("plátano" in text.lower() for text in options.all_inner_texts())
    chosen = options.first
    chosen.click()
    view.wait_for_url(lambda url: "product=Pl%C3%A1tano" in url)
    panel(view, "series")
    assert "Plátano" in view.locator("svg.price-chart title").first.text_content()


def test_each_chosen_market_is_a_line_in_the_unit_of_its_prices(view: Page) -> None:
    boxes = view.locator("#market-choices input[name=market]")
    expect(boxes.first).to_be_visible()
    checked = view.locator("#market-choices input[name=market]:checked")
    lines = view.locator("svg.price-chart polyline.line")
    before = checked.count()
    assert lines.count() >= before > 1
    dropped = checked.first.get_attribute("value")
    checked.first.uncheck()
    expect(checked).to_have_count(before - 1)
    assert view.locator(f"#market-choices input[value='{dropped}']").is_checked() is False
    expect(view.locator(".legend").first).not_to_contain_text(dropped)
    for chart in view.locator("svg.price-chart").all():
        unit = chart.get_attribute("id").removeprefix("price-chart-")
        assert UNITS[unit] in chart.locator("text.unit").text_content()


def test_the_file_has_the_same_rows_as_the_api(view: Page, demo: Demo, tmp_path: Path) -> None:
    link = view.locator("#csv-link")
    with view.expect_download() as started:
        link.click()
    started.value.save_as(tmp_path / "prices.csv")
    asked = [
        (name, value)
        for name, value in parse_qsl(urlsplit(link.get_attribute("href")).query)
        if name not in ("format", "limit")
    ]
    items = _items(demo, "/prices", [*asked, ("limit", "5000")])
    with (tmp_path / "prices.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows
    key = ("dataset", "market", "day", "price_unit", "load_id")
    assert [[row[name] for name in key] for row in rows] == [[str(item[name]) for name in key] for item in items]
    assert [float(row["mean_price_cop"]) for row in rows] == [item["mean_price_cop"] for item in items]


def test_the_comparison_has_each_market_and_is_sorted_by_what_is_chosen(view: Page, demo: Demo) -> None:
    query = dict(parse_qsl(urlsplit(view.locator("#csv-link").get_attribute("href")).query))
    wanted = urlencode({"product": query["product"], "dataset": query["dataset"], "limit": "1000"})
    items = demo.api(f"/prices/comparison?{wanted}").json()["items"]
    table = view.locator("table#comparison")
    market = table.locator("thead th").first
    assert [row.locator("th").inner_text() for row in table.locator("tbody tr").all()] == [
        item["market"] for item in items
    ]
    market.get_by_role("button").click()
    assert market.get_attribute("aria-sort") == "ascending"
    names = [row.locator("th").inner_text() for row in table.locator("tbody tr").all()]
    assert sorted(names) == sorted(item["market"] for item in items)
    assert names[0] == min(names)


def test_an_earlier_amount_of_a_revised_price_is_listed(visitor: Visitor, address: str, demo: Demo) -> None:
    revised = revised_series(demo)
    page = visitor.page(language="es")
    open_view(page, address, "prices", revised.query)
    panel(page, "revisions")
    assert len(table_rows(page.locator("table#revisions"))) == revised.revision_count
    expect(page.locator("svg.price-chart .revised").first).to_be_visible()


def test_an_address_with_filters_shows_what_its_sender_saw(view: Page, visitor: Visitor) -> None:
    view.locator("#period").select_option("90")
    panel(view, "series")
    view.wait_for_url(lambda url: "period=90" in url)
    other = visitor.page()
    other.goto(view.url)
    panel(other, "series")
    expect(other.locator("#period")).to_have_value("90")
    assert other.locator("#csv-link").get_attribute("href") == view.locator("#csv-link").get_attribute("href")


def _items(demo: Demo, path: str, asked: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return the items of all pages of a list."""
    items: list[dict[str, Any]] = []
    cursor: list[tuple[str, str]] = []
    while True:
        page = demo.api(f"{path}?{urlencode([*asked, *cursor])}").json()
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = [("cursor", page["next"])]
