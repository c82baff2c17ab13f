"""Mercado's page: its views and panels by their hooks, and how long it takes to load."""

from typing import Any, Final

from playwright.sync_api import Locator, Page

VIEWS: Final = {
    "forecast": ("candles", "forecast", "skill", "versions"),
    "prices": ("search", "series", "revisions", "comparison"),
    "health": ("sources", "rejected", "files", "gaps"),
}
LANGUAGES: Final = ("es", "en")
WIDTHS: Final = (390, 1280)
SMALLEST_WIDTH: Final = 320
READY: Final = "main[data-state=ready]"
_TOO_WIDE: Final = """() => {
    const room = document.documentElement.clientWidth;
    if (document.documentElement.scrollWidth <= room) return [];
    const edge = (each) => each.getBoundingClientRect().right;
    const wide = [...document.body.querySelectorAll("*")].filter((each) => edge(each) > room + 1);
    return wide.map((each) => `${each.tagName} ${each.id} ${each.className} ${edge(each)}`);
}"""


def open_view(page: Page, address: str, view: str, query: str = "") -> None:
    """Open a view and return when each of its panels has an answer.

    Args:
        page: Where to.
        address: Of the API, without a slash at its end.
        view: One of ``VIEWS``.
        query: Filters, as they stand in the page's address behind ``?``.
    """
    page.goto(f"{address}/#/{view}{'?' if query else ''}{query}")
    page.locator(f"{READY}[data-view={view}]").wait_for()


def load_milliseconds(page: Page, address: str) -> float:
    """Load the page at ``address`` and return the time from the navigation's start until all panels have an answer."""
    page.goto(address, wait_until="commit")
    page.locator(READY).wait_for()
    milliseconds: float = page.evaluate("performance.now()")
    return milliseconds


def panel(page: Page, name: str, state: str = "ready") -> Locator:
    """Return a panel once it is in a state."""
    found = page.locator(f"section[data-panel={name}][data-state={state}]")
    found.wait_for()
    return found


def panel_states(page: Page) -> dict[str, str]:
    """Return the state of each panel by its name."""
    panels = page.locator("main section[data-panel]").all()
    return {str(each.get_attribute("data-panel")): str(each.get_attribute("data-state")) for each in panels}


def beyond_the_edge(page: Page) -> list[str]:
    """Return the elements that make the page scroll sideways; none where it does not."""
    found: list[str] = page.evaluate(_TOO_WIDE)
    return found


def table_rows(table: Locator) -> list[dict[str, str]]:
    """Return a table's rows, each cell by the text of its column's head."""
    heads = table.locator("thead th").all_inner_texts()
    rows: list[Any] = [row.locator("th, td").all_inner_texts() for row in table.locator("tbody tr").all()]
    return [dict(zip(heads, row, strict=True)) for row in rows]
