"""The page without a mouse."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import VIEWS, open_view, panel
from tests.browser.visiting import Visitor

# More than any view has to stop at.
MOST_STOPS = 200
FOCUSED = """() => {
    const element = document.activeElement;
    if (element === document.body) return null;
    const style = getComputedStyle(element);
    const box = element.getBoundingClientRect();
    return {
        name: element.id || element.className || element.getAttribute("href") || element.name || element.tagName,
        isMarked: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none"
            || [...(element.parentElement?.querySelectorAll(":focus-visible + *") ?? [])].length > 0,
        isSeen: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
        follows: window.lastStop ? Boolean(window.lastStop.compareDocumentPosition(element) & 4) : true,
        last: (window.lastStop = element) && null,
    };
}"""


def stops(page: Page) -> list[dict[str, object]]:
    """Return what the key Tab stops at, from the top of the page until it leaves it."""
    found: list[dict[str, object]] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None or (found and not stop["follows"]):
            return found
        found.append(stop)
    raise AssertionError(f"the key Tab stops at over {MOST_STOPS} places: {[stop['name'] for stop in found[-5:]]}")


@pytest.mark.parametrize("view", VIEWS)
def test_the_tab_key_visits_every_control_in_order_and_each_stop_is_seen(
    visitor: Visitor, address: str, view: str
) -> None:
    page = visitor.page()
    open_view(page, address, view)
    found = stops(page)
    names = [stop["name"] for stop in found]
    assert names[0] == "skip-link"
    assert {"theme-toggle", "language-toggle"} <= set(names)
    assert [name for name in names if str(name).startswith("#/")][:3] == ["#/forecast", "#/prices", "#/health"]
    assert [stop["name"] for stop in found if not (stop["isMarked"] and stop["isSeen"])] == []
    # The platform's links are at the end, so nothing in between is a trap.
    assert page.locator("#platform-links a").count() == 3


def test_the_skip_link_leads_past_the_header(visitor: Visitor, address: str) -> None:
    page = visitor.page()
    open_view(page, address, "prices")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    assert page.locator("main").get_attribute("data-view") == "prices"
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('#main').contains(document.activeElement)")


def test_a_product_is_found_and_chosen_with_the_arrow_keys(visitor: Visitor, address: str) -> None:
    page = visitor.page(language="es")
    open_view(page, address, "prices")
    field = page.locator("#product-search[role=combobox]")
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("platano")
    page.locator("#product-options [role=option]", has_text="Plátano").first.wait_for()
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    active = field.get_attribute("aria-activedescendant")
    option = page.locator(f"#{active}")
    expect(option).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    expect(field).to_have_attribute("aria-activedescendant", active)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "product=Pl%C3%A1tano" in url)
    expect(field).to_have_attribute("aria-expanded", "false")
    panel(page, "series")


def test_escape_closes_the_list_of_products_and_changes_nothing(visitor: Visitor, address: str) -> None:
    page = visitor.page()
    open_view(page, address, "prices")
    before = page.url
    field = page.locator("#product-search")
    field.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type("papa")
    expect(field).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("Escape")
    expect(field).to_have_attribute("aria-expanded", "false")
    assert page.url == before


def test_a_view_is_opened_with_the_enter_key(visitor: Visitor, address: str) -> None:
    page = visitor.page()
    open_view(page, address, "forecast")
    page.locator("nav a[href='#/health']").focus()
    page.keyboard.press("Enter")
    page.locator("main[data-view=health][data-state=ready]").wait_for()
    expect(page.locator("nav a[aria-current=page]")).to_have_attribute("href", "#/health")
