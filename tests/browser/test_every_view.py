"""What holds for each view, in both languages, on a phone and on a desk, by day and by night."""

from collections.abc import Callable

import pytest

from tests.browser.accessibility import violations
from tests.browser.contents import revised_series
from tests.browser.pages import (
    LANGUAGES,
    SMALLEST_WIDTH,
    VIEWS,
    WIDTHS,
    beyond_the_edge,
    load_milliseconds,
    open_view,
    panel_states,
)
from tests.browser.visiting import Visitor
from tests.demo import Demo

THEMES = ("light", "dark")
SIMULATED = {"es": "DATOS SIMULADOS", "en": "SIMULATED DATA"}
# A demo's exchange may have been away for no hour at all.
MAY_BE_EMPTY = {"gaps"}


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_each_view_has_content_and_breaks_no_rule_of_accessibility(
    visitor: Visitor, address: str, demo: Demo, view: str, language: str, width: int
) -> None:
    page = visitor.page(language=language, width=width)
    # Most series were never revised.
    open_view(page, address, view, revised_series(demo).query if view == "prices" else "")
    states = panel_states(page)
    assert states.keys() == set(VIEWS[view])
    assert {state for name, state in states.items() if name not in MAY_BE_EMPTY} == {"ready"}
    assert page.locator("html").get_attribute("lang") == language
    assert SIMULATED[language] in page.locator("#simulated-banner").inner_text()
    assert page.locator("nav a[aria-current=page]").count() == 1
    assert beyond_the_edge(page) == []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        assert violations(page) == [], theme


def test_the_page_opens_with_the_forecast(
    visitor: Visitor, address: str, record_property: Callable[[str, object], None]
) -> None:
    page = visitor.page()
    # How fast it must be is a matter of `make bench`.
    record_property("load_milliseconds", load_milliseconds(page, f"{address}/"))
    assert page.locator("main").get_attribute("data-view") == "forecast"


@pytest.mark.parametrize("view", VIEWS)
def test_no_view_scrolls_sideways_on_the_smallest_phone(visitor: Visitor, address: str, view: str) -> None:
    page = visitor.page(language="es", width=SMALLEST_WIDTH)
    open_view(page, address, view)
    for folded in page.locator("main details").all():
        folded.locator("summary").click()
    assert beyond_the_edge(page) == []


def test_the_chosen_theme_and_language_are_kept(visitor: Visitor, address: str) -> None:
    page = visitor.page(language="en", theme="light")
    open_view(page, address, "forecast")
    heading = page.locator("main h1").inner_text()
    page.locator("#theme-toggle").click()
    page.locator("#language-toggle").click()
    for _ in ("changed", "loaded again"):
        page.locator("html[lang=es][data-theme=dark] main[data-state=ready]").wait_for()
        assert page.locator("main h1").inner_text() != heading
        assert page.locator("#theme-toggle").get_attribute("aria-pressed") == "true"
        assert violations(page) == []
        page.reload()
