"""Axe-core's findings on a page."""

from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES: Final = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]},
    "resultTypes": ["violations"],
}


def violations(page: Page) -> list[str]:
    """Return a line for each element that breaks a rule: the rule, the element, what to repair."""
    found = Axe().run(page, options=RULES).response["violations"]
    return [_line(rule, node) for rule in found for node in rule["nodes"]]


def _line(rule: dict[str, Any], node: dict[str, Any]) -> str:
    element = " ".join(map(str, node["target"]))
    return f"{rule['id']} ({rule['impact']}): {element}: {' '.join(node['failureSummary'].split())}"
