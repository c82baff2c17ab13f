"""Airflow's UI, as a person finds it after a demo."""

import re

import pytest
from playwright.sync_api import Browser, Page, StorageState, expect

from tests.browser.visiting import Visitor
from tests.demo import Demo
from tests.demo_promises import DAGS

# What a person starts by hand.
BY_HAND = (
    "dane_sipsa_prices_ingestion",
    "bitcoin_data_ingestion",
    "bitcoin_training_pipeline",
    "file_ingestion_from_excel",
)


@pytest.fixture(scope="module")
def logged_in(browser: Browser, demo: Demo) -> StorageState:
    """Return what a browser keeps after the log-in; once, for Airflow refuses a sixth within 40 seconds."""
    visitor, values = Visitor(browser), demo.platform.values
    page = visitor.page(watched=False)
    page.goto(f"http://localhost:{demo.platform.ports.airflow}/")
    page.locator("input[name=username]").fill(values["AIRFLOW_ADMIN_USER"])
    page.locator("input[name=password]").fill(values["AIRFLOW_ADMIN_PASSWORD"])
    page.locator("input[type=submit]").click()
    page.get_by_role("link", name="Dags", exact=True).first.wait_for()
    state = page.context.storage_state()
    visitor.close()
    return state


@pytest.fixture
def airflow(visitor: Visitor, demo: Demo, logged_in: StorageState) -> Page:
    """Return the page that a person sees after the log-in."""
    page = visitor.page(watched=False, state=logged_in)
    page.goto(f"http://localhost:{demo.platform.ports.airflow}/")
    page.get_by_role("link", name="Dags", exact=True).first.wait_for()
    return page


def test_after_the_log_in_each_dag_is_listed_and_none_has_an_import_error(airflow: Page, demo: Demo) -> None:
    airflow.goto(f"http://localhost:{demo.platform.ports.airflow}/dags")
    for dag_id in DAGS:
        expect(airflow.get_by_role("link", name=dag_id, exact=True).first).to_be_visible()
    expect(airflow.get_by_text(re.compile("import error", re.IGNORECASE))).to_have_count(0)


@pytest.mark.parametrize("dag_id", BY_HAND)
def test_the_form_that_triggers_a_dag_explains_each_param(airflow: Page, demo: Demo, dag_id: str) -> None:
    described = demo.airflow.ask("GET", f"/api/v2/dags/{dag_id}/details")["params"]
    assert described
    airflow.goto(f"http://localhost:{demo.platform.ports.airflow}/dags/{dag_id}")
    airflow.get_by_role("button", name="Trigger").first.click()
    form = airflow.get_by_role("dialog")
    for name, param in described.items():
        assert param["description"], name
        # A form shows an explanation as Markdown, so only its plain beginning is looked for.
        plain = re.split(r"[`*\[<]", param["description"])[0].strip()
        expect(form.get_by_text(plain).first).to_be_attached()


def test_the_page_of_a_dag_shows_its_run_and_what_it_is(airflow: Page, demo: Demo) -> None:
    airflow.goto(f"http://localhost:{demo.platform.ports.airflow}/dags/bitcoin_training_pipeline/runs")
    expect(airflow.get_by_text("Success").first).to_be_visible()
    airflow.get_by_role("button", name="Dag Docs").first.click()
    expect(airflow.get_by_role("heading", name="From stored candles to a served forecaster")).to_be_visible()
