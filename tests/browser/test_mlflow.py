"""MLflow's UI, as a person finds it after a demo."""

from playwright.sync_api import expect

from mercado.registry import FORECASTER_MODEL, Registry
from tests.browser.visiting import Visitor
from tests.demo import Demo


def test_the_experiment_lists_the_training_of_the_champion(visitor: Visitor, demo: Demo) -> None:
    champion = Registry(demo.mlflow).champion()
    assert champion is not None
    page = visitor.page(watched=False)
    page.goto(f"{demo.mlflow}/#/experiments")
    page.get_by_role("link", name=FORECASTER_MODEL, exact=True).first.wait_for()
    address = page.get_by_role("link", name=FORECASTER_MODEL, exact=True).first.get_attribute("href")
    page.goto(f"{demo.mlflow}/{address}/runs")
    expect(page.locator(f"a[href*='{champion.run_id}']").first).to_be_visible()


def test_the_models_page_shows_the_champion(visitor: Visitor, demo: Demo) -> None:
    page = visitor.page(watched=False)
    page.goto(f"{demo.mlflow}/#/models/{FORECASTER_MODEL}")
    expect(page.get_by_text("champion").first).to_be_visible()
    expect(page.get_by_text("Version 1").first).to_be_visible()
