"""The view of the data's health: what was loaded, refused and left out, with the reasons."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.pages import open_view, panel, table_rows
from tests.browser.visiting import Visitor
from tests.demo import Demo
from tests.simulators.workbooks import foreign


@pytest.fixture
def view(visitor: Visitor, address: str) -> Page:
    page = visitor.page()
    open_view(page, address, "health")
    return page


def test_each_source_is_listed_with_its_last_load_and_how_fresh_it_is(view: Page, demo: Demo) -> None:
    sources = demo.api("/quality").json()["sources"]
    rows = view.locator("table#sources tbody tr")
    assert len(sources) == rows.count() >= 8  # six operations, workbooks, candles
    for row, source in zip(rows.all(), sources, strict=True):
        text = row.inner_text()
        assert (source["scope"] or "") in text  # the landing zone is a source without parts
        assert f"#{source['last_load']['load_id']}" in text
        assert source["rule"] in text


def test_a_refused_file_is_listed_with_its_reason(view: Page) -> None:
    view.locator("#files-status").select_option("refused")
    view.wait_for_url(lambda url: "files=refused" in url)
    row = panel(view, "files").locator("tbody tr", has_text=foreign.FILE_NAME)
    expect(row).to_have_count(1)
    assert foreign.REASON in row.inner_text().lower()


def test_a_row_that_was_left_out_is_listed_with_its_place_and_its_rule(view: Page, demo: Demo) -> None:
    view.locator("#rejected-source").select_option("landing")
    view.wait_for_url(lambda url: "rejected=landing" in url)
    items = demo.api("/quality/rejected-rows?source=landing&limit=25").json()["items"]
    assert items
    rows = panel(view, "rejected").locator("table#rejected-rows")
    expect(rows.locator("tbody tr")).to_have_count(len(items))
    shown = [" ".join(row.values()) for row in table_rows(rows)]
    assert all(item["place"] in text and item["rule"] in text for item, text in zip(items, shown, strict=True))


def test_the_totals_are_those_of_the_api(view: Page, demo: Demo) -> None:
    quality = demo.api("/quality").json()
    figures = [int(text.split()[0].replace(",", "")) for text in view.locator("dl.figures dd").all_inner_texts()]
    names = ("rejected_rows", "quarantined_files", "missing_candles", "unmapped_names")
    assert figures == [quality[name] for name in names]
    assert quality["rejected_rows"] > 0
    assert quality["quarantined_files"] == 1
