"""A platform whose schemas are migrated and that loaded nothing yet: the page says what to do."""

import pytest
import requests

from mercado.warehouse.connection import connect
from tests.browser.accessibility import violations
from tests.browser.pages import LANGUAGES, VIEWS, WIDTHS, beyond_the_edge, open_view, panel_states
from tests.browser.visiting import Visitor
from tests.demo import Demo

# What fills a panel: a DAG, or what starts one.
REMEDIES = {
    "candles": "bitcoin_data_ingestion",
    "forecast": "bitcoin_training_pipeline",
    "skill": "prediction_monitoring",
    "versions": "bitcoin_training_pipeline",
    "search": "dane_sipsa_prices_ingestion",
    "sources": "dane_sipsa_prices_ingestion",
    "files": "landing_zone",
}
# Each of the others is empty: the sources are listed though nothing came from them yet.
OTHER_STATES = {"forecast": "notice", "sources": "ready"}


@pytest.fixture(scope="module")
def empty(platform: Demo, request: pytest.FixtureRequest) -> str:
    """Return the address of the API of a platform without data."""
    with connect(platform.platform.database_url("warehouse"), application="browser tests") as connection:
        is_empty = connection.execute("select count(*) from ops.loads").fetchone() == (0,)
    if request.config.getoption("--demo") and not is_empty:
        pytest.skip("the demo that was named has data")
    assert is_empty
    return f"http://127.0.0.1:{platform.platform.ports.api}"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("view", VIEWS)
def test_each_view_of_an_empty_platform_says_what_to_do(
    visitor: Visitor, empty: str, view: str, language: str, width: int
) -> None:
    page = visitor.page(language=language, width=width)
    if view == "forecast":
        _expect_the_refusal_without_champion(visitor, empty)
    open_view(page, empty, view)
    assert panel_states(page) == {name: OTHER_STATES.get(name, "empty") for name in VIEWS[view]}
    for name in REMEDIES.keys() & set(VIEWS[view]):
        assert REMEDIES[name] in page.locator(f"[data-panel={name}]").inner_text()
    assert violations(page) == []
    assert beyond_the_edge(page) == []


def _expect_the_refusal_without_champion(visitor: Visitor, address: str) -> None:
    """Let /predict answer 503, which a browser's console lists as an error, because and while no model is served."""
    refusal = requests.get(f"{address}/predict", timeout=30)
    assert refusal.status_code == 503
    assert refusal.json()["type"] == "urn:mercado:problem:model-not-ready"
    visitor.expect("/predict", 503)
