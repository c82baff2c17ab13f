"""A platform that asks for a key: the page asks the reader for it, once."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import violations
from tests.browser.pages import READY, panel
from tests.browser.platforms import KEY, guarded_api
from tests.browser.visiting import Visitor
from tests.demo import Demo

# What the view of the forecast asks for before it knows the key.
ASKED = ("/platform", "/models", "/predict", "/candles", "/forecasts", "/monitoring", "/model/versions")


@pytest.fixture(scope="module")
def guarded(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Yield the address of an API that asks for a key."""
    with guarded_api(demo.platform, tmp_path_factory.mktemp("guarded") / "api.log") as address:
        yield address


@pytest.fixture
def asked(visitor: Visitor, guarded: str) -> Page:
    """Return the page that asks for a key."""
    page = visitor.page()
    for path in ASKED:
        visitor.expect(path, 401)
    page.goto(guarded)
    page.locator("form#key-form input#api-key[type=password]").wait_for()
    return page


def give(page: Page, key: str) -> None:
    page.locator("#api-key").fill(key)
    page.locator("#key-form [type=submit]").click()


def test_the_form_for_the_key_breaks_no_rule_of_accessibility(asked: Page) -> None:
    assert violations(asked) == []


def test_with_the_key_the_view_loads_and_keeps_it_for_this_tab_alone(asked: Page) -> None:
    give(asked, KEY)
    asked.locator(READY).wait_for()
    panel(asked, "forecast")
    assert asked.locator("#key-form").is_visible() is False
    asked.reload()
    panel(asked, "candles")
    assert asked.evaluate("Object.values(localStorage)").count(KEY) == 0


def test_a_wrong_key_is_asked_for_again(asked: Page) -> None:
    give(asked, "another")
    asked.wait_for_load_state("networkidle")
    assert asked.locator("#api-key").is_visible()
    give(asked, KEY)
    panel(asked, "forecast")


def test_with_a_key_in_use_a_file_of_prices_is_saved(asked: Page) -> None:
    give(asked, KEY)
    asked.locator(READY).wait_for()
    asked.locator("nav a[href='#/prices']").click()
    panel(asked, "series")
    with asked.expect_download() as started:
        asked.locator("#csv-link").click()
    assert started.value.suggested_filename.endswith(".csv")
    head, *rows = Path(started.value.path()).read_text(encoding="utf-8").splitlines()
    assert head.startswith("dataset,product,market,day,")
    assert rows
